"""What passed of a quarter of an hour before anybody asked for it is not baked in later on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ordering", "0010_search_and_gestures")]
    operations = [
        migrations.AddField(
            model_name="ovenslot",
            name="gone",
            field=models.PositiveIntegerField(
                db_default=0, default=0, help_text="What had passed unasked when somebody took the rest."
            ),
        )
    ]
