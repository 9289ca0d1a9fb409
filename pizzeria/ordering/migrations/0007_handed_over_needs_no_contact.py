from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("ordering", "0006_unclaimed_by_email")]

    operations = [
        migrations.RemoveConstraint(model_name="order", name="order_can_be_contacted"),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=~Q(phone="") | ~Q(email="") | Q(anonymised_at__isnull=False) | Q(status="delivered"),
                name="order_can_be_contacted",
            ),
        ),
    ]
