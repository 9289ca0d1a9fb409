"""Every rule, in the order in which they are asked."""

from pizzeria.supervision.alerts.backups import BACKUP_OLD, DRILL_FAILED, backup_old, drill_failed
from pizzeria.supervision.alerts.certificate import CERTIFICATE, certificate
from pizzeria.supervision.alerts.disk import DISK, disk
from pizzeria.supervision.alerts.jobs import JOB_FAILED, JOB_MISSED, job_failed, job_missed
from pizzeria.supervision.alerts.orders import ORDERS_UNTOUCHED, orders_untouched
from pizzeria.supervision.alerts.problems import Rule
from pizzeria.supervision.alerts.traffic import ERROR_RATE, error_rate
from pizzeria.supervision.alerts.watched import SERVICE, watched

RULES = (
    Rule(kind=SERVICE, find=watched),
    Rule(kind=ORDERS_UNTOUCHED, find=orders_untouched),
    Rule(kind=ERROR_RATE, find=error_rate),
    Rule(kind=DISK, find=disk),
    Rule(kind=BACKUP_OLD, find=backup_old),
    Rule(kind=DRILL_FAILED, find=drill_failed),
    Rule(kind=JOB_FAILED, find=job_failed),
    Rule(kind=JOB_MISSED, find=job_missed),
    # The last one: it may wait for nginx.
    Rule(kind=CERTIFICATE, find=certificate),
)
