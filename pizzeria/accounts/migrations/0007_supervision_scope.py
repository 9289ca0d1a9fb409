"""A scope for the supervision: the tokens that its people hold already keep opening what they opened."""

import django.contrib.postgres.fields
from django.db import migrations, models

KEEP_OPENING = """
UPDATE accounts_apitoken SET scopes = scopes || ARRAY['supervision:read']::varchar(20)[]
WHERE NOT 'supervision:read' = ANY (scopes)
  AND user_id IN (SELECT user_id FROM accounts_staffrole WHERE role IN ('operator', 'direction'));
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_audit_rights")]

    operations = [
        migrations.AlterField(
            "apitoken",
            "scopes",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("orders:read", "lire les commandes"),
                        ("orders:move", "faire avancer les commandes"),
                        ("supervision:read", "lire la supervision"),
                    ],
                    max_length=20,
                ),
                db_default=["orders:read", "orders:move"],
                default=list,
                help_text="Nothing is allowed that is not named here.",
                size=None,
            ),
        ),
        migrations.RunSQL(KEEP_OPENING, migrations.RunSQL.noop),
    ]
