"""Drinks and desserts, each in its own colour."""

from collections.abc import Callable

from pizzeria.catalogue.pictures.lines import checked, darker, lighter, mix, open_svg


def _shadow(width: int) -> str:
    return f'<ellipse cx="200" cy="364" rx="{width}" ry="13" fill="#3b1a08" opacity=".18"/>'


def _bottle(colour: str) -> str:
    return (
        f'{_shadow(72)}<path d="M178 62h44v60c0 26 40 44 40 88v136q0 18-18 18h-88q-18 0-18-18V210c0-44 40-62 40-88Z"'
        f' fill="{colour}"/><path d="M222 122c0 26 40 44 40 88v136q0 18-18 18h-20V62h-2Z" fill="{darker(colour)}" opacity=".55"/>'
        f'<rect x="170" y="36" width="60" height="32" rx="7" fill="#b3261a"/><path d="M138 222h124v84H138Z" fill="#fff6e3"/>'
        f'<circle cx="200" cy="264" r="27" fill="#b3261a"/><circle cx="200" cy="264" r="18" fill="#f3b640"/>'
        f'<path d="M156 204q4-32 27-56M156 320v20" stroke="#fff" stroke-opacity=".6" stroke-width="9" stroke-linecap="round" fill="none"/>'
    )


def _can(colour: str) -> str:
    return (
        f'{_shadow(78)}<path d="M140 74h120l16 30v226l-16 32H140l-16-32V104Z" fill="#c9c5be"/>'
        f'<path d="M124 108h152v218H124Z" fill="{colour}"/><path d="M236 108h40v218h-40Z" fill="{darker(colour)}" opacity=".45"/>'
        f'<ellipse cx="200" cy="74" rx="60" ry="12" fill="#ece8e0"/><ellipse cx="200" cy="76" rx="20" ry="5" fill="#8d8880"/>'
        f'<path d="M124 250q76-84 152-30v44q-76-54-152 34Z" fill="#fff6e3"/>'
        f'<path d="M146 126v176" stroke="#fff" stroke-opacity=".45" stroke-width="11" stroke-linecap="round"/>'
    )


def _glass(colour: str) -> str:
    return (
        f'{_shadow(64)}<path d="M118 64h164l-24 286q-2 14-16 14h-84q-14 0-16-14Z" fill="#dcebee" opacity=".8"/>'
        f'<path d="M127 118h146l-20 226q-1 8-10 8h-86q-9 0-10-8Z" fill="{colour}"/>'
        f'<path d="M240 118h33l-20 226q-1 8-10 8h-20Z" fill="{darker(colour)}" opacity=".35"/>'
        f'<ellipse cx="200" cy="118" rx="73" ry="13" fill="{lighter(colour)}"/>'
        f'<g fill="#fff" opacity=".55"><rect x="152" y="132" width="42" height="42" rx="8" transform="rotate(-14 173 153)"/>'
        f'<rect x="204" y="150" width="38" height="38" rx="8" transform="rotate(18 223 169)"/></g>'
        f'<path d="M146 196l10 120" stroke="#fff" stroke-opacity=".6" stroke-width="9" stroke-linecap="round"/>'
        f'<circle cx="276" cy="82" r="40" fill="#ffd65c" stroke="#e9a81e" stroke-width="7"/>'
        f'<path d="M276 52v60M246 82h60M256 62l40 40M296 62l-40 40" stroke="#fff3c4" stroke-width="4"/>'
    )


def _cup(colour: str) -> str:
    return (
        f'{_shadow(86)}<path d="M112 176h176l-16 148q-4 38-40 38h-64q-36 0-40-38Z" fill="#fff8ea" stroke="#e2cfae" stroke-width="4"/>'
        f'<path d="M118 226h164l-6 56H124Z" fill="{colour}" opacity=".9"/>'
        f'<ellipse cx="200" cy="176" rx="88" ry="20" fill="{darker(colour, 0.1)}"/>'
        f'<path d="M124 176c-8-52 36-50 40-78 18-44 78-34 78 6 42 0 46 50 34 72q-74 26-152 0Z" fill="{lighter(colour, 0.55)}"/>'
        f'<path d="M164 98c22 26 60 26 78 6m-96 44q58 22 116-4" fill="none" stroke="{mix(colour, "#fff4d8", 0.2)}"'
        f' stroke-width="7" stroke-linecap="round"/><path d="M226 84q22-26 46-12-12 26-46 12Z" fill="#3f7d3c"/>'
    )


def _slice(colour: str) -> str:
    return (
        f'<ellipse cx="200" cy="322" rx="166" ry="36" fill="#3b1a08" opacity=".14"/>'
        f'<ellipse cx="200" cy="312" rx="164" ry="36" fill="#fffaf0" stroke="#e2cfae" stroke-width="4"/>'
        f'<path d="M62 218l262 20v68q-130 24-262-8Z" fill="{lighter(colour, 0.3)}"/>'
        f'<path d="M62 252l262 18v18q-130 14-262-14Z" fill="#fff6e3"/><path d="M62 288l262 6v14q-130 22-262-12Z" fill="#b9783c"/>'
        f'<path d="M62 218q80-92 226-98 44 50 36 118Z" fill="{colour}"/>'
        f'<path d="M288 120q44 50 36 118v68q34-18 30-60-6-72-66-126Z" fill="{darker(colour, 0.25)}"/>'
        f'<path d="M112 198q70-52 152-56" fill="none" stroke="#fff" stroke-opacity=".45" stroke-width="9" stroke-linecap="round"/>'
        f'<circle cx="248" cy="120" r="26" fill="#b3261a"/><path d="M238 108q6-8 14-6" stroke="#fff" stroke-opacity=".8"'
        f' stroke-width="5" fill="none" stroke-linecap="round"/><path d="M254 94q20-30 46-18-12 28-46 18Z" fill="#3f7d3c"/>'
    )


def _ball(colour: str) -> str:
    return (
        f'{_shadow(84)}<circle cx="148" cy="164" r="64" fill="{lighter(colour, 0.3)}"/>'
        f'<circle cx="252" cy="164" r="64" fill="{darker(colour, 0.12)}"/><circle cx="200" cy="118" r="66" fill="{colour}"/>'
        f'<path d="M92 190h216q-4 82-76 98l6 52q2 18-14 18h-48q-16 0-14-18l6-52q-72-16-76-98Z" fill="#e9f2f3" stroke="#bcd0d3"'
        f' stroke-width="4"/><path d="M164 92q12-20 34-22" stroke="#fff" stroke-opacity=".7" stroke-width="10" fill="none"'
        f' stroke-linecap="round"/><path d="M246 70l60-44 18 26-58 46Z" fill="#d99a4e" stroke="#a9622a" stroke-width="4"/>'
    )


DRINKS: dict[str, Callable[[str], str]] = {"bottle": _bottle, "can": _can, "glass": _glass, "cup": _cup}
DESSERTS: dict[str, Callable[[str], str]] = {"slice": _slice, "cup": _cup, "ball": _ball}


def drink_svg(*, colour: str, kind: str, title: str, size: int = 400) -> str:
    """A bottle, a can, a glass or a cup, in the drink's colour."""
    return f"{open_svg(size, title)}{DRINKS[kind](checked(colour))}</svg>"


def dessert_svg(*, colour: str, kind: str = "slice", title: str, size: int = 400) -> str:
    """A slice on its plate, a cup, or scoops of ice (`ball`), in the dessert's colour."""
    return f"{open_svg(size, title)}{DESSERTS[kind](checked(colour))}</svg>"
