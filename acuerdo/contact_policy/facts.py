"""What the policy needs to know of many customers, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from acuerdo.contact_policy import calendars, zones
from acuerdo.contact_policy.calendars import Added
from acuerdo.contact_policy.hours import Place
from acuerdo.contact_policy.models import OptOut
from acuerdo.customers.models import SILENCING_ALERTS, Alert, Customer, Pause
from acuerdo.interactions.models import Direction, Interaction, Kind, Status

# The longest window of any pack is a week; a margin covers the zones.
HISTORY = timedelta(days=10)
REPLY_WINDOW = timedelta(hours=24)

# What left, or may have left: an unclear outcome counts until it is proven not to have.
ATTEMPTED = (
    Status.PROCESSING,
    Status.SENT,
    Status.DELIVERED,
    Status.OPENED,
    Status.UNCERTAIN,
    Status.CONTACTED,
    Status.NOT_CONTACTED,
)


@dataclass(slots=True)
class Contact:
    at: datetime
    channel: str


@dataclass(slots=True)
class Facts:
    """One customer as the policy sees it."""

    customer_id: int
    country: str
    place: Place
    status: str
    owes: bool | None = None
    opt_outs: dict[str, datetime] = field(default_factory=dict)
    paused_until: date | None = None
    silenced_by: str = ""
    contacts: list[Contact] = field(default_factory=list)
    last_inbound: datetime | None = None


@dataclass(slots=True)
class Known:
    """The facts of a batch."""

    by_customer: dict[int, Facts]
    added: Added


def attempted() -> Q:
    """Outgoing contacts that count: a failure counts too, unless it never left."""
    return Q(kind__in=(Kind.MESSAGE, Kind.CALL), direction=Direction.OUTGOING) & (
        Q(status__in=ATTEMPTED) | Q(status=Status.FAILED, sent_at__isnull=False)
    )


def load(
    customer_ids: Collection[int],
    *,
    at: datetime,
    locked: bool,
    without: Collection[int] = (),
) -> Known:
    """Facts of the customers at ``at``; ``without`` are interactions still being asked for.

    ``locked`` holds the customers until the end of the transaction, so that two workers
    asking about one person see each other's answers.
    """
    found = {facts.customer_id: facts for facts in _customers(customer_ids, locked=locked)}
    _add_opt_outs(found)
    _add_pauses(found, at)
    _add_alerts(found)
    _add_contacts(found, at, without)
    return Known(found, calendars.added_closures())


def _customers(ids: Collection[int], *, locked: bool) -> Iterable[Facts]:
    rows = Customer.objects.filter(pk__in=ids).order_by("pk")
    if locked:
        # The order keeps two batches from waiting for each other in a ring.
        list(rows.select_for_update(no_key=True).values_list("pk"))
    columns = ("pk", "country", "subdivision", "time_zone", "status", "standing__open_debts")
    for pk, country, subdivision, zone, status, debts in rows.values_list(*columns):
        place = Place(zones.candidates(country, zone), subdivision)
        owes = None if debts is None else debts > 0
        yield Facts(pk, country, place, status, owes)


def _add_opt_outs(found: dict[int, Facts]) -> None:
    rows = OptOut.objects.filter(customer__in=list(found), lifted_at=None)
    for customer_id, channel, at in rows.values_list("customer_id", "channel", "at"):
        found[customer_id].opt_outs[channel] = at


def _add_pauses(found: dict[int, Facts], at: datetime) -> None:
    rows = Pause.objects.filter(customer__in=list(found), resumed_at=None)
    for customer_id, until in rows.values_list("customer_id", "until"):
        if found[customer_id].place.day_of(at) < until:
            found[customer_id].paused_until = until


def _add_alerts(found: dict[int, Facts]) -> None:
    rows = Alert.objects.filter(
        customer__in=list(found), cleared_at=None, kind__in=SILENCING_ALERTS
    )
    for customer_id, kind in rows.values_list("customer_id", "kind"):
        found[customer_id].silenced_by = kind


def _add_contacts(found: dict[int, Facts], at: datetime, without: Collection[int]) -> None:
    rows = Interaction.objects.filter(customer__in=list(found), at__gte=at - HISTORY)
    outgoing = rows.filter(attempted()).exclude(pk__in=without)
    columns = outgoing.annotate(moment=Coalesce(F("sent_at"), F("at")))
    contacts = defaultdict(list)
    for customer_id, channel, moment in columns.values_list("customer_id", "channel", "moment"):
        contacts[customer_id].append(Contact(moment, channel))
    for customer_id, list_ in contacts.items():
        found[customer_id].contacts = list_
    inbound = rows.filter(
        kind=Kind.MESSAGE, direction=Direction.INCOMING, at__gt=at - REPLY_WINDOW, at__lte=at
    )
    for customer_id, moment in inbound.order_by("at").values_list("customer_id", "at"):
        found[customer_id].last_inbound = moment
