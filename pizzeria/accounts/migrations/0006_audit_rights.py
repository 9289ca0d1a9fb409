"""The site's role has no right to change the audit log."""

from django.db import migrations

from pizzeria.accounts.rights import GRANT, REVOKE


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_screens")]
    operations = [migrations.RunSQL(REVOKE, GRANT)]
