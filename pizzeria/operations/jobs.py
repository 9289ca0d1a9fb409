"""Jobs of the worker that are over: what they were given may name somebody."""

from datetime import datetime

from django.db import connection

OVER = ["succeeded", "failed", "cancelled", "aborted"]


def forget_finished_jobs(*, before: datetime) -> int:
    """Delete the jobs that ended before; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs WHERE status::text = ANY(%s) AND id IN (
                SELECT job_id FROM procrastinate_events GROUP BY job_id HAVING max(at) < %s
            )
            """,
            [OVER, before],
        )
        deleted: int = cursor.rowcount
    return deleted
