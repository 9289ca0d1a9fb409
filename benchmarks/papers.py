"""`python -m benchmarks.papers`: récapitulatifs printed a second, and what typst itself does with a line of text.

A process of its own, with the site's settings. Another comment each time: none is printed already.
"""

import subprocess
import sys
import time
from collections.abc import Callable

import typst

from benchmarks.place import Place

TIMES = 60


def papers_a_second(site: Place) -> tuple[float, float]:
    """Sheets of A4 a second, and pages with a line."""
    command = [sys.executable, "-m", "benchmarks.papers"]
    done = subprocess.run(command, env=site.environment, capture_output=True, text=True, check=True)
    ours, bare = map(float, done.stdout.split())
    return ours, bare


def main() -> None:
    import django  # noqa: PLC0415 - the settings come first

    django.setup()
    from pizzeria.ordering.models import Order  # noqa: PLC0415
    from pizzeria.ordering.papers.document import document_of  # noqa: PLC0415
    from pizzeria.ordering.papers.press import press  # noqa: PLC0415
    from pizzeria.ordering.recap import recap_of  # noqa: PLC0415

    order = Order.objects.select_related("store__city").exclude(lines=None).latest("placed_at")
    document = document_of(recap_of(order=order))
    compiler = typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False))

    def ours(number: int) -> object:
        return press(paper="a4", document={**document, "notice": f"{number}"}, at=0)

    def bare(number: int) -> object:
        return compiler.compile(input=f"Page {number}".encode(), format="pdf", timestamp=0)

    print(_a_second(ours), _a_second(bare))


def _a_second(make: Callable[[int], object]) -> float:
    make(-1)
    started = time.perf_counter()
    for number in range(TIMES):
        make(number)
    return TIMES / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
