"""Jobs about customers that somebody asks for."""

from procrastinate.contrib.django import app

from acuerdo.customers import segmentation
from acuerdo.primitives import clock


@app.task(queueing_lock="customers.sort")
def sort_customers() -> None:
    segmentation.resume(at=clock.now())
