from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_mails_tried_again")]

    operations = [
        migrations.AddIndex(
            model_name="user",
            index=models.Index(Upper("email"), name="user_by_email_in_any_case"),
        ),
    ]
