"""What came back to the shelves came of an order that was cancelled, or changed: a word alone, nothing of the table."""

from django.db import migrations, models

REASONS = [
    ("initial", "stock initial"),
    ("order", "commande"),
    ("return", "commande annulée ou modifiée"),
    ("raise", "ajout"),
    ("lower", "retrait"),
    ("delivery", "livraison reçue"),
    ("waste", "perte"),
    ("count", "inventaire"),
]


class Migration(migrations.Migration):
    dependencies = [("stock", "0006_off_sale_and_counting")]
    operations = [
        migrations.AlterField("movement", "reason", models.CharField(choices=REASONS, max_length=8)),
    ]
