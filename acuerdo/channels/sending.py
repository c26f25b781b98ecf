"""Hands parcels to providers, several at a time and outside any transaction."""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from threading import Event

from django.db import connections

from acuerdo.channels import registry
from acuerdo.channels.adapter import Outcome, Parcel, Result, plain
from acuerdo.channels.models import ChannelAccount
from acuerdo.primitives import failpoints

# A parcel that waited longer than this for its turn is not begun: its lease is running.
START_WITHIN = 60
# The slowest exchanges of a batch are settled on their own, and hold back nobody.
SETTLE_AFTER = 20
# The code of a parcel that was never begun: it is no try of its message.
NO_TURN = "no_turn"

Settle = Callable[[Parcel, Result], None]
Exchange = Future[Result]

logger = logging.getLogger(__name__)
_stopping = Event()
# By account, so that a provider that does not answer keeps only its own threads.
_pools: dict[int, ThreadPoolExecutor] = {}
_running: dict[int, set[Exchange]] = {}


def stop() -> None:
    """Begin no further exchange in this process."""
    _stopping.set()


def is_busy(account: ChannelAccount) -> bool:
    """Whether exchanges of earlier batches still hold every thread of ``account``."""
    running = {exchange for exchange in _running.get(account.pk, ()) if not exchange.done()}
    _running[account.pk] = running
    return len(running) >= registry.adapter(account).concurrency


def send(account: ChannelAccount, parcel: Parcel) -> Result:
    """One exchange. A fault that the adapter did not foresee is uncertain, never "not taken"."""
    try:
        failpoints.hit("outbox.handing_over")
        result = _storable(registry.adapter(account).send(account, parcel))
        failpoints.hit("outbox.handed_over")
        return result
    except Exception as fault:
        logger.exception("adapter %s failed", account.adapter)
        return Result(Outcome.UNCERTAIN, code="fault", detail=type(fault).__name__)


def _storable(result: Result) -> Result:
    """A provider's words as the database can hold them: one NUL would spoil its whole batch."""
    words = (plain(result.provider_id, most=200), plain(result.code, most=60), plain(result.detail))
    if words == (result.provider_id, result.code, result.detail):
        return result
    return Result(result.outcome, *words)


def send_many(
    account: ChannelAccount, parcels: Sequence[Parcel], *, late: Settle
) -> list[tuple[Parcel, Result]]:
    """Hand over ``parcels`` and return what was answered within ``SETTLE_AFTER`` seconds.

    ``late`` is called from another thread for each of the others, when it ends.
    """
    if registry.adapter(account).concurrency == 1:
        return [(parcel, send(account, parcel)) for parcel in parcels]
    deadline = time.monotonic() + START_WITHIN
    pool = _pool(account)
    exchanges = {pool.submit(_in_turn, account, parcel, deadline): parcel for parcel in parcels}
    done, slow = wait(exchanges, timeout=SETTLE_AFTER)
    _running.setdefault(account.pk, set()).update(slow)
    for exchange in slow:
        exchange.add_done_callback(partial(_settle_late, late, exchanges[exchange]))
    return [(exchanges[exchange], exchange.result()) for exchange in done]


def _pool(account: ChannelAccount) -> ThreadPoolExecutor:
    if account.pk not in _pools:
        _pools[account.pk] = ThreadPoolExecutor(registry.adapter(account).concurrency)
    return _pools[account.pk]


def _in_turn(account: ChannelAccount, parcel: Parcel, deadline: float) -> Result:
    if _stopping.is_set() or time.monotonic() > deadline:
        return Result(Outcome.NOT_TAKEN, code=NO_TURN)
    return send(account, parcel)


def _settle_late(late: Settle, parcel: Parcel, exchange: Exchange) -> None:
    try:
        late(parcel, exchange.result())
    except Exception:
        # The lease runs out and the attempt becomes uncertain: nothing is lost, nor sent twice.
        logger.exception("could not settle %s", parcel.token)
    finally:
        connections.close_all()
