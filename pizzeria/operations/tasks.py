"""Jobs of the worker that look after the worker's own."""

from procrastinate import JobContext, builtin_tasks
from procrastinate.contrib.django import app

KEPT_HOURS = 24 * 7


@app.periodic(cron="10 4 * * *")
@app.task(queueing_lock="operations.forget_done_jobs", pass_context=True)
async def forget_done_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate tells it
    """Delete last week's jobs that succeeded; those that failed stay until somebody has looked at them."""
    await builtin_tasks.remove_old_jobs(context, max_hours=KEPT_HOURS)
