"""`./manage.py vapidkeys`: a key for web push, as the line that the environment wants."""

from django.core.management.base import BaseCommand

from pizzeria.notifications.pushing import new_private_key


class Command(BaseCommand):
    help = (
        "Makes a key to sign push messages with, and prints the line for the file of the environment. It keeps nothing."
    )

    def handle(self, *_arguments: object, **_options: object) -> None:
        # The public one is worked out from it. Another key later: every browser has to be asked again.
        self.stdout.write(f'VAPID_PRIVATE_KEY="{new_private_key()}"')
