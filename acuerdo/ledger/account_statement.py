"""The statement of account: what the debtor gets to read, on a page and on paper."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from acuerdo.customers.models import Customer
from acuerdo.customers.zones import local_date, place_of, zone_of
from acuerdo.ledger import statement
from acuerdo.ledger.models import Payment, PaymentStatus
from acuerdo.ledger.statement import Composition, Line, Total
from acuerdo.organization import settings
from acuerdo.ui import documents

# Paper has an end: the totals count every order, whatever is listed.
MOST_LINES = 500
MOST_PAYMENTS = 60
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Section:
    """One currency: totals never mix. ``more`` counts the orders that are not listed."""

    total: Total
    lines: list[Line]
    payments: list[Payment]
    more: int

    @property
    def ages(self) -> list[Decimal]:
        """What falls due later first, then by age; the last is open-ended."""
        return [self.total.ages[age] for age in statement.AGES]


@dataclass(frozen=True, slots=True)
class Statement:
    """``on`` is the customer's local date; the days past due are counted to it."""

    customer: Customer
    company: str
    creditor: str
    on: date
    at: datetime
    zone: str
    sections: list[Section]

    @property
    def place(self) -> str:
        """Whose clock ``at`` is read by."""
        return place_of(self.zone)


def of(customer: Customer, *, at: datetime) -> Statement:
    """Open orders by due date and the payments of the last year."""
    on = local_date(customer, at)
    found = statement.composition(customer, on=on)
    since = on - YEAR
    payments = Payment.objects.filter(
        customer=customer, status=PaymentStatus.POSTED, paid_on__gte=since
    )
    paid = list(payments.order_by("-paid_on", "-pk")[:MOST_PAYMENTS])
    currencies = [total.currency for total in found.totals]
    currencies += sorted({each.currency for each in paid} - set(currencies))
    return Statement(
        customer=customer,
        company=settings.current().name,
        creditor=customer.portfolio.creditor,
        on=on,
        at=at,
        zone=zone_of(customer),
        sections=[_section(currency, found, paid) for currency in currencies],
    )


def _section(currency: str, found: Composition, paid: list[Payment]) -> Section:
    lines = [line for line in found.lines if line.debt.currency == currency]
    total = next((each for each in found.totals if each.currency == currency), Total(currency))
    return Section(
        total=total,
        lines=lines[:MOST_LINES],
        payments=[each for each in paid if each.currency == currency],
        more=max(0, len(lines) - MOST_LINES),
    )


def pdf(customer: Customer, *, at: datetime) -> bytes:
    """Raises Refusal where this machine cannot draw text on paper."""
    context = {"statement": of(customer, at=at)}
    return documents.pdf("ledger/statement/paper.html", context)


def filename(customer: Customer, *, at: datetime) -> str:
    """No name of the debtor in it: file names travel."""
    return f"estado-de-cuenta-{local_date(customer, at).isoformat()}.pdf"
