"""Writes down what became of the hand-overs, and what can no longer be known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from acuerdo.channels.adapter import REVOKED, Outcome, Result, Waits
from acuerdo.channels.sending import NO_TURN
from acuerdo.conversations import inbox
from acuerdo.conversations.sending import address_faults, claiming, doubts, setbacks
from acuerdo.conversations.sending.claiming import Claimed
from acuerdo.interactions import lifecycle
from acuerdo.interactions.lifecycle import Move, Moved
from acuerdo.primitives import failpoints
from acuerdo.primitives.arrays import literal

Answer = tuple[Claimed, Result]

RECOVER = 500
TRIES = 12
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
# In seconds: a provider that asks for more is asked again before its time.
LONGEST_ASKED = 6 * 3600
# Its lease may have run out while the provider was still thinking: evidence settles that too.
OPEN = ["processing", "uncertain"]


def settle(answers: Sequence[Answer], *, at: datetime) -> None:
    """Settle a batch in one transaction.

    A provider that names two messages alike spoils nothing but its own: then each is
    settled alone, and the second keeps no provider id.
    """
    if not answers:
        return
    try:
        with transaction.atomic():
            _settle(answers, at=at)
    except IntegrityError:
        if len(answers) == 1:
            row, result = answers[0]
            nameless = replace(result, provider_id="")
            with transaction.atomic():
                _settle([(row, nameless)], at=at)
            return
        for answer in answers:
            settle([answer], at=at)


def _settle(answers: Sequence[Answer], *, at: datetime) -> None:
    _finish_attempts(answers, at=at)
    chosen: dict[Outcome, list[Answer]] = {outcome: [] for outcome in Outcome}
    for answer in answers:
        chosen[answer[1].outcome].append(answer)
    _accepted(chosen[Outcome.ACCEPTED], at=at)
    _close(chosen[Outcome.REFUSED], "failed", OPEN, at=at)
    _blame_addresses(chosen[Outcome.REFUSED], at=at)
    _close(chosen[Outcome.UNCERTAIN], "uncertain", ["processing"], at=at)
    _not_taken(chosen[Outcome.NOT_TAKEN], at=at)
    failpoints.hit("outbox.settling")


def _blame_addresses(answers: Sequence[Answer], *, at: datetime) -> None:
    faults = {row.message_id: result.address_fault for row, result in answers}
    address_faults.heed(faults, at=at)


def _finish_attempts(answers: Sequence[Answer], *, at: datetime) -> None:
    results = [result for _row, result in answers]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_attempt AS attempt SET finished_at = %s,"
            " outcome = done.outcome, code = done.code, detail = done.detail"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])"
            " AS done (token, outcome, code, detail) WHERE attempt.token = done.token",
            [
                at,
                literal(row.token for row, _result in answers),
                literal(result.outcome for result in results),
                literal(result.code[:60] for result in results),
                literal(result.detail[:300] for result in results),
            ],
        )


def _accepted(answers: Sequence[Answer], *, at: datetime) -> None:
    if not answers:
        return
    named = [(row.message_id, result.provider_id) for row, result in answers if result.provider_id]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_message AS message SET provider_id = done.provider_id"
            " FROM unnest(%s::bigint[], %s::text[]) AS done (id, provider_id)"
            " WHERE message.interaction_id = done.id",
            [literal(id_ for id_, _name in named), literal(name[:200] for _id, name in named)],
        )
    _close(answers, "sent", OPEN, at=at)


def _close(answers: Sequence[Answer], to: str, from_: Sequence[str], *, at: datetime) -> None:
    """The queue is done with these: sent, failed or, for good, uncertain."""
    if not answers:
        return
    moves = [
        Move(row.message_id, at, "" if to == "sent" else result.code or to, result.detail)
        for row, result in answers
    ]
    moved = lifecycle.move_each(moves, from_=from_, to=to)
    _dequeue([row.message_id for row, _result in answers])
    show(moved, at=at)


def _not_taken(answers: Sequence[Answer], *, at: datetime) -> None:
    """Nothing left: the message waits for its next turn, until it is too late for it."""
    spent = [answer for answer in answers if _is_spent(answer, at=at)]
    waiting = [answer for answer in answers if not _is_spent(answer, at=at)]
    _close(spent, "not_sent", ["processing"], at=at)
    if not waiting:
        return
    moves = [
        Move(row.message_id, at, result.code or "not_taken", result.detail)
        for row, result in waiting
    ]
    back = {row.id for row in lifecycle.move_each(moves, from_=["processing"], to="scheduled")}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_outgoing AS row"
            " SET due_at = next.due_at, tries = row.tries + next.tries, lease_until = NULL"
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::int[]) AS next (id, due_at, tries)"
            " WHERE row.message_id = next.id AND next.id = ANY(%s::bigint[])",
            [
                literal(row.message_id for row, _result in waiting),
                literal(at + _wait(answer) for answer in waiting),
                literal(_cost(answer) for answer in waiting),
                literal(back),
            ],
        )


def _is_spent(answer: Answer, *, at: datetime) -> bool:
    due = answer[0].due
    late = due.not_after is not None and at + _wait(answer) > due.not_after
    is_own_fault = answer[1].waits == Waits.MESSAGE
    return late or (is_own_fault and due.tries + _cost(answer) >= TRIES)


def _cost(answer: Answer) -> int:
    """No try of the message: its turn did not come, or it was the account that had to wait."""
    result = answer[1]
    return 0 if result.code in (NO_TURN, REVOKED) or result.waits == Waits.ACCOUNT else 1


def _wait(answer: Answer) -> timedelta:
    """Until the next try; an account that waits is held as a whole by ``pacing``."""
    row, result = answer
    if result.retry_after is not None:
        return timedelta(seconds=min(max(result.retry_after, 0), LONGEST_ASKED))
    if not _cost(answer):
        return timedelta(0)
    return min(FIRST_WAIT * (1 << min(row.due.tries, 10)), LONGEST_WAIT)


def _dequeue(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM conversations_outgoing WHERE message_id = ANY(%s::bigint[])",
            [literal(ids)],
        )


def show(moved: Sequence[Moved], *, at: datetime) -> None:
    """Let the inbox and the listeners know of messages that moved to one same status."""
    if not moved:
        return
    status = moved[0].status
    ids = [row.id for row in moved]
    if status == "uncertain":
        doubts.enter(ids, at=at)
    else:
        doubts.close_proven(ids, at=at)
    if status in setbacks.STATUSES:
        setbacks.enter(ids, at=at)
    if status == "sent":
        inbox.touch_many(ids)
    else:
        inbox.show_statuses(ids)
    claiming.record(f"message.{status}", moved, at=at)


@transaction.atomic
def prove(message_id: int, token: str, told: Result, *, at: datetime) -> None:
    """The provider knows what became of an uncertain hand-over: accepted or refused."""
    with connection.cursor() as cursor:
        cursor.execute(_PROVE_ATTEMPT, [told.outcome, told.code[:60], at, token])
        if told.provider_id:
            name = told.provider_id[:200]
            cursor.execute(_NAME, [name, message_id, name])
    to = "sent" if told.outcome == Outcome.ACCEPTED else "failed"
    move = Move(message_id, at, "" if to == "sent" else told.code or to, told.detail)
    show(lifecycle.move_each([move], from_=["uncertain"], to=to), at=at)


_PROVE_ATTEMPT = """
UPDATE conversations_attempt SET outcome = %s, code = %s, finished_at = %s
WHERE token = %s AND outcome IN ('', 'uncertain')
"""
_NAME = """
UPDATE conversations_message AS message SET provider_id = %s
WHERE interaction_id = %s AND provider_id IS NULL AND NOT EXISTS (
    SELECT FROM conversations_message AS other
    WHERE other.account_id = message.account_id AND other.provider_id = %s)
"""


@transaction.atomic
def recover(*, at: datetime) -> int:
    """What became of the messages whose lease ended, since their worker died or was cut off.

    A hand-over that was begun is uncertain, never sent again. What was only claimed never
    left, and is due again.
    """
    ids = _expired()
    if not ids:
        return 0
    begun = _begun(ids, at=at)
    show(
        lifecycle.move_each(
            [Move(id_, at, "no_answer") for id_ in begun], from_=["processing"], to="uncertain"
        ),
        at=at,
    )
    _dequeue(begun)
    _return([id_ for id_ in ids if id_ not in set(begun)], at=at)
    return len(ids)


def _expired() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message_id FROM conversations_outgoing WHERE lease_until < clock_timestamp()"
            " ORDER BY lease_until LIMIT %s FOR UPDATE SKIP LOCKED",
            [RECOVER],
        )
        return [row[0] for row in cursor.fetchall()]


def _begun(ids: Sequence[int], *, at: datetime) -> list[int]:
    """In a statement of its own, after the locks: what was begun meanwhile is seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_attempt SET outcome = 'uncertain', code = 'no_answer',"
            " finished_at = %s WHERE message_id = ANY(%s::bigint[]) AND outcome = ''"
            " RETURNING message_id",
            [at, literal(ids)],
        )
        return [row[0] for row in cursor.fetchall()]


def _return(ids: Sequence[int], *, at: datetime) -> None:
    if not ids:
        return
    back = lifecycle.move_many(
        ids, from_=["processing"], to="scheduled", at=at, reason="interrupted"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_outgoing SET lease_until = NULL"
            " WHERE message_id = ANY(%s::bigint[])",
            [literal(row.id for row in back)],
        )
        # A row whose message is no longer in our hands has nothing to do in the queue.
        cursor.execute(
            "DELETE FROM conversations_outgoing WHERE message_id = ANY(%s::bigint[])"
            " AND lease_until IS NOT NULL",
            [literal(ids)],
        )
