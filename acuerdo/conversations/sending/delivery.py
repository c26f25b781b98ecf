"""Sends what is due: at most one hand-over to the provider for each message.

A batch is claimed; small groups of it are begun, and only what a commit says is begun
leaves; the exchange happens outside any transaction; answers are settled as they come.
What nobody can tell becomes ``uncertain``, which the machine never sends again.
"""

import logging
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context

from django.db import connections

from acuerdo.channels import accounts, pacing, sending
from acuerdo.channels.adapter import REVOKED, Outcome, Parcel, Result, Waits
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.sending import Answer
from acuerdo.conversations.sending import claiming, packing, settling
from acuerdo.conversations.sending.claiming import Batch, Claimed
from acuerdo.organization import settings
from acuerdo.primitives import clock, failpoints

# A turn that takes longer goes on by itself: a slow provider holds back its own account only.
TURN_WAIT = 2.0
# More accounts than this take turns.
AT_ONCE = 16

logger = logging.getLogger(__name__)
_turns: dict[int, Future[int]] = {}
_threads: list[ThreadPoolExecutor] = []


def _forget_threads() -> None:
    """A forked process has none of its parent's threads, though their pool would be there."""
    _turns.clear()
    _threads.clear()


os.register_at_fork(after_in_child=_forget_threads)


def drain() -> int:
    """One turn for each account that may send; says how many messages were dealt with."""
    recovered = settling.recover(at=clock.now())
    if settings.current().sending_paused_at:
        return recovered
    sendable = accounts.sendable()
    if len(sendable) <= 1 and not _turns:
        return recovered + sum(_drain(account) for account in sendable)
    return recovered + _side_by_side(sendable)


def _side_by_side(sendable: Sequence[ChannelAccount]) -> int:
    """Turns that go on count as one each, so that whoever drains until nothing is left waits."""
    for account in sendable:
        if account.pk not in _turns:
            # The turn sees the clock that its caller sees.
            _turns[account.pk] = _pool().submit(copy_context().run, _drain_apart, account)
    wait(_turns.values(), timeout=TURN_WAIT)
    ended = {id_: turn for id_, turn in _turns.items() if turn.done()}
    for id_ in ended:
        del _turns[id_]
    return sum(turn.result() for turn in ended.values()) + len(_turns)


def _pool() -> ThreadPoolExecutor:
    if not _threads:
        _threads.append(ThreadPoolExecutor(AT_ONCE, thread_name_prefix="account"))
    return _threads[0]


def _drain_apart(account: ChannelAccount) -> int:
    try:
        return _drain(account)
    finally:
        connections.close_all()


def _drain(account: ChannelAccount) -> int:
    """What goes wrong with one account holds back none of the others."""
    try:
        if sending.is_busy(account):
            return 0
        batch = _claim(account)
        failpoints.hit("outbox.claimed")
        if batch.claimed:
            turn = Turn(account, batch)
            sending.hand_over(account, turn.parcels(), turn)
            failpoints.hit("outbox.settled")
    except Exception:
        logger.exception("account %s cannot send", account.pk)
        return 0
    return batch.seen


def _claim(account: ChannelAccount) -> Batch:
    """A message that nobody can judge is put off alone: those behind it go on."""
    at = clock.now()
    try:
        return claiming.claim(account, at=at, limit=sending.appetite(account))
    except Exception:
        logger.exception("a batch of account %s is claimed one by one", account.pk)
    try:
        return claiming.claim(account, at=at, limit=1)
    except Exception:
        claiming.set_first_back(account, at=at)
        raise


class Turn:
    """What ``sending`` asks of us while it hands a batch over."""

    def __init__(self, account: ChannelAccount, batch: Batch) -> None:
        assert batch.lease is not None  # noqa: S101 - something was claimed
        self.account, self.lease = account, batch.lease
        self.rows = {row.token: row for row in batch.claimed}
        self.files = packing.files_of(batch.claimed)
        # A travelled clock belongs to the thread that claimed; a late answer comes in another.
        self.claimed_at = clock.now()

    def parcels(self) -> list[Parcel]:
        """What can be made of the batch; what can never leave fails alone."""
        made, unmade = [], []
        for row in self.rows.values():
            try:
                made.append(packing.parcel(row))
            except Exception as fault:
                logger.exception("message %s cannot be packed", row.message_id)
                detail = f"{type(fault).__name__}: {fault}"
                unmade.append((row, Result(Outcome.REFUSED, code="unwritable", detail=detail)))
        settling.settle(unmade, at=clock.now())
        return made

    def begin(self, parcels: Sequence[Parcel]) -> tuple[list[Parcel], float]:
        tokens, first = claiming.begin(
            self.account, self._claimed(parcels), lease=self.lease, at=clock.now()
        )
        failpoints.hit("outbox.begun")
        return [parcel for parcel in parcels if parcel.token in tokens], first

    def pack(self, parcel: Parcel) -> Parcel:
        return packing.with_files(parcel, self.files) if self.files else parcel

    def settle(self, answers: Sequence[Answer]) -> None:
        failpoints.hit("outbox.answered")
        self._heed([result for _parcel, result in answers])
        settling.settle(
            [(self.rows[parcel.token], result) for parcel, result in answers], at=clock.now()
        )

    def late(self, answer: Answer) -> None:
        parcel, result = answer
        self._heed([result])
        settling.settle([(self.rows[parcel.token], result)], at=max(self.claimed_at, clock.now()))

    def give_back(self, parcels: Sequence[Parcel]) -> None:
        ids = [row.due.message_id for row in self._claimed(parcels)]
        claiming.give_back(ids, lease=self.lease, at=clock.now())

    def _claimed(self, parcels: Sequence[Parcel]) -> list[Claimed]:
        return [self.rows[parcel.token] for parcel in parcels]

    def _heed(self, results: Sequence[Result]) -> None:
        """What the answers say of the account itself, before its messages are due again."""
        waits = [result for result in results if result.waits == Waits.ACCOUNT]
        if waits:
            asked = [result.retry_after for result in waits if result.retry_after]
            pacing.hold(self.account, retry_after=max(asked) if asked else None)
        elif any(result.outcome == Outcome.ACCEPTED for result in results):
            pacing.relax(self.account)
        revoked = [result for result in results if result.code == REVOKED]
        if revoked:
            accounts.stop(self.account, reason=revoked[0].detail or REVOKED, at=clock.now())
