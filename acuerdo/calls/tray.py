"""Llamadas: the calls of today, the most pressing first, in keyset pages.

A call is in the tray from its local date on while it is pending; what nobody made
yesterday is still there, flagged overdue. One query for the calls and one for their
addresses and alerts, whatever the size of the page.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.core import signing
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.calls import owners
from acuerdo.calls.access import calls_for
from acuerdo.calls.filters import TrayFilter
from acuerdo.calls.models import Call, CallSource, CallStatus
from acuerdo.channels.models import Channel
from acuerdo.conversations.tray import listing
from acuerdo.conversations.tray.listing import Count
from acuerdo.customers import contact_points
from acuerdo.customers.alerts import has_alert
from acuerdo.customers.models import Alert, AlertKind
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import pagination

PAGE = 25
BESIDE = ("customer__portfolio", "customer__adviser", "customer__standing")

# Rank, moment and id: where a call stands in the tray.
Place = tuple[int, datetime, int]

BROKEN = 1
# Signed, so that nobody's own values reach the database, nor another order's.
_SALT = "calls.tray.priority"
# Why a call stands where it stands: an hour that was promised comes before everything.
REASONS = {
    0: gettext_lazy("Pidió llamada"),
    BROKEN: gettext_lazy("Compromiso incumplido"),
    2: gettext_lazy("Reintento"),
    3: gettext_lazy("Manual"),
    4: gettext_lazy("Flujo"),
}
SOURCES = {0: CallSource.CALL_BACK, 2: CallSource.RETRY, 3: CallSource.MANUAL, 4: CallSource.FLOW}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the tray. ``reason`` says why it is where it is."""

    call_id: int
    customer_id: int
    name: str
    document_number: str
    portfolio: str
    adviser: str
    reason: str
    source: str
    due_on: date
    due_at: datetime | None
    is_overdue: bool
    attempt: int
    script: str
    currency: str
    open_amount: Decimal
    overdue_amount: Decimal
    days_past_due: int
    phone: str = ""
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row] = field(default_factory=list)
    next_cursor: str = ""


def page(
    user: User,
    filter_: TrayFilter | None = None,
    cursor: str = "",
    *,
    on: date,
    size: int = PAGE,
) -> Page:
    """The calls that ``user`` may make on the organisation's date ``on``."""
    wanted = filter_ or TrayFilter()
    found = _found(user, wanted, on)
    if wanted.who.sort:
        return _by_debt(found, wanted.who.order, cursor, on=on, size=size)
    after = _after_place(cursor) if cursor else None
    calls = _pressing(found, _owners(user, wanted), after, size + 1)
    shown = calls[:size]
    return Page(_rows(shown, on), _cursor(shown[-1]) if len(calls) > size else "")


def _by_debt(
    found: QuerySet[Call], order: tuple[str, bool], cursor: str, *, on: date, size: int
) -> Page:
    by, falls = order
    rows = found.annotate(rank=_rank()).select_related(*BESIDE)
    page = pagination.paginate(rows, {"after": cursor}, by=by, descending=falls, size=size)
    return Page(_rows(page.rows, on), page.next)


def count(user: User, filter_: TrayFilter | None = None, *, on: date, most: int = 1000) -> int:
    """How many calls wait, counted up to ``most``."""
    return _found(user, filter_ or TrayFilter(), on).values("pk")[:most].count()


def counts(user: User, filters: Sequence[TrayFilter], cap: int, *, on: date) -> list[Count]:
    """How many calls each of ``filters`` leaves."""
    return listing.counted([_found(user, wanted, on) for wanted in filters], cap)


def next_call(
    user: User, filter_: TrayFilter | None = None, *, on: date, after: Call | None = None
) -> Call | None:
    """The first call of the tray as it is narrowed, to another customer than that of ``after``."""
    wanted = filter_ or TrayFilter()
    found = _found(user, wanted, on)
    if after is not None:
        found = found.exclude(customer_id=after.customer_id)
    if wanted.who.sort:
        by, falls = wanted.who.order
        sign = "-" if falls else ""
        return found.order_by(f"{sign}{by}", f"{sign}pk").first()
    return next(iter(_pressing(found, _owners(user, wanted), None, 1)), None)


def _owners(user: User, wanted: TrayFilter) -> list[Q]:
    if isinstance(wanted.who.adviser, int):
        return [Q(adviser_id=wanted.who.adviser)]
    # These have few, who are asked for by them.
    return [Q()] if wanted.who.alert or wanted.who.search else owners.parts(user)


def _found(user: User, wanted: TrayFilter, on: date) -> QuerySet[Call]:
    owned = reduce(or_, owners.parts(user), Q())
    found = calls_for(user).filter(owned, status=CallStatus.PENDING, due_on__lte=on)
    if wanted.is_late:
        found = found.filter(due_on__lt=on)
    return found.filter(wanted.condition(clock.now()))


def _pressing(
    found: QuerySet[Call], owned: Sequence[Q], after: Place | None, most: int
) -> list[Any]:
    """The first ``most`` calls behind ``after``, the most pressing first.

    Each rank of each owner is read in the order of an index and no further than a page goes: the
    whole day is never sorted. Broken promises are few, and are asked for by their alerts. All in
    one statement, and the rows with what stands beside them in another.
    """
    bands = [
        _band(part, rank, after if after and after[0] == rank else None)[:most]
        for rank in REASONS
        if after is None or rank >= after[0]
        for part in ([found] if rank == BROKEN else [found.filter(each) for each in owned])
    ]
    if not bands:
        return []
    places = bands[0].union(*bands[1:], all=True) if len(bands) > 1 else bands[0]
    ordered = sorted(places)[:most]
    ranks = {pk: rank for rank, _moment, pk in ordered}
    rows = {row.pk: row for row in Call.objects.filter(pk__in=ranks).select_related(*BESIDE)}
    for pk, row in rows.items():
        row.rank = ranks[pk]  # type: ignore[attr-defined]
    return [rows[pk] for pk in ranks if pk in rows]


def _rank() -> Case:
    return Case(
        When(source=CallSource.CALL_BACK, then=Value(0)),
        When(has_alert(AlertKind.PROMISE_BROKEN, of="customer_id"), then=Value(BROKEN)),
        *[When(source=source, then=Value(rank)) for rank, source in SOURCES.items()],
    )


def _band(found: QuerySet[Call], rank: int, after: Place | None) -> QuerySet[Any, Any]:
    """The places of the calls of one rank, in order."""
    broken = has_alert(AlertKind.PROMISE_BROKEN, of="customer_id")
    if rank == BROKEN:
        rows = found.exclude(source=CallSource.CALL_BACK).filter(broken)
    else:
        rows = found.filter(source=SOURCES[rank])
        rows = rows if rank == 0 else rows.filter(~broken)
    if after is not None:
        _rank, moment, pk = after
        rows = rows.filter(Q(moment__gt=moment) | Q(moment=moment, pk__gt=pk))
    placed = rows.annotate(rank=Value(rank, output_field=IntegerField()))
    return placed.order_by("moment", "pk").values_list("rank", "moment", "pk")


def _cursor(call: Any) -> str:
    return signing.dumps([call.rank, call.moment.isoformat(), call.pk], salt=_SALT)


def _after_place(cursor: str) -> Place:
    """Where the page before ended; raises Refusal for a made-up cursor."""
    try:
        rank, moment, pk = signing.loads(cursor, salt=_SALT)
    except signing.BadSignature as error:
        raise Refusal("bad_cursor", _("Esa página ya no existe; vuelva a la primera.")) from error
    return rank, datetime.fromisoformat(moment), pk


def _rows(calls: Sequence[Any], on: date) -> list[Row]:
    ids = [call.customer_id for call in calls]
    phones = contact_points.for_channel(ids, channel=Channel.CALL)
    alerts: dict[int, list[str]] = defaultdict(list)
    for alert in Alert.objects.filter(customer__in=ids, cleared_at=None).order_by("raised_at"):
        alerts[alert.customer_id].append(alert.kind)
    return [
        _row(
            call,
            on,
            phone=phones[call.customer_id].value if call.customer_id in phones else "",
            alerts=tuple(alerts[call.customer_id]),
        )
        for call in calls
    ]


def _row(call: Any, on: date, *, phone: str, alerts: tuple[str, ...]) -> Row:
    customer, standing = call.customer, call.customer.standing
    oldest = standing.oldest_due_on
    return Row(
        call_id=call.pk,
        customer_id=customer.pk,
        name=customer.full_name,
        document_number=customer.document_number,
        portfolio=customer.portfolio.name,
        adviser=customer.adviser.name if customer.adviser else "",
        reason=str(REASONS[call.rank]),
        source=call.source,
        due_on=call.due_on,
        due_at=call.due_at,
        is_overdue=call.due_on < on,
        attempt=call.attempt,
        script=call.script,
        currency=standing.currency,
        open_amount=standing.open_amount,
        overdue_amount=standing.overdue_amount,
        days_past_due=max((on - oldest).days, 0) if oldest else 0,
        phone=phone,
        alerts=alerts,
    )
