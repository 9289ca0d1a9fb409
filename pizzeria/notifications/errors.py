"""How the sending of a notice may end other than well."""


class CarryingError(Exception):
    """It did not arrive; `why` is a word of ours, or a status of theirs: never what a server says, which may name somebody."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotCarriedError(CarryingError):
    """It was not taken: it is tried again after a pause, the others meanwhile."""


class ServerDownError(CarryingError):
    """Nobody answers there, or they say later: it is tried again, and so are the others, after a pause."""


class UnconfirmedError(CarryingError):
    """It was given away, and nobody knows whether it was taken: sent again, it might come twice."""


class RefusedError(CarryingError):
    """It will never be taken: nobody is at that address."""


class OvertakenError(Exception):
    """Whoever sends it was thought dead, and somebody else has it: it must not leave."""
