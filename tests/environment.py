"""A PostgreSQL of its own for every test run: loaded first, before Django reads its settings and pytest its tests.

A folder in the temporary directory, so that two runs, or a run and a running site, never meet. Set
DATABASE_URL to test against another server.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

from local.postgres import cluster_at

CHECKOUT = Path(__file__).resolve().parent.parent
FAST = ("-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=400")


def _compile_once() -> None:
    # To compile everything anew takes each process of a run twenty seconds, and each program that a test starts one or two.
    # Whoever asks for no bytecode (many containers do) does not want it beside the sources.
    if not sys.dont_write_bytecode:
        return
    kept = CHECKOUT / ".data" / "tests" / "bytecode"
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(kept)
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if not CHECKOUT.is_relative_to(tempfile.gettempdir()):
        # What stands there are copies, which tests make and remove.
        atexit.register(shutil.rmtree, kept / tempfile.gettempdir().lstrip("/"), ignore_errors=True)


def _prepare() -> None:
    os.environ.setdefault("SECRET_KEY", "of-a-test-run-and-of-nothing-else-0123456789")
    os.environ.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,testserver")
    os.environ.setdefault("RELEASE_ID", "test")
    # The workers of pytest-xdist inherit what the first process has set.
    if "DATABASE_URL" in os.environ:
        return
    home = Path(tempfile.mkdtemp(prefix="oc-pizza-test-"))
    cluster = cluster_at(home, options=FAST)
    cluster.start()
    os.environ["DATABASE_URL"] = cluster.url("oc_pizza")
    os.environ["TEST_BINARIES"] = str(cluster.binaries)

    def remove() -> None:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)

    atexit.register(remove)


_compile_once()
_prepare()
