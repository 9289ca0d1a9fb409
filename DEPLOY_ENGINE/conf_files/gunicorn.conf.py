"""gunicorn's settings that are the same on every server; what varies stands in gunicorn.service."""

worker_class = "gthread"

# A request has this long to end when its worker is replaced; gunicorn.service waits longer (TimeoutStopSec).
graceful_timeout = 30

# Workers show that they live by touching a file; on a disk that is busy they would seem dead.
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn makes a file there that has no name

# systemd says how it is, and signals are enough: no further way to command it.
control_socket_disable = True

# Without the path: order pages have their secret in it. nginx logs it shortened, under the same request id.
access_log_format = "%(h)s %({x-request-id}i)s %(m)s %(s)s %(B)s bytes %(L)s s"
