"""What is refused to people who manage accounts, or stand before a shared screen."""

from pizzeria.errors import BusinessError


class NotTheirs(BusinessError):
    """A person, or a role, that is not the acting one's to manage."""

    code = "not_theirs"
    status = 403


class OwnRight(BusinessError):
    """Nobody takes from themselves what they manage the team by."""

    code = "own_right"


class NoRole(BusinessError):
    code = "no_role"
    status = 422


class UnknownColleague(BusinessError):
    """No account of the staff has this identifier."""

    code = "unknown_colleague"
    status = 422


class StaffChanged(BusinessError):
    """Somebody else changed this person meanwhile; `details["now"]` has the values as they are."""

    code = "staff_changed"


class PoorPin(BusinessError):
    """A PIN that is none, or that everybody tries first."""

    code = "poor_pin"
    status = 422


class WrongPin(BusinessError):
    """`details["left"]` says how many tries are left."""

    code = "wrong_pin"
    status = 422


class PinLocked(BusinessError):
    """Tried too often: its owner signs in with their password first."""

    code = "pin_locked"
