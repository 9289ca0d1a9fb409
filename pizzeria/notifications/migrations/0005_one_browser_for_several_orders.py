"""A browser that asks to be told of a second order goes on being told of the first."""

from django.db import migrations, models
from django_migration_linter.operations import IgnoreMigration


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_refunds_are_told")]
    operations = [
        # The release before knows nothing of this table: it came with 0001, in this one.
        IgnoreMigration(),
        migrations.AlterField(
            "subscription",
            "endpoint",
            models.TextField(help_text="The address of its push service: whoever has it and our key may push."),
        ),
        migrations.AddConstraint(
            "subscription",
            models.UniqueConstraint(
                fields=("endpoint", "order", "customer"), nulls_distinct=False, name="push_subscription_once"
            ),
        ),
    ]
