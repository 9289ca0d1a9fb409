"""A component is what its name says; a page or a drawing brings no script of its own or of others."""

from pathlib import Path

import pytest
from django.conf import settings as site

from pizzeria.operations.components.controller import Entry, Weight
from pizzeria.operations.components.kinds import HEAVY, LIGHT, checked_content
from pizzeria.operations.components.refusal import Refused
from pizzeria.operations.tests.components import GIF, ICO, JPEG, PDF, PNG, SVG, WEBP

PICTURES = {"png": PNG, "jpg": JPEG, "jpeg": JPEG, "gif": GIF, "ico": ICO, "webp": WEBP, "pdf": PDF}


def check(name: str, data: bytes) -> None:
    checked_content(Entry(line=1, weight=Weight.HEAVY, file=name, address="OC_PIZZA"), data)


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        check(name, data)
    return str(caught.value)


def page(html: str) -> str:
    return refusal("a.html", html.encode())


def drawing(inside: str) -> str:
    return refusal("a.svg", SVG.replace(b"</svg>", inside.encode() + b"</svg>"))


@pytest.mark.parametrize("extension", PICTURES)
def test_a_whole_picture_passes(extension: str) -> None:
    check(f"a.{extension}", PICTURES[extension])


@pytest.mark.parametrize("extension", PICTURES)
def test_a_picture_that_was_cut_anywhere_is_refused(extension: str) -> None:
    data = PICTURES[extension].rstrip()
    for length in range(1, len(data)):
        assert "entier" in refusal(f"a.{extension}", data[:length])


@pytest.mark.parametrize("extension", PICTURES)
def test_a_picture_under_another_kinds_name_is_refused(extension: str) -> None:
    others = {data for data in PICTURES.values() if data != PICTURES[extension]}
    for data in (*others, SVG, b"<!doctype html><h1>404</h1>"):
        assert "entier" in refusal(f"a.{extension}", data)


def test_a_jpeg_may_be_padded_between_its_markers() -> None:
    check("a.jpg", JPEG[:2] + b"\xff\xff" + JPEG[2:])


def test_a_png_with_one_wrong_bit_is_refused() -> None:
    for at in range(len(PNG)):
        assert "PNG" in refusal("a.png", PNG[:at] + bytes([PNG[at] ^ 4]) + PNG[at + 1 :])


def test_every_extension_of_the_manual_is_checked() -> None:
    assert {"ico", "jpg", "png", "pdf", "gif"} <= set(LIGHT)
    assert set(HEAVY) == {"py", "html", "css", "js", "json", "ini", "psql"}


@pytest.mark.sweep
@pytest.mark.parametrize("extension", ["py", "html", "css", "js", "svg", "json"])
def test_every_file_of_the_site_itself_passes(extension: str) -> None:
    root = Path(site.BASE_DIR)
    files = [file for room in ("pizzeria", "city_001", "OC_PIZZA") for file in (root / room).rglob(f"*.{extension}")]
    for file in files:
        if data := file.read_bytes():
            check(file.name, data)
    assert files or extension == "json"


@pytest.mark.parametrize("name", ["a.py", "a.html", "a.css", "a.js", "a.json", "a.ini", "a.psql", "a.svg"])
def test_a_text_is_in_utf_8_and_whole(name: str) -> None:
    assert "octet 0" in refusal(name, b"\xe9t\xe9")
    assert "octet nul" in refusal(name, b"a\0")
    assert "fusion" in refusal(name, b"a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n")


def test_python_that_does_not_compile_is_refused_with_its_line() -> None:
    assert "ligne 2" in refusal("a.py", b"a = 1\ndef b(:\n")
    assert "ne se compile pas" in refusal("a.py", b"return 1\n")
    assert "ne se compile pas" in refusal("a.py", b"-" * 20_000 + b"1\n")
    check("a.py", b'# a warning is no mistake\nPATTERN = "\\d"\n')


def test_a_template_that_does_not_parse_is_refused() -> None:
    assert "ne se lit pas" in page("{% if open %}Ouvert")
    assert "nowhere" in page("{% load nowhere %}")
    assert "ne se lit pas" in page("<![nothing known]>")
    assert "ne se lit pas" in page("{% invented %}")
    check(
        "a.html", b"{% extends 'base.html' %}{% load i18n %}{% block content %}{% translate 'Bonjour' %}{% endblock %}"
    )


def test_a_page_brings_no_script_of_others() -> None:
    for source in (
        "https://evil.example/x.js",
        "//evil.example/x.js",
        "ht\ntps://evil.example",
        "data:text/javascript,1",
        "\\\\evil",
    ):
        assert "<script> d’un autre site" in page(f'<script src="{source}"></script>')
    assert "<script>" in page('<script src="{{ scheme }}//evil.example/x.js"></script>')
    assert "<script>" in page('<script src="https://evil.example" src="/static/x.js"></script>')
    assert "<script>" in page('<scr{# #}ipt src="https://evil.example"></script>')
    assert "<iframe>" in page('<iframe src="https://evil.example"></iframe>')
    assert "<base>" in page('<base href="https://evil.example">')


def test_a_page_has_no_script_written_into_it() -> None:
    assert "écrit dans la page" in page("<script>alert(1)</script>")
    assert "onclick" in page('<button onclick="pay()">')
    assert "href" in page('<a href=" java\nscript:pay()">')
    assert "srcdoc" in page('<iframe srcdoc="<p>"></iframe>')


def test_the_sites_own_scripts_and_data_stay_welcome() -> None:
    check("a.html", b'{% load static %}<script type="module" src="{% static \'oc_pizza/js/live.js\' %}"></script>')
    check("a.html", b'<script type="application/json">{"a": 1}</script><a href="https://example.org">ailleurs</a>')
    check("a.html", b'<input {% if online %}checked{% endif %} value="{{ value }}">')


def test_a_drawing_brings_no_script() -> None:
    assert "<script>" in drawing("<script>alert(1)</script>")
    assert "<foreignObject>" in drawing("<foreignObject/>")
    assert "onload" in drawing('<g onload="alert(1)"/>')
    assert "href" in drawing('<a href="javascript:alert(1)"/>')
    assert "evil.example" in drawing('<use href="https://evil.example/x.svg#a"/>')
    assert "evil.example" in drawing(
        '<image xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="//evil.example/x"/>'
    )
    assert "onclick" in drawing('<set attributeName="onclick" to="alert(1)"/>')
    check("a.svg", SVG.replace(b"</svg>", b'<use href="#a"/><image href="data:image/png;base64,AA=="/></svg>'))


def test_a_drawing_is_xml_without_entities() -> None:
    assert "SVG" in refusal("a.svg", SVG[:-3])
    assert refusal("a.svg", b"<html></html>") == "a.svg : Ce n’est pas un dessin SVG."
    assert "entité" in refusal("a.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG)


def test_json_is_json() -> None:
    check("a.json", b'{"prix": [1, 2.5, null]}')
    for data in (b"{'a': 1}", b"[1,]", b"NaN", b"<html>", b"[" * 100_000):
        assert "JSON" in refusal("a.json", data)


def test_an_ini_file_has_sections() -> None:
    check("a.ini", b"[caisse]\nticket = 80 % du prix\n")
    assert "INI" in refusal("a.ini", b"ticket = 80\n")
    assert "INI" in refusal("a.ini", b"[a]\nb = 1\nb = 2\n")


def test_a_style_sheet_closes_its_braces() -> None:
    check("a.css", b'a::before { content: "}"; } /* { */ b { background: url(x{.png) }')
    for data in (b"a { color: red", b"a { } }", b"} {"):
        assert "accolades" in refusal("a.css", data)


def test_a_web_page_saved_as_a_style_sheet_or_a_script_is_refused() -> None:
    for name in ("a.css", "a.js"):
        assert "page web" in refusal(name, b"\n<!doctype html><h1>404</h1>")


def test_a_style_sheet_or_a_script_loads_nothing_from_other_sites() -> None:
    assert "autre site" in refusal("a.css", b"@import url('https://evil.example/x.css');")
    for source in (
        'import x from "https://evil.example"',
        "a;import('//evil.example')",
        "importScripts('https://e.example')",
    ):
        assert "autre site" in refusal("a.js", source.encode())
    check("a.js", b"import {a} from './a.js'; const url = 'https://example.org'; // don't")


def test_sql_closes_what_it_opens_and_gives_psql_no_commands() -> None:
    check(
        "a.psql",
        b"-- it's\nINSERT INTO a VALUES ('l''\xc3\xa9t\xc3\xa9', E'it\\'s \\\\'); DO $x$ BEGIN 'free; END $x$;",
    )
    for data in (b"SELECT 'a", b"/* a", b"DO $$ a", b'SELECT "a'):
        assert "pas fermé" in refusal("a.psql", data)
    assert "commande de psql" in refusal("a.psql", b"SELECT 1;\n\\! rm -rf /\n")
