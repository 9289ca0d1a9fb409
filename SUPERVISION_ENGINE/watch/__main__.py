"""`python -m SUPERVISION_ENGINE.watch gunicorn`: watch one service, until Supervisor ends it."""

import os
import sys
import time

from OC_PIZZA.server import CannotRunError, read_environment
from SUPERVISION_ENGINE.watch.loop import Watch
from SUPERVISION_ENGINE.watch.place import NotDeployedError, environment_file
from SUPERVISION_ENGINE.watch.probes import Site
from SUPERVISION_ENGINE.watch.services import NAMES, service_named

# As the engines' logs: Paris, even on a server that has no time zone data yet.
PARIS = "CET-1CEST,M3.5.0,M10.5.0/3"


def main() -> None:
    os.umask(0o022)
    os.environ["TZ"] = PARIS
    time.tzset()
    if sys.argv[1:] not in [[name] for name in NAMES]:
        sys.exit(f"Usage : python -m SUPERVISION_ENGINE.watch {'|'.join(NAMES)}")
    try:
        site = Site.of(read_environment(environment_file()))
    except (CannotRunError, NotDeployedError) as error:
        sys.exit(str(error))
    Watch(service_named(sys.argv[1]), site).run()


main()
