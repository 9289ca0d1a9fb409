"""Why a backup cannot be made or used; the message tells the operator what to do."""


class BackupError(Exception):
    """A backup could not be made, or the one that was asked for does not exist."""


class DamagedBackup(BackupError):
    """What is kept is not what was written."""
