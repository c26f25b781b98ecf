"""The only door from a request to a row of the ledger."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

from acuerdo.ledger.models import Claim, Debt, Payment, PaymentReport, Promise
from acuerdo.organization.access import scope
from acuerdo.organization.models import User

Row = TypeVar("Row", bound=Model)


def debts_for(user: User) -> QuerySet[Debt]:
    """Every debt of the customers that ``user`` may reach, in any state."""
    return _within(Debt.objects.all(), user)


def debt(user: User, pk: int) -> Debt:
    """Http404 when it does not exist or is out of reach, without telling; so are the others."""
    return _one(debts_for(user), pk)


def payments_for(user: User) -> QuerySet[Payment]:
    return _within(Payment.objects.all(), user)


def payment(user: User, pk: int) -> Payment:
    return _one(payments_for(user), pk)


def reports_for(user: User) -> QuerySet[PaymentReport]:
    return _within(PaymentReport.objects.all(), user)


def report(user: User, pk: int) -> PaymentReport:
    return _one(reports_for(user), pk)


def promises_for(user: User) -> QuerySet[Promise]:
    return _within(Promise.objects.all(), user)


def promise(user: User, pk: int) -> Promise:
    return _one(promises_for(user), pk)


def claims_for(user: User) -> QuerySet[Claim]:
    return _within(Claim.objects.all(), user)


def claim(user: User, pk: int) -> Claim:
    return _one(claims_for(user), pk)


def _within(rows: QuerySet[Row], user: User) -> QuerySet[Row]:
    return rows.filter(scope(user).condition("customer__"))


def _one(rows: QuerySet[Row], pk: int) -> Row:
    found = rows.select_related("customer", "customer__portfolio").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
