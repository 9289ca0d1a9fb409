"""What no query needs is not written with every movement: an entry for nobody; and the index of a store that another one begins with
would have PostgreSQL read all that the store has for the ten rows of an order.

Django writes the foreign keys whose index changes anew: the whole of their tables is compared once, while the site is closed for its update.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('stock', '0007_return_of_a_change'),
        ('stores', '0005_edition_of_the_promise'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='movement',
            name='acting_user',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='stockitem',
            name='store',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='stock', to='stores.store'),
        ),
        migrations.AddIndex(
            model_name='movement',
            index=models.Index(condition=models.Q(('acting_user__isnull', False)), fields=['acting_user'], name='movement_acting_user'),
        ),
    ]
