"""S2, G8: messages due at one moment to a provider that takes 200 ms, within its pace.

Two workers share the account. The judge is the provider's own list of when each message
left: all of them once, and in no second of it, wherever it begins, more than the limit. The
floor is the same provider, called by as many threads as slots of the limit allow, without a
database: what any sender could do. The database must be empty.
"""

import time
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from acuerdo.channels.adapter import Parcel
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.sending import delivery
from acuerdo.primitives import clock
from bench import outbox, slow

PER_SECOND = 200
WORKERS = 2
FLOOR_SECONDS = 5


def main(customers: int) -> dict[str, Any]:
    outbox.lay(customers, adapter="slow", per_second=PER_SECOND)
    outbox.fill(customers)
    floor = _floor(min(customers, PER_SECOND * FLOOR_SECONDS))
    slow.ADAPTER.left.clear()
    spent = _ours(customers)
    moments = sorted(moment for moment, _to in slow.ADAPTER.left)
    doubled = len(moments) - len({to for _moment, to in slow.ADAPTER.left})
    busiest = _busiest_second(moments)
    assert doubled == 0, f"{doubled} were handed over twice"
    assert busiest <= PER_SECOND, f"{busiest} left within one second"
    ours = customers / spent
    return {
        "bench": "paced",
        "customers": customers,
        "ours": round(ours, 1),
        "floor": round(floor, 1),
        "unit": "messages/s",
        "ratio": round(ours / floor, 3),
        "limit": PER_SECOND,
        "share": round(ours / PER_SECOND, 3),
        "busiest_second": busiest,
        "doubled": doubled,
        "missed_slots": outbox.count(_MISSED),
    }


# What came too late for its slot gave it up, and was claimed once more.
_MISSED = "SELECT count(*) FROM conversations_attempt WHERE code = 'no_turn'"


def _ours(messages: int) -> float:
    """Seconds until everything was settled."""
    start = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(_work, range(WORKERS)))
    spent = time.perf_counter() - start
    sent = outbox.count("SELECT count(*) FROM interactions_interaction WHERE status = 'sent'")
    left = outbox.count("SELECT count(*) FROM conversations_outgoing")
    assert (sent, left) == (messages, 0), f"{sent} of {messages} were sent, {left} wait"
    return spent


def _work(_number: int) -> None:
    try:
        with clock.travel(outbox.NOW):
            while outbox.count("SELECT count(*) FROM conversations_outgoing"):
                delivery.drain()
    finally:
        connection.close()


def _floor(messages: int) -> float:
    account = ChannelAccount.objects.get()
    start = time.perf_counter()
    with ThreadPoolExecutor(slow.ADAPTER.concurrency) as threads:
        for place in range(messages):
            time.sleep(max(0.0, start + place / PER_SECOND - time.perf_counter()))
            threads.submit(slow.ADAPTER.send, account, Parcel(str(place), "whatsapp", "", "", ""))
    return messages / (time.perf_counter() - start)


def _busiest_second(moments: list[float]) -> int:
    return max(bisect_left(moments, moment + 1) - place for place, moment in enumerate(moments))
