"""gunicorn's settings that are the same on every server; what varies stands in gunicorn.service."""

import gc

worker_class = "gthread"

# The master reads the site once and its workers are copies: a start costs the processor one reading instead of one a
# worker, and what was read lies in memory once. A reload renews the workers; other code takes a restart.
preload_app = True


def when_ready(_server: object) -> None:
    """What was read stays: never counted again, it is never copied because of it."""
    gc.collect()
    gc.freeze()


# A request has this long to end when its worker is replaced; gunicorn.service waits longer (TimeoutStopSec).
graceful_timeout = 30

# Workers show that they live by touching a file; on a disk that is busy they would seem dead.
worker_tmp_dir = "/dev/shm"  # nosec B108  # noqa: S108 - gunicorn makes a file there that has no name

# systemd says how it is, and signals are enough: no further way to command it.
control_socket_disable = True

# Lines like those of the site (OC_PIZZA/logs.py). Without the path: order pages have their secret in it. nginx logs it
# shortened, under the same request id.
logger_class = "OC_PIZZA.gunicorn_lines.Lines"
access_log_format = "%({x-request-id}i)s %(m)s %(s)s %(B)s bytes %(L)s s"
