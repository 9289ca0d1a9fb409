"""Words as they are compared when an order is looked for: without capitals, accents and what stands between them.

The same in the database, which indexes them so, and here.
"""

import re

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Concat, Lower

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
    space = Value(" ")
    text = Concat(F("first_name"), space, F("last_name"), space, F("street"), output_field=TextField())
    folded = Func(Lower(text), Value(FROM), Value(TO), function="translate", output_field=TextField())
    return Func(folded, function="to_tsvector", template="%(function)s('simple', %(expressions)s)")


def phone_backwards() -> Func:
    """A phone's figures from the last to the first: however it is written, what it ends with is what they begin with."""
    digits = Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=TextField())
    return Func(digits, function="reverse", output_field=TextField())
