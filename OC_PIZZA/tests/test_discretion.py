"""What is hidden in a text that others have written, and what is left alone."""

import pytest

from OC_PIZZA.discretion import discreet
from pizzeria.ordering.models import new_token


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("Not Found: /commande/aB3_-aB3_-aB3_-aB3_-aB3_-aB3_-aB/suivi/", "Not Found: /commande/*/suivi/"),
        ("Gone: /compte/lien/mot-de-passe/1-abc-def/ at", "Gone: /compte/lien/mot-de-passe/* at"),
        ("https://x.fr/compte/lien/e-mail/MQ:1w:zZ/\nbye", "https://x.fr/compte/lien/e-mail/*\nbye"),
        ("Cookie: __Host-sessionid=def; oc_known=a:b", "Cookie: __Host-sessionid=*; oc_known=*"),
        ("GET /api/v1/orders/aB3_-aB3_-aB3_-aB3_-aB3_-aB3_-aB failed", "GET /api/v1/orders/* failed"),
        ("/live/?topic=order:aB3_-aB3_-aB3_-aB3_-aB3_-aB3_-aB", "/live/?*"),
        ("watching order:aB3_-aB3_-aB3_-aB3_-aB3_-aB3_-aB", "watching order:*"),
        ("/suivre/?number=P-4F7K2&proof=0639981234", "/suivre/?*"),
        ("Authorization: Bearer abc.DEF-123", "Authorization: Bearer *"),
        ("Cookie: oc_cart=abc; sessionid=def", "Cookie: oc_cart=*; sessionid=*"),
        ("Invalid API key: sk_live_51AbcD3f, rk_test_9Z8", "Invalid API key: sk_live_*, rk_test_*"),
        ("client_secret GOCSPX-1a2B_3c-4D5e", "client_secret GOCSPX-*"),
        ("whsec_AbC123dEf signs, pk_live_51AbC is public", "whsec_* signs, pk_live_51AbC is public"),
        ("pi_3AbC12_secret_Zx9 and cuss_secret_Ab1 of pi_3AbC12", "pi_3AbC12_secret_* and cuss_secret_* of pi_3AbC12"),
        ("postgres://oc:s3cret@localhost/db", "postgres://oc:*@localhost/db"),
        ("no mailbox for <gaspard.visiteur+oc@example.org>", "no mailbox for <*@*>"),
        ("call 06 39 98 12 34, +33639981234 or 06.39.98.12.34", "call *, * or *"),
        (
            'violates "order_amounts"\nDETAIL:  Failing row contains (7, Gaspard, Visiteur, 3 rue …).',
            'violates "order_amounts"\nDETAIL:  *',
        ),
    ],
)
def test_secrets_and_persons_are_hidden_by_their_shape(told: str, kept: str) -> None:
    assert discreet(told) == kept


CHAIN = """CheckViolation: x
DETAIL:  {row}

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "a.py", line 1
IntegrityError: x
DETAIL:  {row}"""


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("refused DETAIL: Failing row contains (7, Gaspard).", "refused DETAIL:  *"),
        (
            "refused\nDETAIL:  Failing row contains (7, code 1234\n3e gauche\n\nGaspard, 3 rue …).\n",
            "refused\nDETAIL:  *",
        ),
        (
            'DETAIL:  (Gaspard\nVisiteur)\nHINT:  Look.\nCONTEXT:  COPY orders: "Gaspard"',
            "DETAIL:  *\nHINT:  Look.\nCONTEXT:  *",
        ),
        (CHAIN.format(row="(Gaspard,\n3e).") + "\n", CHAIN.format(row="*")),
        (
            "  | E: x\n  | DETAIL:  (Gaspard,\n  | 3e).\n  +---------------- 2 ----------------\n  | Traceback (most recent",
            "  | E: x\n  | DETAIL:  *\n  +---------------- 2 ----------------\n  | Traceback (most recent",
        ),
    ],
)
def test_the_row_that_a_database_refuses_is_hidden_to_its_end_and_what_follows_is_not(told: str, kept: str) -> None:
    assert discreet(told) == kept


def test_a_token_is_hidden_wherever_it_stands() -> None:
    hidden = 0
    for _attempt in range(50):
        token = new_token()
        hidden += token not in discreet(f"the order '{token}' is gone")
    # One in two hundred holds no figure, and looks like a word.
    assert hidden > 40


@pytest.mark.parametrize(
    "told",
    [
        "P-4F7K2: to_prepare",
        "2026-11-29T12:00:00.030+01:00",
        "0123456789abcdef0123456789abcdef",
        "20261124-060000-0123456789ab",
        "pizzeria.operations.tests.test_runs",
        "11.50 euros, 1234567890 bytes in 0.000123 s",
        "test_a_route_is_hidden_by_its_shape_and_not_more",
        "what is it?",
    ],
)
def test_what_finds_an_error_is_left_alone(told: str) -> None:
    assert discreet(told) == told
