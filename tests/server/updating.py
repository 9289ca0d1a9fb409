"""How an operator brings an update about, and what its engine leaves to read."""

import re
from dataclasses import dataclass, field

from tests.server.deploying import HOME, PROJECT, begin_deploy
from tests.server.machine import Background, Result, Server
from tests.server.phases import phase

UPDATE = f"{PROJECT}/UPDATE_ENGINE/update-engine.sh"
UPDATE_LOGS = "/var/log/oc-pizza/update_logs"
CONTROLLER = f"{PROJECT}/UPDATE_ENGINE/controller.ini"
COMPONENTS = f"{PROJECT}/UPDATE_ENGINE/components"
DOWN = re.compile(r"fermé pendant (\d+),(\d) s")
# The smallest picture that is one.
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><circle r="1" fill="{colour}"/></svg>\n'


@dataclass
class Offer:
    """What the operator drops beside controller.ini: names, addresses, contents."""

    light: dict[str, str] = field(default_factory=dict)
    heavy: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def drop(self, server: Server) -> None:
        for name, text in self.files.items():
            server.write(f"{COMPONENTS}/{name}", text)
        lines = ["# light_components", *(f"{name} = {address}" for name, address in self.light.items())]
        lines += ["# heavy_components", *(f"{name} = {address}" for name, address in self.heavy.items())]
        server.write(CONTROLLER, "\n".join(lines) + "\n")


def picture(colour: str = "tomato") -> Offer:
    name = "pizza_tokyo.svg"
    return Offer(light={name: "OC_PIZZA.city_002.static.svg"}, files={name: PICTURE.format(colour=colour)})


def page(words: str = "Une page de l’histoire") -> Offer:
    name = "historic_2.6.html"
    address = "OC_PIZZA.city_001.templates.city_001.historic.html"
    return Offer(heavy={name: address}, files={name: f"<p>{words}</p>\n"})


def module(address: str, text: str, name: str = "module_2.6.py") -> Offer:
    return Offer(heavy={name: address}, files={name: text})


MODELS = """\
from django.db import models


class Anecdote(models.Model):
    told = models.TextField()
"""


def table(text: str = MODELS) -> Offer:
    """The manual's own example: a city's models, for which a migration is yet to be written."""
    return module("OC_PIZZA.city_001.models.py", text, name="models_2.6.py")


def update(server: Server, *options: str, check: bool = True) -> Result:
    with phase(f"update on {server.name}"):
        return server.run(" ".join((UPDATE, *options)), check=check, timeout=600)


def begin_update(server: Server, *options: str) -> Background:
    return begin_deploy(server, " ".join((UPDATE, *options)))


def manage(server: Server, command: str, *, check: bool = True) -> Result:
    return server.run(f"cd {HOME}/OC_PIZZA && ./manage.py {command}", check=check)


def seconds_closed(told: str) -> float:
    found = DOWN.search(told)
    assert found, told
    return float(f"{found[1]}.{found[2]}")


def digests(server: Server) -> str:
    """Every table of the live database with its number of rows and a digest of all their columns.

    But for what the site's own processes write while nobody does anything: the worker's heartbeat, jobs, sessions, what it
    writes down each minute, with the event that tells of it, and the hours that it corrects of orders that nobody makes.
    """
    return server.run(
        """runuser -u postgres -- psql -X -q -A -t db_oc_pizza <<'FIN'
SELECT format('SELECT %L, count(*), coalesce(sum(hashtextextended((to_jsonb(t) - ''promised_at'')::text, 0)), 0) FROM public.%I t', tablename, tablename)
FROM pg_tables WHERE schemaname = 'public'
AND tablename !~ '^(procrastinate_|django_session|operations_jobrun|supervision_|live_liveevent|ordering_promisechange|notifications_notice)'
ORDER BY tablename \\gexec
FIN"""
    ).stdout


def databases(server: Server) -> list[str]:
    listed = "SELECT datname FROM pg_database WHERE datname LIKE 'db_oc_pizza%' ORDER BY datname"
    return server.run(f'runuser -u postgres -- psql -X -q -A -t -c "{listed}"').stdout.split()
