"""What the clock starts for the queue itself."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

STALLED_AFTER = 30
KEPT_HOURS = 7 * 24


# The field for seconds comes last: a job whose worker died starts again within a minute.
@app.periodic(cron="* * * * * */20")
@app.task(queueing_lock="events.rescue_stalled_jobs", pass_context=True)
async def rescue_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Procrastinate leaves the jobs of a killed worker "doing" for ever; ours may run twice."""
    del timestamp
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="events.forget_finished_jobs", pass_context=True)
async def forget_finished_jobs(context: JobContext, timestamp: int) -> None:
    del timestamp
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS)
