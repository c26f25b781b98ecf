"""What the clock starts: deleting expired files, rescuing runs whose process died."""

from procrastinate.contrib.django import app

from acuerdo.primitives import clock
from acuerdo.spreadsheets import keeping


@app.periodic(cron="17 * * * *")
@app.task(queue="spreadsheets", queueing_lock="spreadsheets_tidy")
def tidy(timestamp: int) -> None:
    at = clock.now()
    keeping.delete_expired(at=at)
    keeping.forget_unconfirmed(at=at)


@app.periodic(cron="*/2 * * * *")
@app.task(queue="spreadsheets", queueing_lock="spreadsheets_rescue")
def rescue(timestamp: int) -> None:
    keeping.rescue(at=clock.now())
