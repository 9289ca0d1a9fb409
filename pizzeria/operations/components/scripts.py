"""Scripts that a page or a drawing may not bring: those of other sites, and those written into it.

The site's Content-Security-Policy lets browsers run its own files only; a page that counts on anything
else is broken there, and a drawing opened by itself would run its script as the site.
"""

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from django.utils.translation import gettext as _

from pizzeria.operations.components.refusal import Refused
from pizzeria.operations.components.texts import check_template, text_of

TEMPLATE_TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")
BLANKS = re.compile(r"[\x00-\x20]+")
FOREIGN = re.compile(r"[a-z][a-z0-9+.-]*:|[/\\]{2}", re.IGNORECASE)
EVENT = re.compile(r"on[a-z]+", re.IGNORECASE)
DATA_TYPES = frozenset({"application/json", "application/ld+json"})
LOADERS = {"script": "src", "base": "href", "iframe": "src", "embed": "src", "object": "data"}
SVG = "{http://www.w3.org/2000/svg}"


def check_page(data: bytes) -> None:
    check_template(data)
    reader = _Page()
    try:
        reader.feed(TEMPLATE_TAGS.sub("", text_of(data)))
        reader.close()
    except AssertionError as error:  # how html.parser says that it cannot go on
        raise Refused(_("Ce gabarit ne se lit pas : %(error)s") % {"error": error}) from error


class _Page(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Of an attribute that stands there twice a browser takes the first.
        written = {name: value or "" for name, value in reversed(attrs)}
        for name, value in attrs:
            _check_attribute(name, value or "")
        if "srcdoc" in written:
            raise Refused(_("Il contient une page dans la page (srcdoc)."))
        if tag == "script" and "src" not in written and written.get("type", "").lower() not in DATA_TYPES:
            raise Refused(_("Il contient un script écrit dans la page : les navigateurs ne l’exécuteraient pas."))
        if FOREIGN.match(BLANKS.sub("", written.get(LOADERS.get(tag, ""), ""))):
            raise Refused(_("Il charge <%(tag)s> d’un autre site.") % {"tag": tag})


def check_svg(data: bytes) -> None:
    text = text_of(data)
    if re.search(r"<!ENTITY|<\?xml-stylesheet", text):
        raise Refused(_("Ce dessin contient une entité ou une feuille de style externe."))
    try:
        root = ET.fromstring(text)  # nosec B314  # noqa: S314 - no entity is left in it
    except ET.ParseError as error:
        raise Refused(_("Ce n’est pas un dessin SVG : %(error)s.") % {"error": error}) from error
    if root.tag != f"{SVG}svg":
        raise Refused(_("Ce n’est pas un dessin SVG."))
    for element in root.iter():
        _check_element(element)


def _check_element(element: ET.Element) -> None:
    tag = str(element.tag).rpartition("}")[2]
    if tag.lower() in {"script", "foreignobject", "handler", "iframe"}:
        raise Refused(_("Ce dessin contient <%(tag)s>.") % {"tag": tag})
    for full_name, value in element.attrib.items():
        name = full_name.rpartition("}")[2]
        _check_attribute(name, value)
        link = BLANKS.sub("", value)
        if tag != "a" and name == "href" and FOREIGN.match(link) and not link.startswith("data:image/"):
            raise Refused(_("Ce dessin charge %(link)s.") % {"link": link[:60]})
        # An animation could write a script into the link that it moves.
        if tag in {"set", "animate"} and name == "attributeName" and EVENT.fullmatch(value):
            raise Refused(_("Il contient du script (%(name)s).") % {"name": value})


def _check_attribute(name: str, value: str) -> None:
    if (EVENT.fullmatch(name) and value) or BLANKS.sub("", value).lower().startswith("javascript:"):
        raise Refused(_("Il contient du script (%(name)s).") % {"name": name})
