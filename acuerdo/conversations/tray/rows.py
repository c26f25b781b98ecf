"""The lines of Recibidos: who may see which, in what order, with what they show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from acuerdo.conversations import access
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.sending import states
from acuerdo.conversations.sending.states import State
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.customers.models import Alert, CustomerStatus
from acuerdo.organization.models import PortfolioKind, User
from acuerdo.ui import pagination


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. ``days_past_due`` is None for somebody who owes nothing."""

    customer_id: int
    name: str
    document_number: str
    country: str
    is_pending: bool
    pending_since: datetime | None
    unanswered: int
    at: datetime
    channel: str
    direction: str
    status: str
    preview: str
    currency: str
    open_amount: Decimal
    overdue_amount: Decimal
    days_past_due: int | None
    alerts: tuple[str, ...]
    adviser: str
    portfolio: str
    is_charged_off: bool

    @property
    def state(self) -> State | None:
        return states.in_short(self.direction, self.status)


@dataclass(frozen=True, slots=True)
class InboxPage:
    rows: list[Row]
    next: str
    previous: str


def page(
    user: User, wanted: InboxFilter, cursor: Mapping[str, str], *, on: date, size: int = 50
) -> InboxPage:
    """The conversations that ``user`` may see, in the order asked for, in the same few queries.

    ``cursor`` carries ``after`` or ``before``, as a page gave them; ``on`` is today in the
    organisation's zone.
    """
    by, falls = wanted.order
    found = pagination.paginate(
        wanted.apply(listed(user)).select_related(
            "customer__standing", "customer__adviser", "customer__portfolio"
        ),
        dict(cursor),
        by=by,
        descending=falls,
        size=size,
    )
    alerts = _alerts([row.pk for row in found.rows])
    return InboxPage(
        [_row(row, alerts.get(row.pk, ()), on=on) for row in found.rows],
        next=found.next,
        previous=found.previous,
    )


def listed(user: User) -> QuerySet[Conversation]:
    """All that the list may ever show to ``user``."""
    return access.conversations_for(user).exclude(customer__status=CustomerStatus.DELETED)


def row_of(user: User, customer_id: int, *, on: date) -> Row | None:
    """One line again, as the live page asks for it; None outside the user's reach."""
    rows = access.conversations_for(user).select_related(
        "customer__standing", "customer__adviser", "customer__portfolio"
    )
    found = rows.filter(pk=customer_id).first()
    return _row(found, _alerts([customer_id]).get(customer_id, ()), on=on) if found else None


def _alerts(customer_ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    rows = Alert.objects.filter(customer__in=customer_ids, cleared_at=None).order_by("raised_at")
    for customer_id, kind in rows.values_list("customer_id", "kind"):
        found[customer_id] = (*found.get(customer_id, ()), kind)
    return found


def _row(row: Conversation, alerts: tuple[str, ...], *, on: date) -> Row:
    customer, standing = row.customer, getattr(row.customer, "standing", None)
    oldest = standing.oldest_due_on if standing else None
    return Row(
        customer_id=customer.pk,
        name=customer.full_name,
        document_number=customer.document_number,
        country=customer.country,
        is_pending=row.pending_since is not None,
        pending_since=row.pending_since,
        unanswered=row.unanswered,
        at=row.last_at,
        channel=row.last_channel,
        direction=row.last_direction,
        status=row.last_status,
        preview=row.preview,
        currency=standing.currency if standing else "",
        open_amount=standing.open_amount if standing else Decimal(0),
        overdue_amount=standing.overdue_amount if standing else Decimal(0),
        days_past_due=(on - oldest).days if oldest else None,
        alerts=alerts,
        adviser=customer.adviser.name if customer.adviser else "",
        portfolio=customer.portfolio.name,
        is_charged_off=customer.portfolio.kind == PortfolioKind.CHARGED_OFF,
    )
