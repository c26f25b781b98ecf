"""The lists of the ledger: debts with their age, and everything that moved a customer's money."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import Customer
from acuerdo.ledger import entries
from acuerdo.ledger.filters import DebtFilter
from acuerdo.ledger.models import Claim, Debt, DebtStatus, Payment, PaymentReport, Promise
from acuerdo.organization.models import Portfolio
from acuerdo.primitives.money import CURRENCIES
from acuerdo.ui import filtering


@dataclass(frozen=True)
class DebtRow:
    """``days`` past due on the day of the list; zero when it is not open."""

    debt: Debt
    days: int

    @property
    def state(self) -> str:
        if self.debt.status == DebtStatus.OPEN:
            return "overdue" if self.days > 0 else "current"
        return self.debt.status


@dataclass(frozen=True)
class Account:
    """Everything that a customer owes, paid, promised and disputes; newest first, debts by due date."""

    debts: list[DebtRow]
    payments: list[Payment]
    reports: list[PaymentReport]
    promises: list[Promise]
    adjustments: list[entries.Entry]
    claims: list[Claim]


@dataclass(frozen=True)
class Movement:
    on: date
    kind: str
    code: str
    method: str
    reference: str
    currency: str
    amount: Decimal


LIMIT = 200
STANDINGS = (
    ("current", _("Vigentes")),
    ("overdue", _("Vencidas")),
    ("1-29", _("1 a 29 días")),
    ("30-59", _("30 a 59 días")),
    ("60-89", _("60 a 89 días")),
    ("90+", _("90 días o más")),
    ("settled", _("Pagadas")),
    ("cancelled", _("Anuladas")),
    ("uncollectible", _("Incobrables")),
)


def bar(
    wanted: DebtFilter, portfolios: QuerySet[Portfolio], person: Customer | None
) -> filtering.Bar:
    books = [(row.pk, row.name) for row in portfolios]
    menus = [
        ("standing", _("Estado"), STANDINGS, wanted.standing),
        ("portfolio", _("Cartera"), books, wanted.portfolio),
        ("currency", _("Moneda"), [(code, code) for code in CURRENCIES], wanted.currency),
    ]
    if person:
        menus.insert(0, ("customer", _("Cliente"), [(person.pk, person.full_name)], person.pk))
    period = filtering.Period(
        _("Vencimiento"), wanted.due_from, wanted.due_to, "due_from", "due_to"
    )
    return filtering.Bar(
        menus=tuple(
            filtering.Menu(key, label, filtering.options(pairs), str(value or ""))
            for key, label, pairs, value in menus
        ),
        period=period,
        search=wanted.search,
        search_label=_("Código, cliente o documento"),
    )


def debt_row(debt: Debt, *, on: date) -> DebtRow:
    is_open = debt.status == DebtStatus.OPEN
    return DebtRow(debt, max((on - debt.due_on).days, 0) if is_open else 0)


def account(customer: Customer, *, on: date) -> Account:
    debts = customer.debts.order_by("due_on", "id")[:LIMIT]
    return Account(
        debts=[debt_row(debt, on=on) for debt in debts],
        payments=list(customer.payments.order_by("-paid_on", "-id")[:LIMIT]),
        reports=list(customer.payment_reports.order_by("-id")[:LIMIT]),
        promises=list(customer.promises.order_by("-id")[:LIMIT]),
        adjustments=entries.adjustments_of(customer, limit=LIMIT),
        claims=list(customer.claims.prefetch_related("debts").order_by("-id")[:LIMIT]),
    )


def movements(customer: Customer) -> list[Movement]:
    """Every entry of the customer's debts, newest first."""
    debts = customer.debts.prefetch_related("entries__payment")
    rows = [
        Movement(
            on=entry.effective_on,
            kind=entry.get_kind_display(),
            code=debt.code,
            method=entry.payment.method if entry.payment else "",
            reference=entry.payment.reference if entry.payment else entry.note,
            currency=debt.currency,
            amount=entry.amount,
        )
        for debt in debts
        for entry in debt.entries.all()
    ]
    return sorted(rows, key=lambda row: row.on, reverse=True)[:LIMIT]
