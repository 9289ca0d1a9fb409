"""Django's template library `i18n`, which settings.py puts this one in the place of: the same tags, by the same names.

A page has forty texts that stand in it as they are, and Django looks each of them up again for every reader: as a
variable, through the catalogues of Django and of every application, and once more for what must be escaped. Here a text
without variable, filter or context is kept by the tag itself, once for each language.
"""

from typing import Any

from django.template import Context, Library
from django.template.base import Parser, Token
from django.templatetags import i18n
from django.utils.translation import get_language

register = Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class KeptText(i18n.TranslateNode):
    """A text of the house's own, by its language."""

    def __init__(self, found: i18n.TranslateNode) -> None:
        super().__init__(found.filter_expression, found.noop, found.asvar)
        self._kept: dict[str | None, Any] = {}

    def render(self, context: Context) -> Any:
        language = get_language()
        if language not in self._kept:
            shown = super().render(context)
            self._kept[language] = context[self.asvar] if self.asvar else shown
        if not self.asvar:
            return self._kept[language]
        context[self.asvar] = self._kept[language]
        return ""


@register.tag("translate")
@register.tag("trans")
def do_translate(parser: Parser, token: Token) -> i18n.TranslateNode:
    found = i18n.do_translate(parser, token)
    text = found.filter_expression
    is_plain = getattr(text.var, "literal", None) is not None and not text.filters and found.message_context is None
    return KeptText(found) if is_plain else found
