"""What the clock tidies up for the organisation."""

from procrastinate.contrib.django import app

from acuerdo.organization import once


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="organization.forget_sent_forms")
def forget_sent_forms(timestamp: int) -> None:
    del timestamp
    once.forget_old()
