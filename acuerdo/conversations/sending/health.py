"""Salud de los canales: what each account does, in figures that are the rows behind them.

Every figure is bounded: it reads the newest rows, or counts up to ``MOST`` and says "more".
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from acuerdo.channels import readiness
from acuerdo.channels.explanations import Explanation
from acuerdo.channels.models import Channel, ChannelAccount, WebhookReceipt
from acuerdo.conversations.models import Outgoing
from acuerdo.conversations.sending import (
    desk,
    reasons,
    setbacks,
    stranger_doubts,
    tallies,
    uncertain,
)
from acuerdo.conversations.sending.tallies import Tally
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.arrays import literal

MOST = 10_000
# The newest attempts and notices among which each account's last one is looked for.
LOOK_BACK = 5_000


@dataclass(frozen=True, slots=True)
class Failures:
    """How many of today's messages ended so, for one reason."""

    status: str
    code: str
    count: int
    why: Explanation


@dataclass(frozen=True, slots=True)
class Report:
    """One account. ``waits_until`` is the provider's own request for a pause."""

    account: ChannelAccount
    faults: list[readiness.Fault]
    handed_over_at: datetime | None
    heard_at: datetime | None
    due: Tally
    later: Tally
    in_hand: Tally
    held: Tally
    uncertain: Tally
    oldest_due_at: datetime | None
    next_due_at: datetime | None
    failures: list[Failures]
    waits_until: datetime | None

    @property
    def is_stopped(self) -> bool:
        return bool(self.account.stopped_reason)


def reports(user: User, *, at: datetime) -> list[Report]:
    rows = list(ChannelAccount.objects.exclude(channel=Channel.CALL))
    handed_over, heard, waits = _last_attempts(), _last_notices(), _back_offs(rows, at=at)
    day = day_of(at)
    return [
        _report(
            row,
            user,
            at=at,
            day=day,
            seen=(handed_over.get(row.pk), heard.get(row.pk), waits.get(row.pk)),
        )
        for row in rows
    ]


def day_of(at: datetime) -> date:
    """The date where the organisation is."""
    return clock.date_in(settings.current().time_zone, at)


def living_workers() -> int:
    """Those that gave a sign of life within the last minute."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - interval '60 seconds'"
        )
        return int(cursor.fetchone()[0])


def oldest_unread() -> datetime | None:
    """When the first stored notice came that nobody has read yet."""
    waiting = WebhookReceipt.objects.filter(handled_at=None, set_aside_reason="")
    return waiting.order_by("pk").values_list("received_at", flat=True).first()


def _report(
    row: ChannelAccount,
    user: User,
    *,
    at: datetime,
    day: date,
    seen: tuple[datetime | None, datetime | None, datetime | None],
) -> Report:
    due = desk.queue(user, row, when=desk.DUE, at=at)
    later = desk.queue(user, row, when=desk.LATER, at=at)
    leased = Outgoing.objects.filter(account_id=row.pk, lease_until__isnull=False)
    return Report(
        account=row,
        faults=readiness.faults(row),
        handed_over_at=seen[0],
        heard_at=seen[1],
        due=_tally(due),
        later=_tally(later),
        in_hand=_tally(leased),
        held=_tally(Outgoing.objects.filter(account_id=row.pk).exclude(held_reason="")),
        uncertain=_doubts(row, user),
        oldest_due_at=_first(due),
        next_due_at=_first(later),
        failures=_failures(row, user, day=day),
        waits_until=seen[2],
    )


def _doubts(row: ChannelAccount, user: User) -> Tally:
    """Messages and answers to strangers alike: of neither is it known whether it left."""
    known = uncertain.waiting_for(user).filter(message__account_id=row.pk)
    strange = stranger_doubts.waiting_for(user).filter(sender__account_id=row.pk)
    return tallies.both(_tally(known), _tally(strange), most=MOST)


def _tally(rows: QuerySet[Any]) -> Tally:
    return tallies.first(rows.order_by(), most=MOST)


def _first(rows: QuerySet[Outgoing]) -> datetime | None:
    return rows.order_by("due_at", "pk").values_list("due_at", flat=True).first()


def _failures(row: ChannelAccount, user: User, *, day: date) -> list[Failures]:
    today = setbacks.standing_for(user).filter(account_id=row.pk, at__gte=desk.day_begins(day))
    groups = today.values("status", "code").annotate(count=Count("pk")).order_by("-count", "code")
    return [
        Failures(
            group["status"],
            group["code"],
            group["count"],
            reasons.told(row.adapter, group["code"]),
        )
        for group in groups[:20]
    ]


def _last_attempts() -> dict[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(_ATTEMPTS, [LOOK_BACK])
        return dict(cursor.fetchall())


_ATTEMPTS = """
SELECT message.account_id, max(recent.started_at) FROM (
    SELECT message_id, started_at FROM conversations_attempt ORDER BY id DESC LIMIT %s
) AS recent
JOIN conversations_message AS message ON message.interaction_id = recent.message_id
GROUP BY message.account_id
"""


def _last_notices() -> dict[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(_NOTICES, [LOOK_BACK])
        return dict(cursor.fetchall())


_NOTICES = """
SELECT account_id, max(received_at) FROM (
    SELECT account_id, received_at FROM channels_webhookreceipt ORDER BY id DESC LIMIT %s
) AS recent GROUP BY account_id
"""


def _back_offs(rows: list[ChannelAccount], *, at: datetime) -> dict[int, datetime]:
    """By our clock, though the pause runs by the database's: a demonstration's may be moved."""
    with connection.cursor() as cursor:
        cursor.execute(_BACK_OFFS, [literal(row.pk for row in rows)])
        return {pk: at + left for pk, left in cursor.fetchall()}


# A slot that a paced account has reserved lies a second ahead at most.
_BACK_OFFS = """
SELECT id, paced_until - clock_timestamp() FROM channels_channelaccount
WHERE id = ANY(%s::bigint[]) AND paced_until > clock_timestamp() + interval '3 seconds'
"""
