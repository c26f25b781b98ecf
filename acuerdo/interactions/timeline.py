"""The history of one customer: a page at a time, oldest first, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import Customer
from acuerdo.interactions.models import AUTOMATIC_ORIGINS, PORTAL_STEPS, FactKind, Interaction, Kind

PAGE = 50
# Bodies live beside the register, in the apps above: these are their reverse relations.
BESIDE = (
    "message",
    "message__account",
    "note",
    "note__author",
    "note__correction",
    "call",
    "by",
)


@dataclass(frozen=True, slots=True)
class Group:
    """What can be looked at alone; a row may be of several."""

    label: str | Promise
    icon: str
    condition: Q


def _facts(label: str | Promise, icon: str, *facts: str) -> Group:
    return Group(label, icon, Q(kind=Kind.FACT, fact__in=facts))


# By the names that addresses have for them.
GROUPS: dict[str, Group] = {
    "mensajes": Group(_("Mensajes"), "messages", Q(kind=Kind.MESSAGE)),
    "llamadas": Group(_("Llamadas"), "phone", Q(kind=Kind.CALL)),
    "notas": Group(_("Notas"), "note", Q(kind=Kind.NOTE)),
    "pagos": _facts(
        _("Pagos y anulaciones"),
        "cash",
        FactKind.PAYMENT,
        FactKind.PARTIAL_PAYMENT,
        FactKind.REVERSAL,
    ),
    "verificar": _facts(
        _("Pagos a verificar"),
        "receipt",
        FactKind.REPORT,
        FactKind.REPORT_VERIFIED,
        FactKind.REPORT_REJECTED,
    ),
    "compromisos": _facts(
        _("Compromisos"),
        "calendar-check",
        FactKind.PROMISE,
        FactKind.PROMISE_KEPT,
        FactKind.PROMISE_BROKEN,
        FactKind.PROMISE_CANCELLED,
    ),
    "ajustes": _facts(
        _("Ajustes e incobrables"),
        "adjustments-horizontal",
        FactKind.ADJUSTMENT,
        FactKind.UNCOLLECTIBLE,
    ),
    "reclamos": _facts(_("Reclamos"), "message-report", FactKind.CLAIM, FactKind.CLAIM_CLOSED),
    "pausas": _facts(
        _("Pausas, alertas y omitidos"),
        "player-pause",
        FactKind.PAUSE,
        FactKind.RESUME,
        FactKind.ALERT,
        FactKind.ALERT_CLEARED,
        FactKind.SKIPPED,
        FactKind.REOPENED,
    ),
    "web": _facts(_("Web de cobranzas"), "world-www", *PORTAL_STEPS),
    "flujo": Group(_("De flujos y campañas"), "sitemap", Q(origin__in=AUTOMATIC_ORIGINS)),
}


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """``before`` asks for the older page, ``after`` for the newer; empty when there is none."""

    entries: list[Interaction]
    before: str = ""
    after: str = ""


def page(
    customer: Customer, *, before: str | None = None, kinds: Sequence[str] = (), limit: int = PAGE
) -> TimelinePage:
    """The latest ``limit`` entries, or those older than a page's ``before``."""
    found = _of(customer, kinds)
    place = _read(before or "")
    if place is not None:
        at, id_ = place
        found = found.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=id_))
    rows = list(found.order_by("-at", "-pk")[: limit + 1])
    older = rows[limit - 1] if len(rows) > limit else None
    return TimelinePage(
        entries=rows[:limit][::-1],
        before=place_of(older) if older else "",
    )


def newer(
    customer: Customer, *, after: str, kinds: Sequence[str] = (), limit: int = PAGE
) -> TimelinePage:
    """The ``limit`` entries that follow a page's ``after``; none where it is no place."""
    place = _read(after)
    if place is None:
        return TimelinePage([])
    at, id_ = place
    found = _of(customer, kinds).filter(at__gte=at).filter(Q(at__gt=at) | Q(pk__gt=id_))
    return _forwards(found, limit)


def begun_at(
    customer: Customer, *, at: datetime, kinds: Sequence[str] = (), limit: int = PAGE
) -> TimelinePage:
    """The first ``limit`` entries of ``at`` and later; what is older can be asked for above."""
    found = _of(customer, kinds)
    page_ = _forwards(found.filter(at__gte=at), limit)
    if not page_.entries or not found.filter(at__lt=at).exists():
        return page_
    return TimelinePage(page_.entries, place_of(page_.entries[0]), page_.after)


def since(
    customer: Customer, place: str, *, limit: int, kinds: Sequence[str] = ()
) -> list[Interaction]:
    """The latest ``limit`` entries from ``place`` on, itself included: what a page shows again."""
    found = _of(customer, kinds)
    first = _read(place)
    if first is not None:
        at, id_ = first
        found = found.filter(at__gte=at).filter(Q(at__gt=at) | Q(pk__gte=id_))
    return list(found.order_by("-at", "-pk")[:limit])[::-1]


def one(customer: Customer, pk: int) -> Interaction | None:
    return _of(customer, ()).filter(pk=pk).first()


def place_of(entry: Interaction) -> str:
    """How an entry is named in ``before``, ``after`` and ``since``."""
    return f"{entry.at.isoformat()}~{entry.pk}"


def _of(customer: Customer, kinds: Sequence[str]) -> QuerySet[Interaction]:
    """Everything of the customer, or what is of any of these kinds."""
    found = Interaction.objects.filter(customer=customer).select_related(*BESIDE)
    wanted = Q()
    for kind in kinds:
        wanted |= GROUPS[kind].condition
    return found.filter(wanted)


def _forwards(found: QuerySet[Interaction], limit: int) -> TimelinePage:
    rows = list(found.order_by("at", "pk")[: limit + 1])
    after = place_of(rows[limit - 1]) if len(rows) > limit else ""
    return TimelinePage(rows[:limit], after=after)


def _read(before: str) -> tuple[datetime, int] | None:
    """A place that is not ours counts as none."""
    moment, _tilde, id_ = before.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if at.tzinfo is None or not (id_.isascii() and id_.isdigit() and len(id_) < 19):
        return None
    return at, int(id_)
