"""The short-lived process that sends one message: `python -m SUPERVISION_ENGINE.watch.telling`, the message on its input.

Prints, as JSON, what could not be sent. The addresses and the mail server's password come from the site's environment
file, read here and now: they are in no argument and in no long-lived process.
"""

import json
import sys

from OC_PIZZA.server import read_environment
from SUPERVISION_ENGINE.watch.place import environment_file
from SUPERVISION_ENGINE.watch.sending import Message, send

WAYS = {"courriel": "ALERT_EMAILS", "webhook": "ALERT_WEBHOOK"}


def main() -> None:
    asked = json.load(sys.stdin)
    environment = read_environment(environment_file())
    # What has arrived by one way is not sent again because the other one failed.
    for way, variable in WAYS.items():
        if asked["ways"] is not None and way not in asked["ways"]:
            environment.pop(variable, None)
    json.dump(send(Message(**asked["message"]), environment=environment), sys.stdout)


if __name__ == "__main__":
    main()
