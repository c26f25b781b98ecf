"""Llamadas: the calls of today, the most pressing first, in keyset pages.

A call is in the tray from its local date on while it is pending; what nobody made
yesterday is still there, flagged overdue. One query for the calls and one for their
addresses and alerts, whatever the size of the page.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.core import signing
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.calls import owners
from acuerdo.calls.access import calls_for
from acuerdo.calls.models import Call, CallSource, CallStatus
from acuerdo.channels.models import Channel
from acuerdo.customers import contact_points, profiles
from acuerdo.customers.models import Alert, AlertKind
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import filtering

PAGE = 25
PRIORITY, AMOUNT = "priority", "amount"
BESIDE = ("customer__portfolio", "customer__adviser", "customer__standing")

# Rank, moment and id: where a call stands in the tray.
Place = tuple[int, datetime, int]

BROKEN = 1
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
class TrayFilter:
    """What the page asks for; an unknown value counts as not given."""

    search: str = ""
    portfolio_id: int | None = None
    adviser_id: int | None = None
    alert: str = ""
    source: str = ""
    overdue_only: bool = False
    sort: str = PRIORITY

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> "TrayFilter":
        return cls(
            search=filtering.text(given, "q"),
            portfolio_id=filtering.number(given, "portfolio"),
            adviser_id=filtering.number(given, "adviser"),
            alert=_among(given.get("alert"), AlertKind.values),
            source=_among(given.get("source"), CallSource.values),
            overdue_only=given.get("overdue") in ("1", "on", "true"),
            sort=_among(given.get("sort"), (PRIORITY, AMOUNT)) or PRIORITY,
        )


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
    if wanted.sort == AMOUNT:
        owed = found.annotate(owed=F("customer__standing__open_amount"), rank=_rank())
        behind = owed.filter(_after_amount(cursor)) if cursor else owed
        calls = list(behind.select_related(*BESIDE).order_by("-owed", "pk")[: size + 1])
    else:
        after = _after_place(cursor) if cursor else None
        calls = _pressing(found, _owners(user, wanted), after, size + 1)
    shown = calls[:size]
    more = _cursor(shown[-1], wanted.sort) if len(calls) > size else ""
    return Page(_rows(shown, on), more)


def count(user: User, filter_: TrayFilter | None = None, *, on: date, most: int = 1000) -> int:
    """How many calls wait, counted up to ``most``."""
    return _found(user, filter_ or TrayFilter(), on).values("pk")[:most].count()


def next_call(user: User, *, on: date, after: Call | None = None) -> Call | None:
    """The call to make next, another one than ``after``."""
    found = _found(user, TrayFilter(), on)
    if after is not None:
        found = found.exclude(customer_id=after.customer_id)
    return next(iter(_pressing(found, owners.parts(user), None, 1)), None)


def _owners(user: User, wanted: TrayFilter) -> list[Q]:
    if wanted.adviser_id is not None:
        return [Q(adviser_id=wanted.adviser_id)]
    # An alert has few, who are asked for by it.
    return [Q()] if wanted.alert else owners.parts(user)


def _found(user: User, wanted: TrayFilter, on: date) -> QuerySet[Call]:
    owned = reduce(or_, owners.parts(user), Q())
    found = calls_for(user).filter(owned, status=CallStatus.PENDING, due_on__lte=on)
    if wanted.overdue_only:
        found = found.filter(due_on__lt=on)
    if wanted.portfolio_id is not None:
        found = found.filter(customer__portfolio_id=wanted.portfolio_id)
    if wanted.adviser_id is not None:
        found = found.filter(customer__adviser_id=wanted.adviser_id)
    if wanted.source:
        found = found.filter(source=wanted.source)
    if wanted.alert:
        found = found.filter(_has_alert(wanted.alert))
    return found.filter(_matches(wanted.search)) if wanted.search else found


def _has_alert(kind: str) -> Exists:
    return Exists(
        Alert.objects.filter(customer_id=OuterRef("customer_id"), kind=kind, cleared_at=None)
    )


def _matches(search: str) -> Q:
    """Every word is in the name, or the document begins so."""
    named = Q()
    for word in profiles.sort_key(search, "").split():
        named &= Q(customer__sort_key__contains=word)
    folded = "".join(filter(str.isalnum, search)).upper()
    return named | Q(customer__document_key__startswith=folded) if folded else named


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
        When(_has_alert(AlertKind.PROMISE_BROKEN), then=Value(BROKEN)),
        *[When(source=source, then=Value(rank)) for rank, source in SOURCES.items()],
    )


def _band(found: QuerySet[Call], rank: int, after: Place | None) -> QuerySet[Any, Any]:
    """The places of the calls of one rank, in order."""
    broken = _has_alert(AlertKind.PROMISE_BROKEN)
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


def _cursor(call: Any, sort: str) -> str:
    keys = (
        [str(call.owed), call.pk]
        if sort == AMOUNT
        else [call.rank, call.moment.isoformat(), call.pk]
    )
    return signing.dumps(keys, salt=_salt(sort))


def _after_amount(cursor: str) -> Q:
    owed, pk = _keys(AMOUNT, cursor)
    return Q(owed__lt=Decimal(owed)) | Q(owed=Decimal(owed), pk__gt=pk)


def _after_place(cursor: str) -> Place:
    rank, moment, pk = _keys(PRIORITY, cursor)
    return rank, datetime.fromisoformat(moment), pk


def _keys(sort: str, cursor: str) -> list[Any]:
    """Where the page before ended; raises Refusal for a made-up cursor."""
    try:
        keys: list[Any] = signing.loads(cursor, salt=_salt(sort))
    except signing.BadSignature as error:
        raise Refusal("bad_cursor", _("Esa página ya no existe; vuelva a la primera.")) from error
    return keys


def _salt(sort: str) -> str:
    """Signed, so that nobody's own values reach the database, nor another order's."""
    return f"calls.tray.{sort}"


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


def _among(given: object, known: Sequence[str]) -> str:
    return str(given) if given in known else ""
