"""What narrows the lists of the ledger; the address bar, the chips and exports share it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from acuerdo.customers.filters import matching
from acuerdo.customers.models import Customer
from acuerdo.ledger.models import (
    Debt,
    DebtStatus,
    Payment,
    PaymentReport,
    PaymentStatus,
    Promise,
    PromiseStatus,
    ReportStatus,
)
from acuerdo.organization.models import Portfolio
from acuerdo.ui import filtering

# Open debts are told apart by the day: these two are questions, not states.
DUE = {"overdue": _("Vencidas"), "current": _("Vigentes")}


def of_customer(search: str) -> Q:
    return Q(customer__in=Customer.objects.filter(matching(search)).values("pk"))


@dataclass(frozen=True)
class DebtFilter:
    search: str = ""
    state: str = ""
    portfolio: int | None = None
    customer: int | None = None
    due_from: date | None = None
    due_to: date | None = None

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "DebtFilter":
        return cls(
            search=filtering.text(query, "q"),
            state=filtering.choice(query, "estado", [*DUE, *DebtStatus.values]),
            portfolio=filtering.number(query, "cartera"),
            customer=filtering.number(query, "cliente"),
            due_from=filtering.day(query, "desde"),
            due_to=filtering.day(query, "hasta"),
        )

    def apply(self, rows: QuerySet[Debt], *, on: date) -> QuerySet[Debt]:
        conditions = Q()
        if self.search:
            conditions &= Q(code__istartswith=self.search) | of_customer(self.search)
        if self.state:
            conditions &= self._of_state(on)
        if self.portfolio:
            conditions &= Q(customer__portfolio_id=self.portfolio)
        if self.customer:
            conditions &= Q(customer_id=self.customer)
        if self.due_from:
            conditions &= Q(due_on__gte=self.due_from)
        if self.due_to:
            conditions &= Q(due_on__lte=self.due_to)
        return rows.filter(conditions)

    def _of_state(self, on: date) -> Q:
        if self.state == "overdue":
            return Q(status=DebtStatus.OPEN, due_on__lt=on)
        if self.state == "current":
            return Q(status=DebtStatus.OPEN, due_on__gte=on)
        return Q(status=self.state)

    def bar(self, portfolios: QuerySet[Portfolio], person: Customer | None) -> filtering.Bar:
        states = [*DUE.items(), *DebtStatus.choices]
        menus = [
            filtering.Menu("estado", _("Estado"), filtering.options(states), self.state),
            filtering.Menu(
                "cartera",
                _("Cartera"),
                filtering.options((row.pk, row.name) for row in portfolios),
                str(self.portfolio or ""),
            ),
        ]
        if person:
            menus.append(of_person(person))
        return filtering.Bar(
            menus=tuple(menus),
            period=filtering.Period(_("Vencimiento"), self.due_from, self.due_to),
            search=self.search,
            search_label=_("Código, cliente o documento"),
        )


def of_person(person: Customer) -> filtering.Menu:
    """The removable chip of a list that shows one customer."""
    chosen = ((person.pk, person.full_name),)
    return filtering.Menu("cliente", _("Cliente"), filtering.options(chosen), str(person.pk))


STATES = {
    Payment: PaymentStatus,
    PaymentReport: ReportStatus,
    Promise: PromiseStatus,
}
DATES = {Payment: "paid_on", PaymentReport: "paid_on", Promise: "due_on"}



@dataclass(frozen=True)
class MoneyFilter:
    """Payments, payments to verify or promises: the same three questions for each."""

    kind: type[Payment] | type[PaymentReport] | type[Promise]
    search: str = ""
    state: str = ""
    start: date | None = None
    end: date | None = None

    @classmethod
    def parse(
        cls,
        kind: type[Payment] | type[PaymentReport] | type[Promise],
        query: Mapping[str, str],
    ) -> "MoneyFilter":
        return cls(
            kind=kind,
            search=filtering.text(query, "q"),
            state=filtering.choice(query, "estado", STATES[kind].values),
            start=filtering.day(query, "desde"),
            end=filtering.day(query, "hasta"),
        )

    @property
    def conditions(self) -> Q:
        found = of_customer(self.search) if self.search else Q()
        if self.state:
            found &= Q(status=self.state)
        if self.start:
            found &= Q(**{f"{DATES[self.kind]}__gte": self.start})
        if self.end:
            found &= Q(**{f"{DATES[self.kind]}__lte": self.end})
        return found

    def bar(self) -> filtering.Bar:
        choices = filtering.options(STATES[self.kind].choices)
        return filtering.Bar(
            menus=(filtering.Menu("estado", _("Estado"), choices, self.state),),
            period=filtering.Period(_("Fecha"), self.start, self.end),
            search=self.search,
            search_label=_("Cliente o documento"),
        )
