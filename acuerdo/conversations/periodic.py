"""What the clock starts for the messages that wait."""

from procrastinate.contrib.django import app

from acuerdo.conversations import attachments
from acuerdo.conversations.bulk import jobs
from acuerdo.conversations.sending import counting, holding
from acuerdo.conversations.team import presence
from acuerdo.organization import settings
from acuerdo.primitives import clock


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="conversations.release_held")
def release_held(timestamp: int) -> None:
    del timestamp
    holding.release_all(at=clock.now())


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="conversations.forget_unsent_files")
def forget_unsent_files(timestamp: int) -> None:
    del timestamp
    attachments.forget_unsent(at=clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="conversations.forget_silent")
def forget_silent(timestamp: int) -> None:
    del timestamp
    presence.forget_silent(at=clock.now())


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="conversations.forget_bulk_jobs")
def forget_bulk_jobs(timestamp: int) -> None:
    del timestamp
    jobs.forget_old(at=clock.now())


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="conversations.count_sent", lock="conversations.count_sent")
def count_sent(timestamp: int) -> None:
    del timestamp
    settings.follow_clock()
    counting.catch_up(at=clock.now())
