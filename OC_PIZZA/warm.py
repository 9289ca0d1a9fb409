"""What every worker would do for its first visitor, done once by the process that they are copies of.

Half a second of the first page of each worker: templates that are read and parsed, both languages' catalogues, the table of
addresses, a class for the holidays of every country of the world. A template that cannot be parsed is found here as well,
by who tries the release.
"""

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.template import Engine
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation

from pizzeria.stores.calendar import learn_holidays

ELSEWHERE = "site-packages"
SHOWN = {".html", ".txt"}
"""What an editor leaves beside a template is none."""


def warm() -> None:
    """Ask for what the first pages will ask for. Raises what is wrong with it: TemplateSyntaxError above all."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("")
            # The table of all addresses is made for the first, in each language.
            reverse("shop:checkout")
    learn_holidays(year=timezone.localdate().year)
    for name in _templates():
        get_template(name)


def _templates() -> Iterator[str]:
    """The names of the house's own: what comes with a library is parsed when it is shown."""
    ours = (Path(app.path, "templates") for app in apps.get_app_configs() if ELSEWHERE not in app.path)
    for folder in (*map(Path, Engine.get_default().dirs), *ours):
        yield from (str(file.relative_to(folder)) for file in sorted(folder.rglob("[!.]*")) if file.suffix in SHOWN)
