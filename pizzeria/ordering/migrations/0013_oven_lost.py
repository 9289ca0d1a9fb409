"""What is lost of the ovens is written down, and what has passed of a quarter of an hour counts as used."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ordering", "0012_drafts")]
    operations = [
        migrations.AddField(
            model_name="ovenslot",
            name="lost",
            field=models.PositiveIntegerField(
                db_default=0, default=0, help_text="What ovens that are out of order would have given."
            ),
        ),
        migrations.RemoveConstraint(model_name="ovenslot", name="oven_slot_not_overbooked"),
        migrations.RunSQL(
            "UPDATE ordering_ovenslot SET gone = minutes - reserved WHERE reserved + gone > minutes",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="ovenslot",
            constraint=models.CheckConstraint(
                condition=models.Q(minutes__gte=models.F("reserved") + models.F("gone")),
                name="oven_slot_not_overbooked",
            ),
        ),
    ]
