"""The clock of the flows: begins and plans each local day once."""

from procrastinate.contrib.django import app

from acuerdo.flows import days
from acuerdo.organization import settings
from acuerdo.primitives import clock


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="flows.tick", lock="flows.tick")
def tick(timestamp: int) -> None:
    settings.follow_clock()
    days.follow(at=clock.now())
