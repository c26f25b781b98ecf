"""What the clock starts for customers."""

from procrastinate.contrib.django import app

from acuerdo.customers import segmentation
from acuerdo.organization import settings
from acuerdo.primitives import clock


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="customers.sort_again")
def sort_again(timestamp: int) -> None:
    """A worker that died while it sorted leaves the rest to the next."""
    del timestamp
    settings.follow_clock()
    segmentation.resume(at=clock.now())
