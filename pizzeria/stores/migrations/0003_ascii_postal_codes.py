import django.core.validators
from django.db import migrations, models


def _postal_code() -> models.CharField:
    validator = django.core.validators.RegexValidator("\\A[0-9]{5}\\Z", "Un code postal a cinq chiffres.")
    return models.CharField(max_length=5, validators=[validator], verbose_name="code postal")


class Migration(migrations.Migration):
    dependencies = [("stores", "0002_edition")]
    operations = [
        migrations.AlterField("store", "postal_code", _postal_code()),
        migrations.AlterField("deliveryzone", "postal_code", _postal_code()),
    ]
