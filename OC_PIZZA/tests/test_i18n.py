"""The texts that stand in a page as they are: kept by their tags, and always in their reader's language."""

import pytest
from django.core.checks import run_checks
from django.template import Context, Engine
from django.utils import translation

PLAIN = (
    "{% load i18n %}{% translate 'Panier' %}",
    "{% load i18n %}{% trans 'Panier' %}",
    "{% load i18n %}{% translate 'Panier' as said %}<b>{{ said }}</b>",
    "{% load i18n %}{% translate 'Panier' noop %}",
    "{% load i18n %}{% translate 'L’un & l’autre : 100 %' %}",
    "{% load i18n %}{% autoescape off %}{% translate 'L’un & l’autre' %}{% endautoescape %}",
    "{% load i18n %}{% for language in languages %}{% language language %}{% translate 'Panier' %}{% endlanguage %}{% endfor %}",
)
OTHERS = (
    "{% load i18n %}{% translate typed %}",
    "{% load i18n %}{% translate _('Panier') %}",
    "{% load i18n %}{% translate typed as said %}{{ said }}",
    "{% load i18n %}{% translate 'Panier'|upper %}",
    "{% load i18n %}{% translate 'May' context 'month name' %}",
)


def shown(engine: Engine, source: str) -> list[str]:
    """One template for all its readers, in turns, as a site has it."""
    template = engine.from_string(source)
    pages: list[str] = []
    for language, typed in (("fr", "Panier"), ("en", "Panier"), ("fr", "<i>"), ("en", "Commander")):
        with translation.override(language):
            pages.append(template.render(Context({"typed": typed, "languages": ("en", "fr")})))
    return pages


@pytest.mark.parametrize("source", [*PLAIN, *OTHERS])
def test_every_reader_has_the_text_that_django_would_show(source: str) -> None:
    house = Engine.get_default()
    assert shown(house, source) == shown(Engine(libraries={"i18n": "django.templatetags.i18n"}), source)


def test_the_other_language_is_really_another() -> None:
    french, english, *_again = shown(Engine.get_default(), PLAIN[0])
    assert (french, english) == ("Panier", "Basket")


def test_no_other_library_of_tags_is_there_twice() -> None:
    twice = [found.msg for found in run_checks(tags=["templates"]) if found.id == "templates.W003"]
    assert len(twice) == 1, twice
    assert twice[0].startswith("'i18n' is used for multiple template tag modules")
