"""What the clock starts for calls."""

from procrastinate.contrib.django import app

from acuerdo.calls import holding, owners
from acuerdo.organization import settings
from acuerdo.primitives import clock


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="calls.follow_customers")
def follow_customers(timestamp: int) -> None:
    del timestamp
    owners.follow()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="calls.cancel_held")
def cancel_held(timestamp: int) -> None:
    settings.follow_clock()
    on = clock.today(settings.current().time_zone)
    holding.cancel_held(on=on, at=clock.now())
