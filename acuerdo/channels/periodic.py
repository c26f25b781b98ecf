"""What the clock starts for the channels."""

from procrastinate.contrib.django import app

from acuerdo.channels import provider_templates
from acuerdo.primitives import clock


@app.periodic(cron="17 */6 * * *")
@app.task(queueing_lock="channels.sync_templates")
def sync_templates(timestamp: int) -> None:
    """What changes in between arrives as a notice; this finds what a lost notice would hide."""
    del timestamp
    provider_templates.sync_all(at=clock.now())
