"""What is kept of the addresses that asked for silence is sealed with SILENCE_KEY: the numbers of all telephones are soon tried."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from pizzeria.notifications.stopping import sealed


def seal(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    for stop in apps.get_model("notifications", "Stop").objects.iterator():
        stop.digest = sealed(stop.digest)
        stop.save(update_fields=["digest"])


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_one_browser_for_several_orders")]
    # There is no way back from a seal: what was stopped meanwhile stays so with the release that knows it.
    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
