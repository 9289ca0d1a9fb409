"""The extensions of the manual's two tables (6.1.3), and how each kind's content is checked."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from pizzeria.operations.components.controller import Entry, Weight
from pizzeria.operations.components.pictures import (
    read_gif,
    read_ico,
    read_jpeg,
    read_pdf,
    read_png,
    read_webp,
    structured,
)
from pizzeria.operations.components.refusal import Refused
from pizzeria.operations.components.scripts import check_page, check_svg
from pizzeria.operations.components.stripping import UNREADABLE, bare
from pizzeria.operations.components.texts import (
    check_css,
    check_ini,
    check_javascript,
    check_json,
    check_psql,
    check_python,
)

Check = Callable[[bytes], None]

LIGHT: dict[str, Check] = {
    "ico": structured("ICO", read_ico),
    "jpg": structured("JPEG", read_jpeg),
    "jpeg": structured("JPEG", read_jpeg),
    "png": structured("PNG", read_png),
    "pdf": structured("PDF", read_pdf),
    "gif": structured("GIF", read_gif),
    "webp": structured("WebP", read_webp),
    "svg": check_svg,
}
HEAVY: dict[str, Check] = {
    "py": check_python,
    "html": check_page,
    "css": check_css,
    "js": check_javascript,
    "json": check_json,
    "ini": check_ini,
    "psql": check_psql,
}
WEIGHTS = dict.fromkeys(LIGHT, Weight.LIGHT) | dict.fromkeys(HEAVY, Weight.HEAVY)


def check_heading(entry: Entry) -> None:
    """Raises Refused for an extension that the manual does not know, or knows under the other heading."""
    extension = entry.extension
    if extension not in WEIGHTS:
        known = ", ".join(f".{name}" for name in WEIGHTS)
        raise Refused(
            _("L’extension « .%(extension)s » n’est pas connue (%(known)s).") % {"extension": extension, "known": known}
        )
    if entry.weight and entry.weight is not WEIGHTS[extension]:
        raise Refused(
            _("Un fichier .%(extension)s va sous « # %(title)s ».")
            % {"extension": extension, "title": WEIGHTS[extension].value}
        )


def checked_content(entry: Entry, data: bytes) -> bytes:
    """What of a file is put in its place: of a picture the picture alone. Raises Refused for one that is not what its name says."""
    if not data:
        raise Refused(_("%(file)s est vide.") % {"file": entry.file})
    check = {**LIGHT, **HEAVY}.get(entry.extension)
    if check is None:
        return data  # refused already, for its extension
    try:
        check(data)
        return bare(entry.extension, data)
    except UNREADABLE:
        raise Refused(_("%(file)s : Ce n’est pas une image entière.") % {"file": entry.file}) from None
    except Refused as refusal:
        raise Refused(_("%(file)s : %(message)s") % {"file": entry.file, "message": refusal}) from refusal
