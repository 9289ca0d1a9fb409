"""How often a service has died lately: how long to wait before it is started again, and when to stop trying."""

WINDOW = 120.0
AT_MOST = 5
HEALED = 60.0
"""Seconds of health after which what was is forgotten."""
LONGEST_PAUSE = 60.0


class Deaths:
    """Moments on the monotonic clock, which goes on from one watch to the next."""

    def __init__(self, moments: list[float] | None = None) -> None:
        self.moments = list(moments or [])

    def count(self, now: float) -> None:
        self.moments = [*(moment for moment in self.moments if now - moment < WINDOW), now]

    def forget(self) -> None:
        self.moments = []

    @property
    def pause(self) -> float:
        """Seconds to wait before the next start: none after the first death that is not forgotten, then 1, 2, 4 and so on."""
        return min(2.0 ** (len(self.moments) - 2), LONGEST_PAUSE) if len(self.moments) > 1 else 0.0

    @property
    def are_too_many(self) -> bool:
        return len(self.moments) > AT_MOST
