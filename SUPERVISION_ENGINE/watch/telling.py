"""The short-lived process that sends one message: `python -m SUPERVISION_ENGINE.watch.telling`, the message on its input.

Prints, as JSON, what could not be sent. The addresses and the mail server's password come from the site's environment
file, read here and now: they are in no argument and in no long-lived process.
"""

import json
import sys

from OC_PIZZA.server import read_environment
from SUPERVISION_ENGINE.watch.place import environment_file
from SUPERVISION_ENGINE.watch.sending import WAYS, Message, send


def main() -> None:
    asked = json.load(sys.stdin)
    environment = read_environment(environment_file())
    ways = WAYS if asked["ways"] is None else asked["ways"]
    json.dump(send(Message(**asked["message"]), environment=environment, ways=ways), sys.stdout)


if __name__ == "__main__":
    main()
