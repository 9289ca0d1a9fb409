from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_stock_scope")]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["subject"], name="audit_subject", opclasses=["varchar_pattern_ops"]),
        ),
    ]
