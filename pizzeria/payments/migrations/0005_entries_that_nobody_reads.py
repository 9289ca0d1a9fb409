"""What no query needs is not written with every payment: an entry for nobody, and what Django adds to a unique text for LIKE.

Django writes the foreign keys whose index changes anew: the whole of their tables is compared once, while the site is closed for its update.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DROP = """
DROP INDEX payments_payment_reference_1d502039_like;
"""
CREATE = """
CREATE INDEX payments_payment_reference_1d502039_like ON payments_payment (reference varchar_pattern_ops);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('ordering', '0015_entries_that_nobody_reads'),
        ('payments', '0004_refund_returns'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='payment',
            name='cash_round',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='payments.cashround'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='received_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('cash_round__isnull', False)), fields=['cash_round'], name='payment_cash_round'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('received_by__isnull', False)), fields=['received_by'], name='payment_received_by'),
        ),
        migrations.RunSQL(DROP, CREATE),
    ]
