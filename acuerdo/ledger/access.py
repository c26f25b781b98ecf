"""The only door from a request to a debt, payment, report or promise."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from acuerdo.ledger.models import Debt, Payment, PaymentReport, Promise
from acuerdo.organization.access import scope
from acuerdo.organization.models import User


def debts_for(user: User) -> QuerySet[Debt]:
    return Debt.objects.filter(scope(user).condition("customer__"))


def debt(user: User, pk: int) -> Debt:
    """Raises Http404 for one outside the user's portfolios as for one that never was."""
    rows = debts_for(user).select_related("customer__portfolio", "customer__adviser")
    return get_object_or_404(rows, pk=pk)


def payments_for(user: User) -> QuerySet[Payment]:
    return Payment.objects.filter(scope(user).condition("customer__"))


def payment(user: User, pk: int) -> Payment:
    return get_object_or_404(payments_for(user).select_related("customer"), pk=pk)


def reports_for(user: User) -> QuerySet[PaymentReport]:
    return PaymentReport.objects.filter(scope(user).condition("customer__"))


def report(user: User, pk: int) -> PaymentReport:
    return get_object_or_404(reports_for(user).select_related("customer"), pk=pk)


def promises_for(user: User) -> QuerySet[Promise]:
    return Promise.objects.filter(scope(user).condition("customer__"))


def promise(user: User, pk: int) -> Promise:
    return get_object_or_404(promises_for(user).select_related("customer"), pk=pk)
