"""A channel that takes its time and everything else, and remembers when each message left."""

import time
from threading import Lock

from acuerdo.channels.adapter import Delivery, Notice, Outcome, Parcel, Result
from acuerdo.channels.models import ChannelAccount

SECONDS = 0.2


class Slow:
    label = "Lento"
    channels = ("whatsapp",)
    is_rehearsal = True
    needs = ()
    concurrency = 64
    patience = 5

    def __init__(self) -> None:
        self.left: list[tuple[float, str]] = []
        self._lock = Lock()

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result:
        del account
        with self._lock:
            self.left.append((time.monotonic(), parcel.recipient))
        time.sleep(SECONDS)
        return Result(Outcome.ACCEPTED, provider_id=parcel.token)

    def verify(self, account: ChannelAccount, delivery: Delivery) -> bool:
        del account, delivery
        return False

    def parse(self, account: ChannelAccount, delivery: Delivery) -> list[Notice]:
        del account, delivery
        return []


ADAPTER = Slow()
