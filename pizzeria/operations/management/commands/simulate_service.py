"""`./manage.py simulate_service`: a Friday evening, played through the real services, and what became of its promises."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from datetime import datetime, time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.demo.stores import STORES
from pizzeria.operations.simulation.drawing import drawn
from pizzeria.operations.simulation.evening import EveningError, play
from pizzeria.operations.simulation.outcome import Outcome, outcome_of
from pizzeria.operations.simulation.plan import EveningPlan
from pizzeria.operations.simulation.report import report
from pizzeria.operations.simulation.scratch import run_in, scratch
from pizzeria.stores.hours import PARIS

MODEL = """\
Des clients arrivent (Poisson, avec la forme d’un vendredi), regardent une heure, hésitent, commandent : par le site, par téléphone, au
comptoir, au plus tôt ou pour un créneau ; certains paient en retard ou jamais, modifient ou annulent. Les cuisines cuisent ce que
leurs fours peuvent vraiment : des places, une cuisson et des mains qui varient ; les livreurs partent avec une ou deux commandes,
sur une route qui varie. Chaque geste du personnel appelle le service qu’appellerait son écran, à une heure simulée ; chaque
minute, la tâche de la maison corrige les promesses. Rien de ce qui est promis ne connaît l’avenir.

Un four tombe en panne aux deux cinquièmes de la soirée (20 h), pour 45 minutes ; un pizzaiolo manque ailleurs, et le coup de feu
ajoute 10 minutes ; un troisième point de vente ne prend plus rien pendant 20 minutes.

Les bruits, et leurs raisons : pizzeria/operations/simulation/noise.py. La base du site n’est pas touchée : une autre est créée à
côté, puis supprimée. Le code de retour est 1 quand moins de 95 % des promesses sont tenues (au plus 5 minutes de retard), ou quand
un four, le stock, l’argent ou le journal ne tombe pas juste.
"""


class Command(BaseCommand):
    help = MODEL

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        usual = EveningPlan()
        parser.add_argument("--orders", type=int, default=usual.orders, help="clients qui viennent commander (1500)")
        parser.add_argument(
            "--shops", type=int, default=usual.shops, help="points de vente, des plus petits (8 : tous)"
        )
        parser.add_argument("--seed", default=usual.seed, help="même graine, même soirée")
        parser.add_argument("--from", dest="begins", type=_clock, default=usual.begins, help="début (18:00)")
        parser.add_argument("--until", dest="ends", type=_clock, default=usual.ends, help="dernière arrivée (23:00)")
        parser.add_argument("--no-breakdown", action="store_true", help="une soirée où rien ne casse")
        parser.add_argument("--chart", type=Path, metavar="FICHIER", help="dessin de la soirée, en SVG")
        parser.add_argument(
            "--on-this-database", action="store_true", help="dans la base de DATABASE_URL, qui n’a aucune commande"
        )

    def handle(self, *_arguments: str, on_this_database: bool, **options: Any) -> None:
        plan = self._plan(**options)
        if not on_this_database:
            self._beside_the_site()
            return
        try:
            outcome = outcome_of(play(plan=plan, tell=self._tell))
        except EveningError as error:
            raise CommandError(
                _(
                    "Cette base a déjà des commandes : aucune soirée n’y est jouée. Lancez la commande sans --on-this-database."
                )
            ) from error
        self._show(outcome, options["chart"])

    def _plan(
        self, *, orders: int, shops: int, seed: str, begins: time, ends: time, no_breakdown: bool, **_others: Any
    ) -> EveningPlan:
        if orders < 1 or not 1 <= shops <= len(STORES) or begins >= ends:
            raise CommandError(
                _("Il faut au moins une commande, de 1 à %(most)s points de vente, et une fin après le début.")
                % {"most": len(STORES)}
            )
        return EveningPlan(
            orders=orders, shops=shops, seed=seed, begins=begins, ends=ends, has_incidents=not no_breakdown
        )

    def _beside_the_site(self) -> None:
        try:
            with scratch() as name:
                self.stdout.write(_("La soirée se joue dans la base %(name)s, supprimée ensuite.") % {"name": name})
                self.stdout.flush()
                code = run_in(name, ["simulate_service", *sys.argv[2:], "--on-this-database"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        if code:
            sys.exit(code)

    def _show(self, outcome: Outcome, chart: Path | None) -> None:
        self.stdout.write("\n".join(report(outcome)))
        if chart:
            chart.write_text(drawn(outcome))
            self.stdout.write(_("Dessin : %(chart)s") % {"chart": chart})
        if not outcome.holds:
            raise CommandError(
                "\n".join([_("La soirée n’a pas tenu ce qu’elle devait tenir."), *outcome.evening.broken[:20]])
            )

    def _tell(self, at: datetime, orders: int) -> None:
        if at.minute % 15 == 0:
            self.stdout.write(
                _("%(time)s  %(orders)s commandes") % {"time": f"{at.astimezone(PARIS):%H:%M}", "orders": orders}
            )
            self.stdout.flush()


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(_("%(text)s n’est pas une heure : 18:00, par exemple.") % {"text": text}) from error
