"""Whether a text is what its name says, as far as that can be known without running it."""

import configparser
import json
import re
import warnings
from typing import NoReturn

from django.template import TemplateSyntaxError, engines
from django.utils.translation import gettext as _

from pizzeria.operations.components.refusal import Refused

CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
QUOTED = r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\""""
CSS_SKIPPED = re.compile(rf"/\*.*?\*/|url\([^'\")]*\)|{QUOTED}", re.DOTALL)
FOREIGN_STYLE = re.compile(r"@import\s+(?:url\(\s*)?['\"]?\s*(?:[a-z]+:)?//", re.IGNORECASE)
FOREIGN_MODULE = re.compile(
    r"""(?:^|[;\s])(?:import|export)\b[^;'"`]*['"`](?:[a-z]+:)?//|importScripts\(\s*['"`](?:[a-z]+:)?//""",
    re.IGNORECASE,
)
SQL_SKIPPED = re.compile(
    r"--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|\be'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"",
    re.DOTALL | re.IGNORECASE,
)


def text_of(data: bytes) -> str:
    """The file's text. Raises Refused for what is no text, or was left in the middle of a merge."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(_("Ce n’est pas un texte en UTF-8 (octet %(at)s).") % {"at": error.start}) from error
    if "\0" in text:
        raise Refused(_("Ce n’est pas un texte : il contient un octet nul."))
    if CONFLICT.search(text):
        raise Refused(_("Il y reste les marques d’une fusion (<<<<<<<, >>>>>>>)."))
    return text


def check_python(data: bytes) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text_of(data), "<component>", "exec", dont_inherit=True)
    except SyntaxError as error:
        words = {"line": error.lineno, "error": error.msg}
        raise Refused(_("Ce Python ne se compile pas, ligne %(line)s : %(error)s.") % words) from error
    except (RecursionError, MemoryError) as error:  # which of them depends on where the nesting is too deep
        raise Refused(_("Ce Python ne se compile pas : ses expressions sont trop imbriquées.")) from error


def check_template(data: bytes) -> None:
    """Parse it with the site's own engine and the libraries of the release in service."""
    try:
        engines["django"].from_string(text_of(data))
    except TemplateSyntaxError as error:
        raise Refused(_("Ce gabarit ne se lit pas : %(error)s") % {"error": error}) from error


def check_json(data: bytes) -> None:
    def no_number(name: str) -> NoReturn:
        raise ValueError(name)

    try:
        json.loads(text_of(data), parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(_("Ce n’est pas du JSON : %(error)s.") % {"error": error}) from error


def check_ini(data: bytes) -> None:
    try:
        configparser.ConfigParser(interpolation=None).read_string(text_of(data))
    except configparser.Error as error:
        raise Refused(_("Ce n’est pas un fichier INI : %(error)s.") % {"error": error.message}) from error


def check_css(data: bytes) -> None:
    """Its braces close; whether its rules mean anything is for a browser to say."""
    text = text_of(data)
    _refuse_page(text)
    if FOREIGN_STYLE.search(text):
        raise Refused(_("Il charge une feuille de style d’un autre site."))
    depth = 0
    for brace in re.findall(r"[{}]", CSS_SKIPPED.sub("", text)):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            break
    if depth:
        raise Refused(_("Ses accolades ne se ferment pas toutes."))


def check_javascript(data: bytes) -> None:
    """It is a text, no web page, and loads nothing from elsewhere; only a browser could parse it."""
    text = text_of(data)
    _refuse_page(text)
    if FOREIGN_MODULE.search(text):
        raise Refused(_("Il charge un script d’un autre site."))


def check_psql(data: bytes) -> None:
    """Its quotes and comments close, and nothing in it is for psql itself, which could run a program."""
    rest = SQL_SKIPPED.sub(" ", text_of(data))
    if re.search(r"'|\"|/\*|\$\w*\$", rest):
        raise Refused(_("Une chaîne ou un commentaire n’y est pas fermé."))
    if "\\" in rest:
        raise Refused(_("Il contient une commande de psql (\\) : seul du SQL est accepté."))


def _refuse_page(text: str) -> None:
    """What a server answers instead of a missing file is often saved under the file's name."""
    if text.lstrip().startswith("<"):
        raise Refused(_("C’est une page web, enregistrée sous ce nom."))
