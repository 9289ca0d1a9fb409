"""What no query needs is not written with every order: an index that another one begins with, an entry for nobody, a
check that a constraint with a name implies, and what Django adds to a unique text for LIKE, where whole ones are looked up.

Django writes the foreign keys whose index changes anew: the whole of their tables is compared once, while the site is closed for its update.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DROP = """
DROP INDEX ordering_order_token_d481443e_like;
DROP INDEX ordering_idempotencykey_key_8c61354d_like;
"""
CREATE = """
CREATE INDEX ordering_order_token_d481443e_like ON ordering_order (token varchar_pattern_ops);
CREATE INDEX ordering_idempotencykey_key_8c61354d_like ON ordering_idempotencykey (key varchar_pattern_ops);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0007_edition_now'),
        ('ordering', '0014_reason_of_a_client'),
        ('stores', '0005_edition_of_the_promise'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='cartline',
            name='quantity',
            field=models.SmallIntegerField(default=1, verbose_name='quantité'),
        ),
        migrations.AlterField(
            model_name='cartline',
            name='second_half',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.variant'),
        ),
        migrations.AlterField(
            model_name='order',
            name='customer',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='order',
            name='driver',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='order',
            name='pizzaiolo',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='order',
            name='store',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='stores.store'),
        ),
        migrations.AlterField(
            model_name='order',
            name='taken_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='orderevent',
            name='acting_user',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='orderline',
            name='quantity',
            field=models.SmallIntegerField(default=1, verbose_name='quantité'),
        ),
        migrations.AlterField(
            model_name='orderline',
            name='second_half',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.variant'),
        ),
        migrations.AlterField(
            model_name='ovenreservation',
            name='minutes',
            field=models.IntegerField(help_text='One at least.'),
        ),
        migrations.AlterField(
            model_name='ovenreservation',
            name='order',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='oven_reservations', to='ordering.order'),
        ),
        migrations.AlterField(
            model_name='ovenslot',
            name='minutes',
            field=models.IntegerField(help_text='Not below what is reserved and gone, which are not below zero.'),
        ),
        migrations.AlterField(
            model_name='ovenslot',
            name='store',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='oven_slots', to='stores.store'),
        ),
        migrations.AddIndex(
            model_name='cartline',
            index=models.Index(condition=models.Q(('second_half__isnull', False)), fields=['second_half'], name='cart_line_second_half'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('taken_by__isnull', False)), fields=['taken_by'], name='order_taken_by'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('pizzaiolo__isnull', False)), fields=['pizzaiolo'], name='order_pizzaiolo'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('driver__isnull', False)), fields=['driver'], name='order_driver'),
        ),
        migrations.AddIndex(
            model_name='orderevent',
            index=models.Index(condition=models.Q(('acting_user__isnull', False)), fields=['acting_user'], name='order_event_acting_user'),
        ),
        migrations.AddIndex(
            model_name='orderline',
            index=models.Index(condition=models.Q(('second_half__isnull', False)), fields=['second_half'], name='order_line_second_half'),
        ),
        migrations.RunSQL(DROP, CREATE),
    ]
