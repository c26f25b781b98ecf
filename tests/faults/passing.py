"""Time that goes by, for the clock of the product and for what the database's clock measures."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F

from acuerdo.channels.models import ChannelAccount
from acuerdo.config import worker
from acuerdo.conversations.sending import delivery
from acuerdo.organization import settings
from acuerdo.primitives import clock


def drain_at(start: datetime, minutes: Iterable[int]) -> None:
    """A worker's turn so many minutes after ``start``, each in its place.

    Accounts that wait for their provider do so by the database's clock: it is their wait
    that is made shorter.
    """
    before = 0
    for minute in minutes:
        ChannelAccount.objects.exclude(paced_until=None).update(
            paced_until=F("paced_until") - timedelta(minutes=minute - before)
        )
        before = minute
        with clock.travel(start + timedelta(minutes=minute)):
            delivery.drain()


def work_from(start: datetime) -> None:
    """A whole worker, for a process of its own, whose day begins at ``start``.

    The rows hold the clock: jobs of each minute look there.
    """
    settings.follow_clock()
    settings.move_clock(start - clock.now())
    worker.main()
