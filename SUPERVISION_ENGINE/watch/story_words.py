"""A line of a story in words that an operator reads."""

from typing import Any

from SUPERVISION_ENGINE.watch.story_sources import Line

STATUSES = {
    "awaiting_payment": "En attente de paiement",
    "to_prepare": "À réaliser",
    "taken": "Prise en charge",
    "preparing": "En préparation",
    "ready": "Prête",
    "delivering": "En livraison",
    "delivered": "Livrée",
    "cancelled": "Annulée",
}
"""Those of Order.Status: a test compares them."""
ROLES = {
    "customer": "le client",
    "system": "le système",
    "pizzaiolo": "un pizzaiolo",
    "driver": "un livreur",
    "cashier": "un caissier",
    "manager": "un responsable",
    "direction": "la direction",
}


def in_words(line: Line) -> str:
    """What happened, on one line."""
    told = line.told
    if line.process == "nginx":
        return f"{told['asked']} : {told['status']} en {_duration(told['seconds'])}"
    if told.get("logger") == "gunicorn.access":
        return f"{told['method']} : {told['status']}, {told['bytes']} octets en {_duration(told['seconds'])}"
    event = told.get("event", "")
    words = _EVENTS[event](told) if event in _EVENTS else _plainly(told)
    level = told.get("level", "INFO")
    return words if level in {"DEBUG", "INFO"} else f"{level} {words}"


def _placed(told: dict[str, Any]) -> str:
    return f"commande passée à {told.get('store', '?')} par {_who(told)} : « {_status(told['to_status'])} »"


def _moved(told: dict[str, Any]) -> str:
    return f"de « {_status(told['from_status'])} » à « {_status(told['to_status'])} » par {_who(told)}"


def _refused(told: dict[str, Any]) -> str:
    return f"commande refusée : {told.get('code', '?')}"


def _late(told: dict[str, Any]) -> str:
    return f"en retard : l’heure promise est passée, encore « {_status(told['from_status'])} »"


def _handed_out(told: dict[str, Any]) -> str:
    watchers = told.get("watchers", 0)
    if not watchers:
        return f"« {_status(told.get('to_status', ''))} » : personne ne regardait"
    return f"« {_status(told.get('to_status', ''))} » annoncée à {watchers} page{'s' if watchers > 1 else ''}"


_EVENTS = {"placed": _placed, "moved": _moved, "refused": _refused, "late": _late, "handed_out": _handed_out}


def _plainly(told: dict[str, Any]) -> str:
    """The line's own words; of an exception, the last line, which says what it was."""
    words = " ".join(str(told.get("message", "")).split())
    if error := str(told.get("error", "")).strip():
        raised = [part for part in error.splitlines() if part and not part.startswith((" ", "DETAIL:", "CONTEXT:"))]
        words = f"{words} : {raised[-1]}" if raised else words
    return words


def _status(name: str) -> str:
    return STATUSES.get(name, name)


def _who(told: dict[str, Any]) -> str:
    who = ROLES.get(told.get("role", ""), told.get("role", "?"))
    return f"{who} (compte {told['user_id']})" if told.get("user_id") else who


def _duration(seconds: float) -> str:
    return f"{round(seconds * 1000)} ms" if seconds < 1 else f"{seconds:.1f} s".replace(".", ",")
