"""What a check says when it does not let a component pass."""

from dataclasses import dataclass


class Refused(Exception):
    """The line asks for what cannot be; the message tells the operator why."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A refusal and the line of controller.ini that it is about; line 0 is the file itself."""

    line: int
    message: str
