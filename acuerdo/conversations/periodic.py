"""What the clock starts for the messages that wait."""

from procrastinate.contrib.django import app

from acuerdo.conversations import holding


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="conversations.release_held")
def release_held(timestamp: int) -> None:
    del timestamp
    holding.release_all()
