"""The site's role has no right to change the journal."""

from django.db import migrations

from pizzeria.ledger.rights import GRANT, REVOKE


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_never_rewritten")]
    operations = [migrations.RunSQL(REVOKE, GRANT)]
