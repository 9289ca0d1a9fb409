"""The ceiling of titres-restaurant since 2022-10-01: 25 euros (décret n° 2022-1266 du 29 septembre 2022)."""

from datetime import date
from decimal import Decimal

from django.db import migrations


def write(apps, schema_editor):
    apps.get_model("payments", "VoucherCeiling").objects.get_or_create(
        starts_on=date(2022, 10, 1), defaults={"amount": Decimal("25.00")}
    )


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_online_and_refunds")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
