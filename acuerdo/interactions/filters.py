"""What narrows the register; the page and its exports share it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import Channel
from acuerdo.customers.filters import matching
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Direction, FactKind, Interaction, Kind, Origin, Status
from acuerdo.organization import settings
from acuerdo.organization.models import Portfolio
from acuerdo.primitives import clock
from acuerdo.ui import filtering

NOTE = "note"
CHANNELS = (
    *Channel.choices,
    (NOTE, _("Nota")),
    ("portal", _("Web")),
    ("dashboard", _("Sistema")),
)
# A name typed in the search may fit many people; the register shows those of the first.
MOST_PEOPLE = 1000


@dataclass(frozen=True)
class InteractionFilter:
    """Dates are local to the organisation, both included."""

    search: str = ""
    customer: int | None = None
    direction: str = ""
    channel: str = ""
    status: str = ""
    fact: str = ""
    origin: str = ""
    portfolio: int | None = None
    start: date | None = None
    end: date | None = None

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "InteractionFilter":
        return cls(
            search=filtering.text(query, "q"),
            customer=filtering.number(query, "cliente"),
            direction=filtering.choice(query, "tipo", Direction.values),
            channel=filtering.choice(query, "canal", dict(CHANNELS)),
            status=filtering.choice(query, "estado", Status.values),
            fact=filtering.choice(query, "evento", FactKind.values),
            origin=filtering.choice(query, "origen", Origin.values),
            portfolio=filtering.number(query, "cartera"),
            start=filtering.day(query, "desde"),
            end=filtering.day(query, "hasta"),
        )

    def apply(self, rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
        plain = {
            "customer_id": self.customer,
            "direction": self.direction,
            "status": self.status,
            "fact": self.fact,
            "origin": self.origin,
            "portfolio_id": self.portfolio,
        }
        conditions = Q(**{name: value for name, value in plain.items() if value})
        if self.search:
            people = Customer.objects.filter(matching(self.search)).values("pk")[:MOST_PEOPLE]
            conditions &= Q(customer_id__in=people)
        return rows.filter(conditions & self._of_channel() & self._of_period())

    def _of_channel(self) -> Q:
        if self.channel == NOTE:
            return Q(kind=Kind.NOTE)
        if self.channel == "dashboard":
            return Q(channel=self.channel) & ~Q(kind=Kind.NOTE)
        return Q(channel=self.channel) if self.channel else Q()

    def _of_period(self) -> Q:
        zone, found = settings.current().time_zone, Q()
        if self.start:
            found &= Q(at__gte=clock.midnight(self.start, zone))
        if self.end:
            found &= Q(at__lt=clock.midnight(self.end + timedelta(days=1), zone))
        return found

    def bar(self, portfolios: QuerySet[Portfolio], person: Customer | None) -> filtering.Bar:
        chosen = [(person.pk, person.full_name)] if person else []
        menus = [
            ("tipo", _("Tipo"), Direction.choices, self.direction),
            ("canal", _("Canal"), CHANNELS, self.channel),
            ("estado", _("Estado"), Status.choices, self.status),
            ("evento", _("Evento"), FactKind.choices, self.fact),
            ("origen", _("Origen"), Origin.choices, self.origin),
            ("cartera", _("Cartera"), [(row.pk, row.name) for row in portfolios], self.portfolio),
        ]
        if person:
            menus.insert(0, ("cliente", _("Cliente"), chosen, person.pk))
        return filtering.Bar(
            menus=tuple(
                filtering.Menu(key, label, filtering.options(pairs), str(value or ""))
                for key, label, pairs, value in menus
            ),
            period=filtering.Period(_("Fecha"), self.start, self.end),
            search=self.search,
            search_label=_("Cliente o documento"),
        )
