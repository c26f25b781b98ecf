"""Recibidos: the one row per customer that says who waits for us, and since when.

Bold means that the customer waits. Opening a conversation changes nothing; an answer,
a registered result or a skip takes the bold away, and says who did it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from acuerdo.conversations.models import Conversation
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import User

PREVIEW = 160


@dataclass(frozen=True, slots=True)
class Touch:
    """The latest thing of a conversation: what its row in the list shows."""

    customer_id: int
    portfolio_id: int
    adviser_id: int | None
    at: datetime
    channel: str
    direction: str
    status: str
    interaction_id: int
    preview: str


def of(interaction: Interaction) -> Touch:
    return Touch(
        customer_id=interaction.customer_id,
        portfolio_id=interaction.portfolio_id,
        adviser_id=interaction.adviser_id,
        at=interaction.at,
        channel=interaction.channel,
        direction=interaction.direction,
        status=interaction.status,
        interaction_id=interaction.pk,
        preview=interaction.summary[:PREVIEW],
    )


def touch_many(touches: Iterable[Touch]) -> None:
    """Bring conversations to the top of the list; an older touch never hides a newer one.

    Rows are written in the order of customers, so that two callers cannot lock crosswise.
    """
    latest: dict[int, Touch] = {}
    for touch in touches:
        known = latest.get(touch.customer_id)
        if known is None or touch.at >= known.at:
            latest[touch.customer_id] = touch
    rows = sorted(latest.values(), key=lambda touch: touch.customer_id)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_TOUCH, [[getattr(row, name) for row in rows] for name in _COLUMNS])


_COLUMNS = Touch.__slots__
_TOUCH = """
INSERT INTO conversations_conversation AS known (
    customer_id, portfolio_id, adviser_id, last_at, last_channel, last_direction,
    last_status, last_interaction_id, preview, unanswered)
SELECT row.*, 0 FROM unnest(
    %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[],
    %s::text[], %s::bigint[], %s::text[]) AS row
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
            " WHERE latest.id = ANY(%s) AND known.customer_id = latest.customer_id"
            " AND known.last_interaction_id = latest.id AND known.last_status <> latest.status",
            [list(interaction_ids)],
        )


@transaction.atomic
def arrived(interaction: Interaction) -> None:
    """A message of the customer came in: its conversation waits for us."""
    touch_many([of(interaction)])
    row = Conversation.objects.select_for_update().get(pk=interaction.customer_id)
    row.pending_since = row.pending_since or interaction.at
    row.unanswered += 1
    row.last_inbound_at = max(row.last_inbound_at or interaction.at, interaction.at)
    row.save(update_fields=["pending_since", "unanswered", "last_inbound_at"])


@transaction.atomic
def mark_handled(customer: Customer, *, by: User | None, at: datetime, how: str) -> bool:
    """Take the bold away; ``how`` is ``reply``, ``call_result`` ... False when there was none."""
    return _settle(customer, "conversation.handled", by=by, at=at, how=how)


@transaction.atomic
def skip(customer: Customer, *, by: User | None, at: datetime, reason: str = "") -> bool:
    """Somebody decided that nothing needs to be answered."""
    return _settle(customer, "conversation.skipped", by=by, at=at, how="skip", reason=reason)


def _settle(customer: Customer, fact: str, *, by: User | None, at: datetime, **data: str) -> bool:
    waiting = Conversation.objects.filter(pk=customer.pk, pending_since__isnull=False)
    if not waiting.update(pending_since=None, unanswered=0):
        return False
    log.record(
        fact,
        customer_id=customer.pk,
        by=by,
        at=at,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
        **data,
    )
    return True


@transaction.atomic
def mark_pending(customer: Customer, *, at: datetime) -> bool:
    """Put the bold back by hand; a conversation that has none yet cannot be marked."""
    waiting = Conversation.objects.filter(pk=customer.pk, pending_since=None)
    return bool(waiting.update(pending_since=at, unanswered=0))


def follow_customers(customer_ids: Iterable[int] | None = None) -> int:
    """Copy portfolio and adviser again after an assignment or an import (None: of everybody)."""
    chosen = None if customer_ids is None else list(customer_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_conversation AS known"
            " SET portfolio_id = customer.portfolio_id, adviser_id = customer.adviser_id"
            " FROM customers_customer AS customer"
            " WHERE customer.id = known.customer_id AND (%s::bigint[] IS NULL"
            " OR customer.id = ANY(%s)) AND (known.portfolio_id, known.adviser_id)"
            " IS DISTINCT FROM (customer.portfolio_id, customer.adviser_id)",
            [chosen, chosen],
        )
        return cursor.rowcount
