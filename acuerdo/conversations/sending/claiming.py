"""Takes due messages for one hand-over: everything is asked again, and written down.

The order of locks is the same everywhere: queue rows (skipping those of others), then
customers by id. A customer's lock makes two workers count its contacts one after the other.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from acuerdo.channels import pacing, registry, sending
from acuerdo.channels.models import ChannelAccount
from acuerdo.contact_policy import decide
from acuerdo.contact_policy.decide import Ask
from acuerdo.contact_policy.verdicts import Verdict
from acuerdo.conversations import inbox
from acuerdo.conversations.sending import holding, provider_rules, setbacks, spacing
from acuerdo.conversations.sending.provider_rules import Ruling, Wanted
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.lifecycle import Move, Moved
from acuerdo.interactions.models import Origin
from acuerdo.ledger import holds
from acuerdo.organization import settings
from acuerdo.primitives import clock, failpoints
from acuerdo.primitives.arrays import literal

# A promise holds the flow, not the message that confirms the promise.
HELD_ORIGINS = (Origin.FLOW, Origin.CAMPAIGN)
BATCH = 500
BACK = timedelta(minutes=15)
LEASE = 120


class Due(NamedTuple):
    """A queue row whose time has come, with what has to be true to send it."""

    message_id: int
    customer_id: int
    not_after: datetime | None
    tries: int
    source: str
    channel: str
    origin: str
    address: str
    subject: str
    body: str
    html: str
    quotes: str
    template_json: str | None
    portfolio_id: int
    adviser_id: int | None
    is_address_good: bool

    @property
    def template_call(self) -> dict[str, Any] | None:
        """A bare cursor hands over JSON as its text."""
        told: dict[str, Any] | None = json.loads(self.template_json) if self.template_json else None
        return told


class Claimed(NamedTuple):
    """A message that this process alone may hand over, under ``token``."""

    token: str
    due: Due

    @property
    def message_id(self) -> int:
        return self.due.message_id


@dataclass(frozen=True, slots=True)
class Batch:
    """``lease`` names the claim: whoever holds another one has no say in these messages."""

    seen: int
    claimed: list[Claimed]
    lease: datetime | None = None


@transaction.atomic
def claim(account: ChannelAccount, *, at: datetime, limit: int = BATCH) -> Batch:
    """Take a batch of ``account``; those that may not leave now are put off or closed."""
    rows = _due(account, at=at, limit=limit) if pacing.may_leave(account) else []
    if not rows:
        return Batch(0, [])
    _lock_customers({row.customer_id for row in rows})
    sendable = _provided(account, _without_obstacles(rows, at=at), at=at)
    sendable = _apart(account, sendable, at=at)
    claimed, lease = _take(_lawful(sendable, at=at), account=account, at=at)
    failpoints.hit("outbox.claiming")
    return Batch(len(rows), claimed, lease)


def _due(account: ChannelAccount, *, at: datetime, limit: int) -> list[Due]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"account": account.pk, "at": at, "limit": limit})
        return [Due(*row) for row in cursor.fetchall()]


# The address must still belong to the customer and still be usable on the channel.
_DUE = """
WITH due AS (
    SELECT message_id, customer_id, due_at, not_after, tries FROM conversations_outgoing
    WHERE account_id = %(account)s AND due_at <= %(at)s AND lease_until IS NULL
        AND held_reason = ''
    ORDER BY due_at, message_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
SELECT due.message_id, due.customer_id, due.not_after, due.tries, entry.source,
    entry.channel, entry.origin, message.address, message.subject, message.body,
    message.html, message.quotes, message.template_call, entry.portfolio_id, entry.adviser_id,
    COALESCE(point.customer_id = due.customer_id AND point.is_usable
        AND point.value = message.address
        AND NOT jsonb_exists(point.refused_channels, entry.channel), false)
FROM due
JOIN conversations_message AS message ON message.interaction_id = due.message_id
JOIN interactions_interaction AS entry ON entry.id = due.message_id
LEFT JOIN customers_contactpoint AS point ON point.id = message.contact_point_id
ORDER BY due.due_at, due.message_id
"""


def _lock_customers(ids: set[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM customers_customer WHERE id = ANY(%s::bigint[])"
            " ORDER BY id FOR NO KEY UPDATE",
            [literal(ids)],
        )


def _without_obstacles(rows: Sequence[Due], *, at: datetime) -> list[Due]:
    """Close what came too late, lost its address or, of a flow, is held by the ledger."""
    held = {row.customer_id for row in rows if row.origin in HELD_ORIGINS}
    on = clock.date_in(settings.current().time_zone, at)
    blocked = holds.blockers(held, on=on) if held else {}
    reasons = {row.message_id: _obstacle(row, blocked, at=at) for row in rows}
    _close([Move(id_, at, reason) for id_, reason in reasons.items() if reason])
    return [row for row in rows if not reasons[row.message_id]]


def _obstacle(row: Due, blocked: dict[int, str], *, at: datetime) -> str:
    if row.not_after is not None and row.not_after < at:
        return "too_late"
    if not row.is_address_good:
        return "address_unusable"
    return blocked.get(row.customer_id, "") if row.origin in HELD_ORIGINS else ""


def _provided(account: ChannelAccount, rows: Sequence[Due], *, at: datetime) -> list[Due]:
    """Those that the account's provider would take now; the others are closed, held or wait."""
    wanted = [
        Wanted(row.message_id, row.customer_id, row.address, row.origin, row.template_call)
        for row in rows
    ]
    ruling = provider_rules.ask(account, wanted, at=at, zone=settings.current().time_zone)
    _close([Move(id_, at, *why) for id_, why in ruling.closed.items()])
    holding.hold([Move(id_, at, *why) for id_, why in ruling.held.items()])
    if ruling.later:
        lifecycle.put_off(Move(id_, *why) for id_, why in ruling.later.items())
        _delay([(id_, why[0]) for id_, why in ruling.later.items()])
    _tell_held(rows, ruling, at=at)
    return [row for row in rows if ruling.allows(row.message_id)]


def _tell_held(rows: Sequence[Due], ruling: Ruling, *, at: datetime) -> None:
    held = [
        _held(row, ruling.held[row.message_id].reason)
        for row in rows
        if row.message_id in ruling.held
    ]
    later = [(row, *ruling.later[row.message_id]) for row in rows if row.message_id in ruling.later]
    log.append([*held, *(_held(row, why, until) for row, until, why in later)], at=at)


def _apart(account: ChannelAccount, rows: Sequence[Due], *, at: datetime) -> list[Due]:
    """Those that come too soon after another to their address wait some seconds."""
    wanted = [spacing.Wanted(row.message_id, row.customer_id, row.address) for row in rows]
    waiting = spacing.too_close(account, wanted, at=at)
    if waiting:
        _delay(list(waiting.items()))
    return [row for row in rows if row.message_id not in waiting]


def _delay(later: Sequence[tuple[int, datetime]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_outgoing AS row SET due_at = later.due_at"
            " FROM unnest(%s::bigint[], %s::timestamptz[]) AS later (id, due_at)"
            " WHERE row.message_id = later.id",
            [literal(id_ for id_, _at in later), literal(moment for _id, moment in later)],
        )


@transaction.atomic
def set_first_back(account: ChannelAccount, *, at: datetime) -> None:
    """The message that is due first cannot be judged: it comes again later, and says so."""
    moves = [Move(row.message_id, at + BACK, "unprepared") for row in _due(account, at=at, limit=1)]
    lifecycle.put_off(moves)
    _delay([(move.id, move.at) for move in moves])


def _lawful(rows: Sequence[Due], *, at: datetime) -> list[Due]:
    asks = [_ask(row) for row in rows]
    verdicts = _answers(asks, at=at)
    answered = list(zip(rows, verdicts, strict=True))
    later = [pair for pair in answered if pair[1].answer == "later"]
    missed = [pair for pair in later if _is_missed(*pair)]
    never = [pair for pair in answered if pair[1].answer == "never"]
    _close([_explained(row, verdict, at=at) for row, verdict in [*never, *missed]])
    _put_off([pair for pair in later if not _is_missed(*pair)], at=at)
    return [row for row, verdict in answered if verdict.answer == "allow"]


def _answers(asks: Sequence[Ask], *, at: datetime) -> list[Verdict]:
    return decide.many(asks, at=at, stage=decide.HAND_OFF, is_locked=True) if asks else []


def _ask(row: Due) -> Ask:
    """Only code of ours writes as the system: nobody can name a flow into this exemption."""
    is_ack = row.origin == Origin.SYSTEM and row.source == decide.OPT_OUT_ACK
    purpose = decide.OPT_OUT_ACK if is_ack else ""
    return Ask(row.customer_id, row.channel, row.origin, row.message_id, purpose)


def _is_missed(row: Due, verdict: Verdict) -> bool:
    return verdict.until is None or (row.not_after is not None and verdict.until > row.not_after)


def _explained(row: Due, verdict: Verdict, *, at: datetime) -> Move:
    return Move(row.message_id, at, verdict.reason, str(verdict.sentence))


def _close(moves: list[Move]) -> None:
    """These will never be sent: they leave the queue with their reason."""
    if not moves:
        return
    closed = lifecycle.move_each(moves, from_=["scheduled"], to="not_sent")
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM conversations_outgoing WHERE message_id = ANY(%s::bigint[])",
            [literal(move.id for move in moves)],
        )
    reasons = {move.id: move.reason for move in moves}
    setbacks.enter((row.id for row in closed), at=moves[0].at)
    inbox.show_statuses(row.id for row in closed)
    record("message.not_sent", closed, at=moves[0].at, reasons=reasons)


def _put_off(later: Sequence[tuple[Due, Verdict]], *, at: datetime) -> None:
    if not later:
        return
    moves = [_explained(row, verdict, at=verdict.until or at) for row, verdict in later]
    lifecycle.put_off(moves)
    _delay([(move.id, move.at) for move in moves])
    log.append((_held(row, verdict.reason, verdict.until) for row, verdict in later), at=at)


def _held(row: Due, reason: str, until: datetime | None = None) -> log.Fact:
    """``until`` is None where nobody knows when it lifts."""
    data = {
        "portfolio_id": row.portfolio_id,
        "adviser_id": row.adviser_id,
        "reason": reason,
        "until": until,
    }
    return log.Fact("message.held", row.customer_id, "message", row.message_id, data)


def _take(
    rows: Sequence[Due], *, account: ChannelAccount, at: datetime
) -> tuple[list[Claimed], datetime | None]:
    """Mark them ours; a row that moved meanwhile is nobody's to send."""
    if not rows:
        return [], None
    moved = lifecycle.move_many(
        [row.message_id for row in rows], from_=["scheduled"], to="processing", at=at
    )
    taken = {row.id for row in moved}
    claimed = [Claimed(secrets.token_urlsafe(24), row) for row in rows if row.message_id in taken]
    ids = literal(row.due.message_id for row in claimed)
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, [sending.START_WITHIN + _patience(account), ids])
        lease = cursor.fetchone()
    return claimed, lease[0] if lease else None


# One moment for the whole batch: it is also the name of the claim.
_LEASE = """
UPDATE conversations_outgoing SET lease_until = statement_timestamp() + make_interval(secs => %s)
WHERE message_id = ANY(%s::bigint[]) RETURNING lease_until
"""


def _patience(account: ChannelAccount) -> int:
    return max(LEASE - sending.START_WITHIN, registry.adapter(account).patience + 60)


@transaction.atomic
def begin(
    account: ChannelAccount, rows: Sequence[Claimed], *, lease: datetime, at: datetime
) -> tuple[set[str], float]:
    """Write down that these leave now: the tokens of those that may, and seconds until the first.

    None may when the account is stopped or has to wait, nor those whose lease was lost.
    Nothing may leave before this has committed.
    """
    first = pacing.reserve(account, len(rows))
    if first is None:
        return set(), 0.0
    failpoints.hit("outbox.beginning")
    with connection.cursor() as cursor:
        # An attempt that a crash of the database forgot would let the message out again.
        cursor.execute("SET LOCAL synchronous_commit = on")
        cursor.execute(
            _BEGIN,
            {
                "ids": literal(row.due.message_id for row in rows),
                "tokens": literal(row.token for row in rows),
                "lease": lease,
                "patience": _patience(account) - 30,
                "at": at,
            },
        )
        return {row[0] for row in cursor.fetchall()}, first


# The locks keep ``settling.recover`` away until the attempts can be seen.
_BEGIN = """
WITH mine AS (
    SELECT message_id FROM conversations_outgoing
    WHERE message_id = ANY(%(ids)s::bigint[]) AND lease_until = %(lease)s
        AND lease_until > clock_timestamp() + make_interval(secs => %(patience)s)
    FOR NO KEY UPDATE
)
INSERT INTO conversations_attempt (message_id, token, started_at, outcome, code, detail)
SELECT row.id, row.token, %(at)s, '', '', ''
FROM unnest(%(ids)s::bigint[], %(tokens)s::text[]) AS row (id, token)
JOIN mine ON mine.message_id = row.id
RETURNING token
"""


@transaction.atomic
def give_back(message_ids: Sequence[int], *, lease: datetime, at: datetime) -> None:
    """Never begun, so they never left: due again at once, unless another took them over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_outgoing SET lease_until = NULL"
            " WHERE message_id = ANY(%s::bigint[]) AND lease_until = %s RETURNING message_id",
            [literal(message_ids), lease],
        )
        ids = [row[0] for row in cursor.fetchall()]
    lifecycle.move_many(ids, from_=["processing"], to="scheduled", at=at)


def record(
    type_: str, rows: Sequence[Moved], *, at: datetime, reasons: dict[int, str] | None = None
) -> None:
    """One event for each message that moved, as the live pages and webhooks read it."""
    log.append((_fact(type_, row, (reasons or {}).get(row.id, "")) for row in rows), at=at)


def _fact(type_: str, row: Moved, reason: str) -> log.Fact:
    data: dict[str, object] = {"portfolio_id": row.portfolio_id, "adviser_id": row.adviser_id}
    if reason:
        data["reason"] = reason
    return log.Fact(type_, row.customer_id, "message", row.id, data)
