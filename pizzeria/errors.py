"""The one base of every refusal that a person is told about."""

from typing import ClassVar


class BusinessError(Exception):
    """A refusal with a stable code, an HTTP status and a sentence that says what to do.

    `message` is already in the user's language; `details` is plain data for the API.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = str(message)
        self.details = details
