"""Two connections at once: money is neither lost nor counted twice."""

from decimal import Decimal

import pytest

from acuerdo.customers.models import Customer, Standing
from acuerdo.ledger import debts, payment_reports, payments
from acuerdo.ledger.models import Debt, Payment, PaymentReport
from acuerdo.ledger.tests.factories import NOW, TODAY, payment, soles
from acuerdo.organization import users
from acuerdo.organization.models import Role, User
from acuerdo.organization.tests.factories import user
from tests.races.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def agree(customer: Customer) -> tuple[Decimal, Decimal]:
    """What the debts say is open, and what the standing says."""
    balances = Debt.objects.filter(customer=customer, status="open").values_list("balance")
    return sum((row[0] for row in balances), Decimal(0)), Standing.objects.get(
        pk=customer.pk
    ).open_amount


def test_two_payments_at_once_are_both_applied(overdue: Customer) -> None:
    outcome = race(*[lambda: payment(overdue, 120)] * 4)
    assert outcome == ["ok"] * 4
    assert agree(overdue) == (0, 0)
    assert sum(row.unapplied for row in overdue.payments.all()) == 180


def test_one_code_posts_once_however_often_it_arrives(overdue: Customer) -> None:
    outcome = race(*[lambda: payment(overdue, 50, code="B-1")] * 3)
    assert outcome == ["ok", "payment_exists", "payment_exists"]
    assert agree(overdue) == (250, 250)


def test_one_code_serves_one_customer(overdue: Customer, up_to_date: Customer) -> None:
    rivals = [lambda row=row: payment(row, 50, code="B-2") for row in (overdue, up_to_date)]
    assert race(*rivals) == ["ok", "payment_exists"]
    assert Payment.objects.count() == 1


def test_a_payment_is_voided_once(overdue: Customer, up_to_date: Customer) -> None:
    paid = payment(overdue, 100)
    stale = [Payment.objects.get(pk=paid.pk) for _ in range(3)]
    outcome = race(
        *[lambda row=row: payments.void(row, note="x", by=None, at=NOW) for row in stale]
    )
    assert outcome == ["ok", "stale_state", "stale_state"]
    assert agree(overdue) == (300, 300)


def test_a_payment_against_a_cancellation_leaves_one_truth(overdue: Customer) -> None:
    row = overdue.debts.earliest("due_on")
    race(
        lambda: debts.cancel(row, note="x", by=None, at=NOW),
        lambda: payment(overdue, 250),
    )
    open_amount, standing = agree(overdue)
    assert open_amount == standing
    for each in Debt.objects.filter(customer=overdue):
        assert each.balance == sum(entry.amount for entry in each.entries.all())


def test_a_report_verified_twice_at_once_posts_one_payment(overdue: Customer) -> None:
    row = payment_reports.report(overdue, amount=soles(50), paid_on=TODAY, by=None, at=NOW)
    copies = [PaymentReport.objects.get(pk=row.pk) for _ in range(2)]
    outcome = race(
        *[lambda copy=copy: payment_reports.verify(copy, by=None, at=NOW) for copy in copies]
    )
    assert outcome == ["ok", "stale_state"]
    assert overdue.payments.count() == 1


def test_two_administrators_do_not_remove_each_other(administrator: User) -> None:
    second = user(Role.ADMINISTRATOR)
    outcome = race(
        lambda: users.deactivate(administrator, by=second, at=NOW),
        lambda: users.deactivate(second, by=administrator, at=NOW),
    )
    assert outcome == ["last_administrator", "ok"]
