"""Recibidos: the one row per customer that says who waits for us, and since when.

Bold means that the customer waits. Opening a conversation changes nothing; an answer,
a registered result or a skip takes the bold away, and says who did it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from acuerdo.conversations.models import Conversation
from acuerdo.customers import owners
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.lifecycle import Entry
from acuerdo.interactions.models import (
    Direction,
    FactKind,
    Interaction,
    Kind,
    Origin,
    Status,
)
from acuerdo.organization.models import User
from acuerdo.primitives.arrays import literal

PREVIEW = 160


def touch_many(interaction_ids: Iterable[int]) -> None:
    """Bring conversations to the top of the list; an older touch never hides a newer one.

    Rows are written in the order of customers, so that two callers cannot lock crosswise.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOUCH, [PREVIEW, literal(interaction_ids)])


_TOUCH = """
INSERT INTO conversations_conversation AS known (
    customer_id, portfolio_id, adviser_id, last_at, last_channel, last_direction,
    last_status, last_interaction_id, preview, unanswered)
SELECT DISTINCT ON (customer_id) customer_id, portfolio_id, adviser_id, at, channel, direction,
    status, id, left(summary, %s), 0
FROM interactions_interaction WHERE id = ANY(%s::bigint[])
ORDER BY customer_id, at DESC, id DESC
ON CONFLICT (customer_id) DO UPDATE SET
    last_at = excluded.last_at,
    last_channel = excluded.last_channel,
    last_direction = excluded.last_direction,
    last_status = excluded.last_status,
    last_interaction_id = excluded.last_interaction_id,
    preview = excluded.preview
WHERE excluded.last_at >= known.last_at
"""


def show_statuses(interaction_ids: Iterable[int]) -> None:
    """Copy the register's status to the rows whose latest message it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_conversation AS known SET last_status = latest.status"
            " FROM interactions_interaction AS latest"
            " WHERE latest.id = ANY(%s::bigint[]) AND known.customer_id = latest.customer_id"
            " AND known.last_interaction_id = latest.id AND known.last_status <> latest.status",
            [literal(interaction_ids)],
        )


@transaction.atomic
def arrived(interaction: Interaction) -> None:
    """A message of the customer came in: its conversation waits for us."""
    touch_many([interaction.pk])
    arrived_many([interaction.pk])


def arrived_many(interaction_ids: Iterable[int]) -> None:
    """Messages of customers came in: their conversations, which were touched, wait for us."""
    with connection.cursor() as cursor:
        cursor.execute(_ARRIVED, [literal(interaction_ids)])


_ARRIVED = """
UPDATE conversations_conversation AS known SET
    pending_since = coalesce(known.pending_since, come.first),
    unanswered = known.unanswered + come.number,
    last_inbound_at = greatest(known.last_inbound_at, come.last)
FROM (SELECT customer_id, min(at) AS first, max(at) AS last, count(*) AS number
    FROM interactions_interaction WHERE id = ANY(%s::bigint[]) GROUP BY customer_id) AS come
WHERE known.customer_id = come.customer_id
"""


@transaction.atomic
def arrived_by_mistake(customer: Customer, number: int) -> None:
    """``number`` messages were another person's and left the register: show what remains."""
    row = Conversation.objects.select_for_update().get(pk=customer.pk)
    latest = Interaction.objects.filter(customer=customer).order_by("-at", "-pk").first()
    if latest is None:
        row.delete()
        return
    row.unanswered = max(row.unanswered - number, 0)
    row.pending_since = row.pending_since if row.unanswered else None
    row.last_inbound_at = _last_inbound(customer)
    row.last_at = latest.at - timedelta(microseconds=1)
    row.save(update_fields=["unanswered", "pending_since", "last_inbound_at", "last_at"])
    touch_many([latest.pk])


def _last_inbound(customer: Customer) -> datetime | None:
    found = Interaction.objects.filter(
        customer=customer, kind=Kind.MESSAGE, direction=Direction.INCOMING
    )
    latest: datetime | None = found.aggregate(latest=Max("at"))["latest"]
    return latest


@transaction.atomic
def mark_handled(customer: Customer, *, by: User | None, at: datetime, how: str) -> bool:
    """Take the bold away; ``how`` is ``reply``, ``call_result`` ... False when there was none."""
    return _settle(customer, "conversation.handled", by=by, at=at, how=how)


@transaction.atomic
def skip(customer: Customer, *, by: User | None, at: datetime, reason: str = "") -> bool:
    """Somebody decided that nothing needs to be answered."""
    if not _settle(customer, "conversation.skipped", by=by, at=at, how="skip", reason=reason):
        return False
    _tell([customer], FactKind.SKIPPED, by=by, at=at, summary=reason)
    return True


def _tell(
    customers: Collection[Customer],
    fact: FactKind,
    *,
    by: User | None,
    at: datetime,
    summary: str = "",
) -> None:
    """A line in the thread of each."""
    told = Entry(
        kind=Kind.FACT,
        fact=fact,
        channel="dashboard",
        direction=Direction.OUTGOING,
        status=Status.GENERATED,
        origin=Origin.MANUAL,
        at=at,
        summary=summary,
    )
    lifecycle.open_many([lifecycle.build(row, told, created_at=at, by=by) for row in customers])


def _settle(customer: Customer, fact: str, *, by: User | None, at: datetime, **data: Any) -> bool:
    waiting = Conversation.objects.filter(pk=customer.pk, pending_since__isnull=False)
    if not waiting.update(pending_since=None, unanswered=0):
        return False
    log.record_many([_fact(fact, customer, **data)], by=by, at=at)
    return True


@dataclass(frozen=True, slots=True)
class Waited:
    """What a conversation lost with its bold: since when it waited, for how many messages."""

    since: datetime
    unanswered: int


@transaction.atomic
def skip_many(
    customers: Collection[Customer], *, seen_at: datetime, by: User, at: datetime, reason: str = ""
) -> dict[int, Waited]:
    """``skip`` for many: what each lost. Left out is who did not wait, or wrote after ``seen_at``."""
    with connection.cursor() as cursor:
        cursor.execute(_SKIP, [literal(customer.pk for customer in customers), seen_at])
        found = {pk: Waited(since, unanswered) for pk, since, unanswered in cursor.fetchall()}
    settled = [customer for customer in customers if customer.pk in found]
    facts = [_fact("conversation.skipped", row, how="skip", reason=reason) for row in settled]
    log.append(facts, by=by, at=at)
    _tell(settled, FactKind.SKIPPED, by=by, at=at, summary=reason)
    return found


# The rows are held in the order of customers, as everywhere.
_SKIP = """
WITH waiting AS (
    SELECT customer_id, pending_since, unanswered FROM conversations_conversation
    WHERE customer_id = ANY(%s::bigint[]) AND pending_since IS NOT NULL
        AND (last_inbound_at IS NULL OR last_inbound_at <= %s)
    ORDER BY customer_id FOR UPDATE
)
UPDATE conversations_conversation AS known SET pending_since = NULL, unanswered = 0
FROM waiting WHERE known.customer_id = waiting.customer_id
RETURNING known.customer_id, waiting.pending_since, waiting.unanswered
"""


@transaction.atomic
def unskip_many(
    waited: Mapping[Customer, Waited], *, skipped_at: datetime, by: User, at: datetime
) -> set[int]:
    """Give back what ``skip_many`` took, but to whom somebody answered since; the ids of those."""
    with connection.cursor() as cursor:
        cursor.execute(
            _UNSKIP,
            [
                literal(customer.pk for customer in waited),
                literal(each.since for each in waited.values()),
                literal(each.unanswered for each in waited.values()),
                skipped_at,
            ],
        )
        found = {pk for (pk,) in cursor.fetchall()}
    again = [customer for customer in waited if customer.pk in found]
    log.append([_fact("conversation.reopened", row) for row in again], by=by, at=at)
    _tell(again, FactKind.REOPENED, by=by, at=at)
    return found


# Who wrote again meanwhile waits since the first of both, for all of the messages.
_UNSKIP = """
WITH was AS (
    SELECT known.customer_id, was.since, was.unanswered
    FROM conversations_conversation AS known
    JOIN unnest(%s::bigint[], %s::timestamptz[], %s::integer[])
        AS was (customer_id, since, unanswered) USING (customer_id)
    WHERE NOT EXISTS (
        SELECT FROM interactions_interaction AS reply
        WHERE reply.customer_id = known.customer_id AND reply.at > %s
            AND reply.direction = 'outgoing' AND (
                reply.kind = 'call' AND reply.status = 'contacted'
                OR reply.kind = 'message' AND reply.origin = 'manual'
                    AND reply.status <> 'cancelled')
    )
    ORDER BY known.customer_id FOR UPDATE OF known
)
UPDATE conversations_conversation AS known SET
    pending_since = least(known.pending_since, was.since),
    unanswered = known.unanswered + was.unanswered
FROM was WHERE known.customer_id = was.customer_id
RETURNING known.customer_id
"""


@transaction.atomic
def mark_pending(customer: Customer, *, by: User, at: datetime) -> bool:
    """Put the bold back by hand; a conversation that has none yet cannot be marked."""
    waiting = Conversation.objects.filter(pk=customer.pk, pending_since=None)
    if not waiting.update(pending_since=at, unanswered=0):
        return False
    log.record_many([_fact("conversation.reopened", customer)], by=by, at=at)
    _tell([customer], FactKind.REOPENED, by=by, at=at)
    return True


def _fact(type_: str, customer: Customer, **data: Any) -> log.Fact:
    owner = {"portfolio_id": customer.portfolio_id, "adviser_id": customer.adviser_id}
    return log.Fact(type_, customer_id=customer.pk, data=owner | data)


def follow_customers(customer_ids: Iterable[int] | None = None) -> int:
    """Copy portfolio and adviser again after an assignment or an import (None: of everybody)."""
    return owners.copy_of(Conversation, customer_ids)
