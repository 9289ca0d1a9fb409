"""How the site is: a page for people, and the same facts for machines."""

from dataclasses import asdict
from datetime import datetime

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from pizzeria.backoffice.access import StaffRequest
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.supervision.access import supervision_machine, supervision_page
from pizzeria.supervision.alerts.selectors import OpenAlert, ended_alerts
from pizzeria.supervision.graphs import Day, last_day
from pizzeria.supervision.processes import Process
from pizzeria.supervision.status import JobState, Status, read_status


@require_safe
@supervision_page
def page(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    status = read_status(at=now)

    def read() -> Context:
        return {"status": status, "day": last_day(at=now), "ended": ended_alerts(at=now), "supervises": True}

    return live_answer(
        request, name="status", fingerprint=status.fingerprint, read=read, place=None, folder="supervision"
    )


@require_safe
@supervision_machine
def state(_request: StaffRequest) -> JsonResponse:
    now = timezone.now()
    return JsonResponse(_document(read_status(at=now), last_day(at=now), now))


def _document(status: Status, day: Day, at: datetime) -> dict[str, object]:
    """Keys are never taken away: machines count on them."""
    return {
        "status": status.verdict,
        "at": at,
        "release": status.release,
        "alerts": [_alert(alert) for alert in status.alerts],
        "processes": {process.service: _process(process) for process in status.processes.all},
        "watched": status.processes.is_watched,
        "last_minute": {line.field: line.now for graph in day.graphs for line in graph.lines},
        "measured_at": status.measured_at,
        "deployed": asdict(status.deployed) if status.deployed else None,
        "backups": asdict(status.kept) if status.kept else None,
        "jobs": None if status.jobs is None else {job.job.path: _job(job) for job in status.jobs},
    }


def _alert(alert: OpenAlert) -> dict[str, object]:
    return {"key": alert.key, "subject": alert.subject, "started_at": alert.started_at, "told_at": alert.told_at}


def _process(process: Process) -> dict[str, object]:
    return {
        "state": process.state,
        "since": process.since,
        "detail": process.detail,
        "restarts": process.restarts,
    }


def _job(job: JobState) -> dict[str, object]:
    run = job.run
    return {
        "due": job.due,
        "last_started_at": run.started_at if run else None,
        "last_ended_at": run.ended_at if run else None,
        "last_outcome": run.outcome if run else None,
    }
