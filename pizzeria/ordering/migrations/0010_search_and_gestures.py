from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models

from pizzeria.ordering.folding import phone_backwards, words_vector


def _amount(help_text: str) -> models.DecimalField:
    return models.DecimalField(
        max_digits=10, decimal_places=2, default=Decimal("0.00"), db_default=Decimal("0.00"), help_text=help_text
    )


class Migration(migrations.Migration):
    dependencies = [("ordering", "0009_changes_are_history")]

    operations = [
        migrations.AddField(
            model_name="daysales",
            name="discounts",
            field=_amount("What offers took off the prices: clients never paid it."),
        ),
        migrations.AddField(
            model_name="daysales",
            name="gestures",
            field=_amount("What the house gave back of orders that stand; the turnover is without it."),
        ),
        migrations.AddIndex(model_name="order", index=GinIndex(words_vector(), name="order_words")),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(OpClass(phone_backwards(), "text_pattern_ops"), name="order_phone_backwards"),
        ),
    ]
