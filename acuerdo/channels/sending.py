"""Hands parcels to providers: a few at a time, outside any transaction, each once.

A turn takes what one batch claimed. Small groups of it are *begun*, which commits that they
are about to leave, and only what was begun leaves; answers are settled as they come in. So
a process that dies leaves few hand-overs behind that nobody can vouch for.
"""

import logging
import os
import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from threading import Event, Lock
from typing import Protocol

from django.db import connections

from acuerdo.channels import pacing, registry
from acuerdo.channels.adapter import REVOKED, Outcome, Parcel, Result, Waits, plain
from acuerdo.channels.models import ChannelAccount
from acuerdo.primitives import failpoints

# A parcel that waited longer than this for its turn is not begun: its lease is running.
START_WITHIN = 60
# The slowest exchanges of a turn settle on their own, and hold back nobody.
SETTLE_AFTER = 20
# What was answered does not wait longer than this to be written down.
SETTLE_EVERY = 0.25
# What is begun together would take an idle provider no longer than this to take.
GROUP_SECONDS = 0.1
# A turn takes what would be handed over in so many seconds, and never more than MOST.
TURN_SECONDS = 5
MOST = 500
# The code of a parcel that was never handed over: it is no try of its message.
NO_TURN = "no_turn"
MISCONFIGURED = "misconfigured"
# What stays true however often it is written down.
SAID = (Outcome.ACCEPTED, Outcome.REFUSED)
UNDEPARTED = Result(Outcome.NOT_TAKEN, code=NO_TURN)

Answer = tuple[Parcel, Result]

logger = logging.getLogger(__name__)
_stopping = Event()
# By account, so that a provider that does not answer keeps only its own threads.
_pools: dict[int, ThreadPoolExecutor] = {}
_running: Counter[int] = Counter()
_seconds: dict[int, float] = {}
_counting = Lock()


def _forget_threads() -> None:
    """A forked process has none of its parent's threads, though their pools would be there."""
    _pools.clear()
    _running.clear()


os.register_at_fork(after_in_child=_forget_threads)


class Turn(Protocol):
    """What the owner of the messages does for a turn; ``late`` from any thread."""

    def begin(self, parcels: Sequence[Parcel]) -> tuple[list[Parcel], float]:
        """Commit that these leave now; which of them may, and seconds until the first slot."""
        ...

    def pack(self, parcel: Parcel) -> Parcel:
        """``parcel`` with its files; asked in the thread that hands it over."""
        ...

    def settle(self, answers: Sequence[Answer]) -> None: ...

    def late(self, answer: Answer) -> None: ...

    def give_back(self, parcels: Sequence[Parcel]) -> None:
        """These were never begun."""
        ...


def stop() -> None:
    """Begin no further exchange in this process."""
    _stopping.set()


def is_busy(account: ChannelAccount) -> bool:
    """Whether exchanges of earlier turns still hold every thread of ``account``."""
    return _running[account.pk] >= registry.adapter(account).concurrency


def appetite(account: ChannelAccount) -> int:
    """How many messages a turn may claim: what it can hand over before long."""
    concurrency = registry.adapter(account).concurrency
    seconds = _seconds.get(account.pk)
    most = 4 * concurrency if seconds is None else int(TURN_SECONDS * concurrency / seconds)
    if account.per_second:
        most = min(most, TURN_SECONDS * account.per_second)
    return max(1, min(MOST, max(most, concurrency)))


def send(account: ChannelAccount, parcel: Parcel) -> Result:
    """One exchange. A fault that the adapter did not foresee is uncertain, never "not taken".

    A wrong setting is the account's fault: it uses up the tries of no message.
    """
    try:
        failpoints.hit("outbox.handing_over")
        result = _storable(registry.adapter(account).send(account, parcel))
        failpoints.hit("outbox.handed_over")
        is_ours = result.outcome == Outcome.NOT_TAKEN and result.code == MISCONFIGURED
        return replace(result, waits=Waits.ACCOUNT) if is_ours else result
    except Exception as fault:
        logger.exception("adapter %s failed", account.adapter)
        return Result(Outcome.UNCERTAIN, code="fault", detail=type(fault).__name__)


def _storable(result: Result) -> Result:
    """A provider's words as the database can hold them: one NUL would spoil its whole batch."""
    words = (plain(result.provider_id, most=200), plain(result.code, most=60), plain(result.detail))
    if words == (result.provider_id, result.code, result.detail):
        return result
    return replace(result, provider_id=words[0], code=words[1], detail=words[2])


def hand_over(account: ChannelAccount, parcels: Sequence[Parcel], turn: Turn) -> None:
    """One turn of ``account``: every parcel is settled, given back, or left to ``turn.late``."""
    _Course(account, turn, deque(parcels)).run()


@dataclass(frozen=True, slots=True)
class _Departure:
    parcel: Parcel
    at: float
    latest: float


class _Course:
    """A turn as it goes on. Everything but ``_exchange`` runs in the thread of the turn."""

    def __init__(self, account: ChannelAccount, turn: Turn, waiting: deque[Parcel]) -> None:
        self.account, self.turn, self.waiting = account, turn, waiting
        self.concurrency = registry.adapter(account).concurrency
        self.spacing = pacing.spacing(account)
        self.begun: deque[_Departure] = deque()
        self.in_air = 0
        self.answers: SimpleQueue[Answer] = SimpleQueue()
        self.unsettled: list[Answer] = []
        self.is_over = False
        self.is_closed = False
        self.closing = Lock()
        # Two clocks: a machine that slept has lost its lease, whichever of them stood still.
        self.deadline = time.monotonic() + START_WITHIN
        self.wall_deadline = time.time() + START_WITHIN
        self.last_answer = self.last_settled = time.monotonic()

    def run(self) -> None:
        try:
            while self._goes_on():
                self._begin()
                self._depart()
                self._collect()
        finally:
            self._end()

    def _goes_on(self) -> bool:
        if self._is_ended():
            self.is_over = True
        if self.is_over and self.in_air == 0:
            return False
        if self.in_air and time.monotonic() - self.last_answer > SETTLE_AFTER:
            return False
        return bool(self.in_air or self.begun or self.waiting)

    def _is_ended(self) -> bool:
        """Whether nothing more may leave in this turn."""
        return (
            self.is_over
            or _stopping.is_set()
            or time.monotonic() > self.deadline
            or time.time() > self.wall_deadline
        )

    def _begin(self) -> None:
        room = self._room()
        if self.is_over or not self.waiting or room < 1:
            return
        group = [self.waiting.popleft() for _ in range(min(room, len(self.waiting)))]
        try:
            going, first = self.turn.begin(group)
        except Exception:
            self.waiting.extendleft(reversed(group))
            self.is_over = True
            raise
        now = time.monotonic() + first
        for place, parcel in enumerate(going):
            at = now + place * self.spacing
            latest = at + pacing.LATENESS if self.spacing else self.deadline
            self.begun.append(_Departure(parcel, at, latest))
        if len(going) < len(group):
            # Stopped, told to wait, or no longer ours: the next turn asks again.
            self.is_over = True
            kept = {parcel.token for parcel in going}
            self.waiting.extend(parcel for parcel in group if parcel.token not in kept)

    def _room(self) -> int:
        """How many to begin now: little more than what can leave at once."""
        if self.spacing:
            soon = self.begun and self.begun[-1].at > time.monotonic() + GROUP_SECONDS
            slots = max(1, int(2 * GROUP_SECONDS / self.spacing))
            free = self.concurrency - self.in_air - len(self.begun)
            return 0 if soon else min(slots, free)
        if self.in_air + len(self.begun) > self.concurrency // 2 and self.concurrency > 1:
            return 0
        seconds = _seconds.get(self.account.pk)
        many = int(self.concurrency * GROUP_SECONDS / seconds) if seconds else 0
        return min(MOST, max(self.concurrency, many))

    def _depart(self) -> None:
        while self.begun and self.begun[0].at <= time.monotonic():
            departure = self.begun.popleft()
            if self.is_over:
                self.unsettled.append((departure.parcel, UNDEPARTED))
                continue
            self.in_air += 1
            with _counting:
                _running[self.account.pk] += 1
            if self.concurrency == 1:
                self._exchange(departure)
                self._take(self.answers.get())
            else:
                _pool(self.account).submit(self._exchange, departure)

    def _exchange(self, departure: _Departure) -> None:
        """In a thread of the pool: the one place where a parcel leaves."""
        result = UNDEPARTED
        try:
            parcel = self.turn.pack(departure.parcel)
        except Exception as fault:
            logger.exception("parcel %s cannot be packed", departure.parcel.token)
            result = Result(Outcome.REFUSED, code="file_missing", detail=type(fault).__name__)
        else:
            if not self._is_ended() and time.monotonic() <= departure.latest:
                started = time.monotonic()
                result = send(self.account, parcel)
                _learn(self.account, time.monotonic() - started)
        with _counting:
            _running[self.account.pk] -= 1
        with self.closing:
            if not self.is_closed:
                self.answers.put((departure.parcel, result))
                return
        self._settle_late((departure.parcel, result))

    def _collect(self) -> None:
        """Take the answers that are there, wait a little for more, and settle them."""
        pause = self._pause()
        while self.in_air:
            try:
                self._take(self.answers.get(timeout=pause) if pause else self.answers.get_nowait())
            except Empty:
                break
            pause = 0.0
        if not self.in_air and pause and not self.is_over:
            time.sleep(pause)
        waited = time.monotonic() - self.last_settled
        if not self.in_air or len(self.unsettled) >= self.concurrency or waited > SETTLE_EVERY:
            self._settle()

    def _pause(self) -> float:
        """Until the next departure; nothing when more can be begun at once."""
        if self.begun:
            return max(0.0, min(0.25, self.begun[0].at - time.monotonic()))
        if not self.is_over and self.waiting and self._room() > 0:
            return 0.0
        return 0.25 if self.in_air else 0.0

    def _take(self, answer: Answer) -> None:
        self.in_air -= 1
        self.last_answer = time.monotonic()
        self.unsettled.append(answer)
        result = answer[1]
        if result.outcome == Outcome.NOT_TAKEN and (
            result.waits == Waits.ACCOUNT or result.code == REVOKED
        ):
            self.is_over = True

    def _settle(self) -> None:
        if self.unsettled:
            answers, self.unsettled = self.unsettled, []
            try:
                self.turn.settle(answers)
            except Exception:
                # The end of the turn tries once more: a provider's word is not to be forgotten.
                # What was not taken is left out: if that was written down, it may be another's.
                if not self.is_closed:
                    self.unsettled += [each for each in answers if each[1].outcome in SAID]
                raise
        self.last_settled = time.monotonic()

    def _end(self) -> None:
        with self.closing:
            self.is_closed = True
            while not self.answers.empty():
                self.unsettled.append(self.answers.get_nowait())
        self.unsettled.extend((each.parcel, UNDEPARTED) for each in self.begun)
        self._settle()
        if self.waiting:
            self.turn.give_back(list(self.waiting))

    def _settle_late(self, answer: Answer) -> None:
        try:
            self.turn.late(answer)
        except Exception:
            # The lease runs out and the attempt becomes uncertain: nothing is lost, nor doubled.
            logger.exception("could not settle %s", answer[0].token)
        finally:
            connections.close_all()


def _pool(account: ChannelAccount) -> ThreadPoolExecutor:
    if account.pk not in _pools:
        _pools[account.pk] = ThreadPoolExecutor(registry.adapter(account).concurrency)
    return _pools[account.pk]


def _learn(account: ChannelAccount, seconds: float) -> None:
    """What an exchange takes nowadays; slow ones count at once, quick ones little by little."""
    known = _seconds.get(account.pk, seconds)
    share = 0.5 if seconds > known else 0.1
    _seconds[account.pk] = max(1e-6, known + share * (seconds - known))
