import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django_migration_linter.operations import IgnoreMigration


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_supervision_scope")]

    operations = [
        # What becomes unique is a column that the release before never sets.
        IgnoreMigration(),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(help_text="Where its words are: `account/email/email_changed`.", max_length=60),
                ),
                ("to", models.EmailField(max_length=254)),
                (
                    "site",
                    models.CharField(
                        help_text="The address of the site that its links begin with.", max_length=300
                    ),
                ),
                ("language", models.CharField(max_length=5)),
                ("details", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="address",
            name="is_usual",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Where the next order goes, unless they say otherwise."
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_usual", True)), fields=("user",), name="address_one_is_usual"
            ),
        ),
    ]
