import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_addresses_of_before")]

    operations = [
        migrations.AddField(
            model_name="mail",
            name="attempts",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="mail",
            name="next_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                help_text="When it is tried next; who sends it has put it off, should they die of it.",
            ),
        ),
    ]
