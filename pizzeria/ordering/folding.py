"""Words as they are compared when an order is looked for: without capitals, accents and what stands between them.

The same in the database, which indexes them so, and here.
"""

import re

from django.db.models import F, Func, TextField

ACCENTED = "àáâäãåçèéêëìíîïñòóôöõùúûüýÿ"
PLAIN = "aaaaaaceeeeiiiinooooouuuuyy"
BETWEEN = "-'’.,;:/_@()\"&+*"
FROM, TO = ACCENTED + BETWEEN, PLAIN + " " * len(BETWEEN)

WORD = re.compile(r"\w+")
_TABLE = str.maketrans(FROM, TO)


def folded_words(text: str) -> list[str]:
    """The words of what somebody typed, as the index of `words_vector` has them."""
    return WORD.findall(text.lower().translate(_TABLE))


def words_vector() -> Func:
    """The words by which people look for an order: whose it is, and the street that it goes to."""
    return _WordsVector(F("first_name"), F("last_name"), F("street"))


def phone_backwards() -> Func:
    """A phone's figures from the last to the first: however it is written, what it ends with is what they begin with."""
    return _PhoneBackwards(F("phone"))


# What is the same in each question stands in its text, not among its parameters: an index is found by it.
class _WordsVector(Func):
    template = "to_tsvector('simple', translate(lower(%(expressions)s), '{}', '{}'))".format(
        FROM.replace("'", "''"), TO
    )
    arg_joiner = " || ' ' || "
    output_field = TextField()


class _PhoneBackwards(Func):
    template = r"reverse(regexp_replace(%(expressions)s, '\D', '', 'g'))"
    output_field = TextField()
