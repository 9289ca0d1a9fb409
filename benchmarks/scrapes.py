"""How long Prometheus waits for what it is told, when nothing of it is remembered."""

import time
import urllib.request

from benchmarks.place import Place

KEPT_SECONDS = 10
"""For how long a process remembers what it read (pizzeria/supervision/metrics.py)."""


def scrape_seconds(site: Place, *, times: int) -> list[float]:
    """Each scrape's seconds, on a quiet site with a day's orders; between two of them what was read is forgotten."""
    taken = []
    for _time in range(times):
        time.sleep(KEPT_SECONDS + 0.1)
        began = time.perf_counter()
        with urllib.request.urlopen(f"{site.pages}/metrics", timeout=10) as answer:
            answer.read()
        taken.append(time.perf_counter() - began)
    return taken
