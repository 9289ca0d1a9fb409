"""Clients who had an account before addresses were confirmed get theirs as an address to confirm."""

from django.db import migrations
from django.db.models import Exists, OuterRef

BATCH = 1000


def write(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    known = EmailAddress.objects.filter(user=OuterRef("pk"))
    clients = User.objects.filter(roles=None, is_staff=False, is_superuser=False, anonymised_at=None).exclude(email="")
    without = clients.filter(~Exists(known)).values_list("pk", "email")
    # Not confirmed: that they have signed in proves a password, and no mailbox.
    EmailAddress.objects.bulk_create(
        (EmailAddress(user_id=pk, email=email.lower(), primary=True, verified=False) for pk, email in without),
        batch_size=BATCH,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("accounts", "0008_mails_and_usual_address"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
