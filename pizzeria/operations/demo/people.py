"""The demo group's staff and clients, and the one password that they all share.

Pure data and the environment: no database. Identifiers are first name and place, as the system issues them.
"""

import os

from pizzeria.operations.demo.rows import Client, Person, plain
from pizzeria.operations.demo.stores import STORES

DEFAULT_PASSWORD = "pizza-demo-2026"  # noqa: S105 - the documented password of a demonstration, and of nothing else

ROLE_NAMES = {
    "pizzaiolo": "pizzaiolo",
    "driver": "livreur",
    "cashier": "caissier",
    "manager": "responsable",
    "direction": "direction",
    "operator": "exploitant",
    "client": "client",
}

TEAMS: dict[str, dict[str, tuple[str, ...]]] = {
    "bastille": {
        "manager": ("Renata Bellini",),
        "cashier": ("Chloé Aubert", "Mehdi Saïdi"),
        "pizzaiolo": ("Luca Ferrari", "Awa Cissé", "Enzo Marin"),
        "driver": ("Karim Belkacem", "Julie Perrot", "Tomas Vidal"),
    },
    "canal": {
        "manager": ("Olivier Tessier",),
        "cashier": ("Salomé Weiss",),
        "pizzaiolo": ("Matteo Conti", "Lina Haddad"),
        "driver": ("Idriss Fall", "Noé Carlier"),
    },
    "batignolles": {
        "manager": ("Hélène Vasseur",),
        "cashier": ("Baptiste Leroy",),
        "pizzaiolo": ("Giulia Romano", "Pierre Mallet"),
        "driver": ("Moussa Keita", "Alice Renard"),
    },
    "butte-aux-cailles": {
        "manager": ("Viviane Tran",),
        "cashier": ("Quentin Leclerc",),
        "pizzaiolo": ("Salvatore Greco",),
        "driver": ("Rachid Ouali", "Emma Joly"),
    },
    "part-dieu": {
        "manager": ("Sandrine Rochet",),
        "cashier": ("Victor Chapuis",),
        "pizzaiolo": ("Paola Ricci", "Amine Bouzid"),
        "driver": ("Lucas Morel", "Binta Sow"),
    },
    "croix-rousse": {
        "manager": ("Étienne Gros",),
        "cashier": ("Margot Perrin",),
        "pizzaiolo": ("Dario Costa",),
        "driver": ("Yann Berthet",),
    },
    "vieux-port": {
        "manager": ("Nora Santoni",),
        "cashier": ("Maxime Olive",),
        "pizzaiolo": ("Marius Esposito", "Samia Rahal"),
        "driver": ("Jordan Baille", "Leïla Mansour"),
    },
    "cours-julien": {
        "manager": ("Fabrice Cazal",),
        "cashier": ("Anaïs Pons",),
        "pizzaiolo": ("Rosa Marchetti",),
        "driver": ("Bilal Chérif", "Théo Arnaud"),
    },
}

GROUP = (
    Person("diane.direction", "Diane", "Lacombe", "direction", ()),
    Person("edgar.exploitation", "Edgar", "Simonet", "operator", ()),
    Person("ines.lyon", "Inès", "Delorme", "manager", ("part-dieu", "croix-rousse")),
)

CLIENTS = (
    Client("Alice", "Martin", "06 39 98 20 01", "1996-03-14", "52 rue Oberkampf", "3e étage droite", "75011", "Paris", ("9 avenue Daumesnil", "75012", "Paris")),
    Client("Basile", "Dubois", "06 39 98 20 02", "2004-11-02", "17 rue de Charonne", "Chambre 12", "75011", "Paris"),
    Client("Odette", "Marchal", "06 39 98 20 03", "1949-06-21", "88 rue de Tolbiac", "Rez-de-chaussée", "75013", "Paris"),
    Client("Nadège", "Petit", "06 39 98 20 04", "1984-01-30", "31 rue Legendre", "", "75017", "Paris", ("12 boulevard Jean-Jaurès", "92110", "Clichy")),
    Client("Farid", "Amrani", "06 39 98 20 05", "1990-09-09", "104 quai de Jemmapes", "Digicode 19A75", "75010", "Paris"),
    Client("Clémence", "Roy", "06 39 98 20 06", "1999-12-12", "6 rue Manin", "", "75019", "Paris"),
    Client("Gilles", "Perret", "06 39 98 20 07", "1972-04-05", "40 rue Paul-Bert", "Interphone Perret", "69003", "Lyon"),
    Client("Maëlle", "Giraud", "06 39 98 20 08", "1993-07-18", "14 rue Hénon", "", "69004", "Lyon", ("3 cours Vitton", "69006", "Lyon")),
    Client("Hakim", "Ziani", "06 39 98 20 09", "2001-02-25", "77 cours Émile-Zola", "Résidence des Platanes", "69100", "Villeurbanne"),
    Client("Josette", "Blanc", "06 39 98 20 10", "1955-10-08", "22 rue Breteuil", "1er étage", "13006", "Marseille"),
    Client("Ryan", "Mattei", "06 39 98 20 11", "1998-05-17", "9 boulevard d’Athènes", "", "13001", "Marseille"),
    Client("Coralie", "Espinosa", "06 39 98 20 12", "1987-08-28", "60 rue d’Endoume", "Maison bleue", "13007", "Marseille"),
)  # fmt: skip


def staff() -> list[Person]:
    """Everybody who works for the group, the group's own people last."""
    teams = [
        _person(name, role, store) for store, team in TEAMS.items() for role, names in team.items() for name in names
    ]
    return teams + list(GROUP)


def _person(name: str, role: str, store: str) -> Person:
    first, last = name.split(maxsplit=1)
    return Person(f"{plain(first)}.{store}", first, last, role, (store,))


def demo_password() -> str:
    """DEMO_PASSWORD, or the documented default of a demonstration."""
    return os.environ.get("DEMO_PASSWORD") or DEFAULT_PASSWORD


def demo_logins() -> list[tuple[str, str, str]]:
    """One login of each role, at the first point of sale: (role, identifier, password)."""
    first = STORES[0].slug
    found: dict[str, str] = {}
    for person in staff():
        if not person.stores or first in person.stores:
            found.setdefault(person.role, person.identifier)
    found["client"] = CLIENTS[0].email
    return [(name, found[role], demo_password()) for role, name in ROLE_NAMES.items()]
