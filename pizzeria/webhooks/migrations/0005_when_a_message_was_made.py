from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0004_addresses_that_go")]

    operations = [migrations.AddField(model_name="delivery", name="made_at", field=models.DateTimeField(db_default=Now()))]
