from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_found_by_email")]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["subject"], name="audit_subject", opclasses=["varchar_pattern_ops"]),
        ),
    ]
