from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("ordering", "0005_online_and_refunds")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                Lower("email"), condition=models.Q(("customer__isnull", True)), name="order_unclaimed_by_email"
            ),
        ),
    ]
