"""Which conversations the list shows: one object for the page, the views and what is done in bulk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import Channel
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.tray import extra_filters, narrowing, search
from acuerdo.conversations.tray.reading import Reading
from acuerdo.customers.alerts import has_alert
from acuerdo.customers.contact_points import KINDS_OF_CHANNEL
from acuerdo.customers.filters import NOBODY, in_segment
from acuerdo.customers.models import AlertKind
from acuerdo.organization.models import PortfolioKind
from acuerdo.primitives import clock
from acuerdo.primitives.money import CURRENCIES
from acuerdo.ui import filtering
from acuerdo.ui.filtering import Words

LATEST = ""
# Column and whether its largest value comes first, as ``ui.pagination`` wants them.
SORTS: dict[str, tuple[str, bool]] = {
    LATEST: ("last_at", True),
    "waiting": ("pending_since", False),
    "days": ("customer__standing__oldest_due_on", False),
    "amount": ("customer__standing__overdue_amount", True),
    "least": ("customer__standing__overdue_amount", False),
}
BY_AMOUNT = frozenset({"amount", "least"})
BY_DEBT = BY_AMOUNT | {"days"}
# Parameter of the address by field; those named alike are their own.
KEY_OF = {
    "search": "q",
    "only_pending": "pending",
    "kind": "portfolio_kind",
    "has_window": "window",
    "field_key": "field",
    "field_value": "value",
}
LABELS: dict[str, Words] = {
    "pending": _("Por gestionar"),
    "channel": _("Último canal"),
    "portfolio": _("Cartera"),
    "portfolio_kind": _("Tipo de cartera"),
    "segment": _("Segmento"),
    "adviser": _("Asesor"),
    "team": _("Equipo del supervisor"),
    "since": _("Actividad desde"),
    "until": _("Actividad hasta"),
    "alert": _("Alerta"),
    "reach": _("Contactabilidad"),
    "amount_from": _("Vencido desde"),
    "amount_to": _("Vencido hasta"),
    "currency": _("Moneda"),
    "days_from": _("Días de mora desde"),
    "days_to": _("Días de mora hasta"),
    "window": _("Ventana de WhatsApp"),
    "promise": _("Compromiso"),
    "field": _("Campo propio"),
    "value": _("Valor del campo"),
    "sort": _("Orden"),
}


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """A value that means nothing is left out, and ``faults`` says so in words.

    ``as_params`` is what ``parse`` reads: an address, a saved view and a job carry the same.
    Dates are the organisation's, both included. Amounts are what is overdue in one currency:
    ``money_of_amounts``.
    """

    KEYS: ClassVar = ("q", *LABELS)

    search: str = ""
    only_pending: bool = False
    channel: str = ""
    portfolio: int | None = None
    kind: str = ""
    segment: int | str | None = None
    adviser: int | str | None = None
    team: int | None = None
    since: date | None = None
    until: date | None = None
    alert: str = ""
    reach: str = ""
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    currency: str = ""
    days_from: int | None = None
    days_to: int | None = None
    has_window: bool = False
    promise: str = ""
    field_key: str = ""
    field_value: str = ""
    extras: tuple[tuple[str, str], ...] = ()
    sort: str = LATEST
    faults: tuple[str, ...] = ()

    @classmethod
    def parse(cls, params: Mapping[str, str]) -> "InboxFilter":
        extras = extra_filters.found()
        read = Reading(params, LABELS | {key: extra.label for key, extra in extras.items()})
        field_value = filtering.text(params, "value", longest=100)
        return cls(
            search=filtering.text(params, "q", longest=100),
            only_pending=params.get("pending", "") in {"1", "on", "true"},
            channel=read.choice("channel", Channel.values),
            portfolio=read.number("portfolio"),
            kind=read.choice("portfolio_kind", PortfolioKind.values),
            segment=NOBODY if params.get("segment") == NOBODY else read.number("segment"),
            adviser=NOBODY if params.get("adviser") == NOBODY else read.number("adviser"),
            team=read.number("team"),
            **_ordered(read, "since", "until", read.day),
            alert=read.choice("alert", AlertKind.values),
            reach=read.choice("reach", KINDS_OF_CHANNEL),
            **_ordered(read, "amount_from", "amount_to", read.amount),
            currency=read.choice("currency", CURRENCIES),
            **_ordered(read, "days_from", "days_to", read.days),
            has_window=params.get("window", "") in {"1", "on", "true"},
            promise=read.choice("promise", narrowing.PROMISES),
            field_key=filtering.text(params, "field", longest=60) if field_value else "",
            field_value=field_value if params.get("field") else "",
            extras=_extras(read, extras),
            sort=read.choice("sort", SORTS),
            faults=tuple(read.faults),
        )

    def as_params(self) -> dict[str, str]:
        """The parameters that make this filter again, without what is empty."""
        plain = [each.name for each in fields(self) if each.name not in {"extras", "faults"}]
        told = {KEY_OF.get(name, name): _told(getattr(self, name)) for name in plain}
        return {key: value for key, value in (told | dict(self.extras)).items() if value}

    @property
    def is_narrowed(self) -> bool:
        return bool(set(self.as_params()) - {"sort"})

    @property
    def has_amounts(self) -> bool:
        """Whether amounts are compared, by bounds or by the order."""
        is_bound = self.amount_from is not None or self.amount_to is not None
        return is_bound or self.sort in BY_AMOUNT

    @property
    def money_of_amounts(self) -> str:
        """The currency that was chosen, else ``narrowing.money_of``: two are never compared."""
        return self.currency or narrowing.money_of(self.portfolio)

    @property
    def order(self) -> tuple[str, bool]:
        """The column and direction for ``ui.pagination.paginate``."""
        return SORTS[self.sort]

    def apply(
        self, rows: QuerySet[Conversation], *, at: datetime | None = None
    ) -> QuerySet[Conversation]:
        """``at`` is the moment that days past due and windows are counted from: now."""
        return rows.filter(self.condition(at or clock.now()))

    def condition(self, at: datetime, *, conversation: str = "") -> Q:
        """About any rows with a customer, a portfolio and an adviser.

        ``conversation`` leads from them to the customer's, as ``customer__conversation__``.
        """
        found = self._of_row(conversation) & self._of_debt(at) & self._of_customer()
        if self.has_window:
            found &= narrowing.window_is_open(at, of=conversation)
        for key, value in self.extras:
            found &= extra_filters.found()[key].condition(value) or Q()
        if self.search:
            found &= Q(customer_id__in=search.people(self.search))
        return found

    def _of_row(self, conversation: str) -> Q:
        found = narrowing.period(self.since, self.until, of=conversation)
        if self.only_pending or self.sort == "waiting":
            found &= Q(**{f"{conversation}pending_since__isnull": False})
        if self.channel:
            found &= Q(**{f"{conversation}last_channel": self.channel})
        if self.portfolio is not None:
            found &= Q(portfolio_id=self.portfolio)
        if self.kind:
            found &= narrowing.of_portfolio_kind(self.kind)
        if self.adviser == NOBODY:
            found &= Q(adviser_id=None)
        elif self.adviser is not None:
            found &= Q(adviser_id=self.adviser)
        return found & narrowing.of_team(self.team) if self.team is not None else found

    def _of_debt(self, at: datetime) -> Q:
        found = narrowing.days_past_due(self.days_from, self.days_to, at=at)
        found &= narrowing.overdue(self.amount_from, self.amount_to)
        if self.currency or self.has_amounts:
            found &= Q(customer__standing__currency=self.money_of_amounts)
        if self.amount_from and self.sort not in BY_AMOUNT:
            found &= narrowing.owing_much(self.amount_from, self.amount_to, self.money_of_amounts)
        if self.sort in BY_DEBT:
            # Once more on the row that orders, so that its index knows where to begin and end.
            if self.portfolio is not None:
                found &= Q(customer__standing__portfolio_id=self.portfolio)
            if isinstance(self.adviser, int):
                found &= Q(customer__standing__adviser_id=self.adviser)
        if self.sort == "days":
            found &= Q(customer__standing__oldest_due_on__isnull=False)
        if self.sort in BY_AMOUNT:
            # As the index has it: whoever has nothing overdue is not in this order.
            found &= Q(customer__standing__overdue_amount__gt=0)
        return found

    def _of_customer(self) -> Q:
        found = Q()
        if self.segment is not None:
            found &= in_segment(self.segment, prefix="customer__")
        if self.alert:
            found &= has_alert(self.alert, of="customer_id")
        if self.reach:
            found &= narrowing.is_reachable(self.reach)
        if self.promise:
            found &= narrowing.has_promise(self.promise)
        if self.field_key:
            found &= Q(customer__custom__contains={self.field_key: self.field_value})
        return found


def _ordered(read: Reading, low: str, high: str, value: Callable[[str], Any]) -> dict[str, Any]:
    """Both bounds; neither where they are the wrong way round."""
    first, last = value(low), value(high)
    are = first is None or last is None or first <= last
    return {low: first, high: last} if read.ordered(low, high, are=are) else {}


def _extras(
    read: Reading, extras: Mapping[str, extra_filters.Extra]
) -> tuple[tuple[str, str], ...]:
    found = []
    for key, extra in extras.items():
        value = filtering.text(read.params, key, longest=60)
        if value and extra.condition(value) is None:
            read.wrong(key, value)
        elif value:
            found.append((key, value))
    return tuple(found)


def _told(value: object) -> str:
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)
