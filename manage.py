#!/usr/bin/env python3
"""Django's command line for OC Pizza."""

import os
import sys
from pathlib import Path

from OC_PIZZA.server import CannotRunError, prepare_command


def main() -> None:
    try:
        prepare_command(Path(__file__))
    except CannotRunError as error:
        sys.exit(str(error))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "OC_PIZZA.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - on the release's Python

    from OC_PIZZA.logs import speak_in_lines  # noqa: PLC0415

    speak_in_lines()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
