from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from acuerdo.customers.models import Alert, Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import payments, promises
from acuerdo.ledger.models import Promise
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment, soles
from acuerdo.organization.models import Organization, User
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal

FRIDAY = TODAY + timedelta(days=2)


def promise(customer: Customer, amount: int = 200, due_on: date = FRIDAY) -> Promise:
    return promises.register(customer, amount=soles(amount), due_on=due_on, by=None, at=NOW)


def settle(on: date) -> int:
    return promises.settle_due(at=NOW + timedelta(days=(on - TODAY).days))


def pay(customer: Customer, amount: int, *, on: date) -> None:
    payment(customer, amount, paid_on=on, at=NOW + timedelta(days=(on - TODAY).days))


def status(row: Promise) -> str:
    return Promise.objects.get(pk=row.pk).status


def test_a_promise_is_told_on_the_timeline_and_in_the_log(overdue: Customer, adviser: User) -> None:
    row = promises.register(
        overdue, amount=soles(200), due_on=FRIDAY, note="Cobra el viernes", by=adviser, at=NOW
    )
    fact = Interaction.objects.get(customer=overdue)
    assert (fact.fact, fact.amount, fact.by) == ("promise", 200, adviser)
    event = Event.objects.get(type="promise.registered")
    assert (event.subject_id, event.data["adviser_id"]) == (row.pk, adviser.pk)


@pytest.mark.parametrize(
    ("amount", "due_on", "field"),
    [
        (soles(0), FRIDAY, "amount"),
        (soles("300.01"), FRIDAY, "amount"),
        (Money(Decimal(5), "USD"), FRIDAY, "currency"),
        (soles(10), TODAY - timedelta(days=1), "due_on"),
        (soles(10), TODAY + timedelta(days=91), "due_on"),
    ],
)
def test_a_promise_that_cannot_be_is_refused(
    overdue: Customer, amount: Money, due_on: date, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        promises.register(overdue, amount=amount, due_on=due_on, by=None, at=NOW)
    assert refused.value.field == field
    assert not Promise.objects.exists()


def test_the_day_of_a_promise_is_the_customers_own(overdue: Customer) -> None:
    late_evening_in_lima = NOW.replace(day=11, hour=4)
    row = promises.register(
        overdue, amount=soles(10), due_on=TODAY, by=None, at=late_evening_in_lima
    )
    assert row.made_on == TODAY


def test_a_new_promise_takes_the_place_of_the_pending_one(overdue: Customer) -> None:
    first, second = promise(overdue), promise(overdue, 100)
    assert (status(first), status(second)) == ("cancelled", "pending")
    assert Event.objects.filter(type="promise.cancelled", subject_id=first.pk).exists()


def test_it_is_kept_as_soon_as_the_payments_reach_it(overdue: Customer) -> None:
    row = promise(overdue)
    pay(overdue, 120, on=TODAY)
    row.refresh_from_db()
    assert (row.status, row.paid) == ("pending", 120)
    pay(overdue, 80, on=FRIDAY)
    row.refresh_from_db()
    assert (row.status, row.paid) == ("kept", 200)
    assert Interaction.objects.filter(fact="promise_kept", subject_id=row.pk).count() == 1
    assert not Alert.objects.exists()


def test_it_is_broken_the_day_after(overdue: Customer) -> None:
    row = promise(overdue)
    assert settle(FRIDAY) == 0
    assert settle(FRIDAY + timedelta(days=1)) == 1
    assert status(row) == "broken"
    assert Alert.objects.get(customer=overdue, cleared_at=None).kind == "promise_broken"
    assert Interaction.objects.get(fact="promise_broken").subject_id == row.pk
    assert Event.objects.get(type="promise.broken").customer_id == overdue.pk


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("", 5), ("America/Tijuana", 7), ("America/Sao_Paulo", 3)],
)
def test_it_breaks_at_the_midnight_of_its_customer(overdue: Customer, zone: str, hour: int) -> None:
    """Without a zone of its own the customer's day is that of its country, Peru."""
    Customer.objects.filter(pk=overdue.pk).update(time_zone=zone)
    row = promise(overdue)
    midnight = datetime(2026, 6, 13, hour, tzinfo=UTC)
    assert promises.settle_due(at=midnight - timedelta(minutes=1)) == 0
    assert promises.settle_due(at=midnight) == 1
    assert status(row) == "broken"


def test_settling_the_same_day_twice_breaks_it_once(overdue: Customer) -> None:
    promise(overdue)
    assert [settle(FRIDAY + timedelta(days=1)) for _ in range(2)] == [1, 0]
    assert Event.objects.filter(type="promise.broken").count() == 1


def test_part_of_it_is_not_enough_and_is_remembered(overdue: Customer) -> None:
    row = promise(overdue)
    pay(overdue, 199, on=FRIDAY)
    settle(FRIDAY + timedelta(days=1))
    row.refresh_from_db()
    assert (row.status, row.paid) == ("broken", 199)


def test_days_of_grace_put_the_end_off(overdue: Customer, organization: Organization) -> None:
    organization.promise_grace_days = 2
    organization.save()
    row = promise(overdue)
    assert settle(FRIDAY + timedelta(days=2)) == 0
    pay(overdue, 200, on=FRIDAY + timedelta(days=2))
    assert status(row) == "kept"


def test_money_after_the_last_day_does_not_keep_it(overdue: Customer) -> None:
    row = promise(overdue)
    pay(overdue, 200, on=FRIDAY + timedelta(days=1))
    settle(FRIDAY + timedelta(days=1))
    assert status(row) == "broken"


def test_what_came_in_before_the_promise_is_no_part_of_it(overdue: Customer) -> None:
    payment(overdue, 150, at=NOW - timedelta(hours=1))
    row = promise(overdue, 150)
    assert status(row) == "pending"
    pay(overdue, 1, on=TODAY)
    assert Promise.objects.get(pk=row.pk).paid == 1


def test_a_voided_payment_no_longer_counts(overdue: Customer) -> None:
    row = promise(overdue)
    payments.void(payment(overdue, 150), note="Rebotó", by=None, at=NOW)
    assert Promise.objects.get(pk=row.pk).paid == 0
    pay(overdue, 60, on=FRIDAY)
    settle(FRIDAY + timedelta(days=1))
    assert status(row) == "broken"


def test_another_currency_does_not_keep_it(overdue: Customer) -> None:
    debt(overdue, Money(Decimal(500), "USD"))
    row = promise(overdue)
    payment(overdue, Money(Decimal(500), "USD"))
    assert status(row) == "pending"


def test_a_promise_is_cancelled_once_and_with_a_reason(overdue: Customer, adviser: User) -> None:
    row = promise(overdue)
    with pytest.raises(Refusal, match="no_note"):
        promises.cancel(row, note=" ", by=adviser, at=NOW)
    promises.cancel(row, note="Se equivocó de mes", by=adviser, at=NOW)
    with pytest.raises(Refusal, match="move_not_allowed"):
        promises.cancel(row, note="x", by=adviser, at=NOW)
    assert settle(FRIDAY + timedelta(days=1)) == 0


def test_many_promises_settle_in_a_fixed_number_of_statements(
    overdue: Customer,
    up_to_date: Customer,
    paused: Customer,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for row in (overdue, up_to_date, paused):
        promise(row, 80)
    with django_assert_max_num_queries(40):
        assert settle(FRIDAY + timedelta(days=1)) == 3
    assert Alert.objects.filter(kind="promise_broken").count() == 3
