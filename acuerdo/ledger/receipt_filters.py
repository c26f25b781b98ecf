"""What narrows the lists of payments, payments to verify, promises and claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from acuerdo.customers.filters import matching
from acuerdo.customers.models import Customer
from acuerdo.ledger.models import (
    Claim,
    ClaimStatus,
    Payment,
    PaymentReport,
    PaymentStatus,
    Promise,
    PromiseStatus,
    ReportStatus,
)
from acuerdo.ui import filtering

STATES = {
    Payment: PaymentStatus,
    PaymentReport: ReportStatus,
    Promise: PromiseStatus,
    Claim: ClaimStatus,
}
DATES = {Payment: "paid_on", PaymentReport: "paid_on", Promise: "due_on", Claim: "opened_on"}
Kind = type[Payment] | type[PaymentReport] | type[Promise] | type[Claim]


@dataclass(frozen=True)
class ReceiptFilter:
    """The same three questions for each kind; dates include both ends."""

    kind: Kind
    search: str = ""
    state: str = ""
    start: date | None = None
    end: date | None = None

    @classmethod
    def parse(cls, kind: Kind, query: Mapping[str, str]) -> "ReceiptFilter":
        return cls(
            kind=kind,
            search=filtering.text(query, "q"),
            state=filtering.choice(query, "estado", STATES[kind].values),
            start=filtering.day(query, "desde"),
            end=filtering.day(query, "hasta"),
        )

    @property
    def conditions(self) -> Q:
        found = Q()
        if self.search:
            people = Customer.objects.filter(matching(self.search))
            found &= Q(customer__in=people.values("pk"))
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
