"""Commands of the site with the settings of a server, without one."""

import os
import subprocess
import sys

from tests.running import CHECKOUT

SERVER = {
    "SECRET_KEY": "a-key-of-a-server-that-is-long-and-has-more-than-five-letters-0123456789",
    "DATABASE_URL": "postgres:///none",
    "ALLOWED_HOSTS": "pizza.example",
    "HTTPS": "1",
    "STRIPE_SECRET_KEY": "sk_test_of_nobody",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_of_nobody",
    "STRIPE_WEBHOOK_SECRET": "whsec_of_nobody",
    "PATH": os.environ["PATH"],
}


def manage(*command: str) -> str:
    """What a command of manage.py prints, on either stream; it must succeed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=CHECKOUT, env=SERVER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
