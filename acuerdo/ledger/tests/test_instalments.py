from datetime import date, timedelta
from decimal import Decimal

import pytest

from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import holds, instalments, promises
from acuerdo.ledger.instalments import Part
from acuerdo.ledger.models import Promise
from acuerdo.ledger.tests.factories import NOW, TODAY, payment, soles
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal

WEEK = timedelta(days=7)
FIRST, SECOND, THIRD = TODAY + WEEK, TODAY + 2 * WEEK, TODAY + 3 * WEEK


def plan(customer: Customer, *amounts: int) -> list[Promise]:
    parts = [Part(soles(each), TODAY + WEEK * n) for n, each in enumerate(amounts, start=1)]
    return promises.register_plan(customer, parts=parts, by=None, at=NOW)


def pay(customer: Customer, amount: int, *, on: date) -> None:
    payment(customer, amount, paid_on=on, at=NOW + (on - TODAY))


def settle(on: date) -> int:
    return promises.settle_due(at=NOW + (on - TODAY))


def states(customer: Customer) -> list[tuple[str, int]]:
    rows = Promise.objects.filter(customer=customer).order_by("pk")
    return [(row.status, int(row.paid)) for row in rows]


@pytest.mark.parametrize(
    ("amount", "currency", "into", "expected"),
    [
        ("100", "PEN", 3, ["33.33", "33.33", "33.34"]),
        ("1000", "CLP", 3, ["333", "333", "334"]),
        ("0.05", "PEN", 2, ["0.03", "0.02"]),
    ],
)
def test_parts_add_up_to_the_total(
    amount: str, currency: str, into: int, expected: list[str]
) -> None:
    total = Money(Decimal(amount), currency)
    parts = instalments.split(total, into=into, first_on=FIRST, every="week")
    assert [str(part.amount.amount) for part in parts] == expected
    assert instalments.total_of(parts) == total


def test_a_month_from_the_last_day_is_the_last_day() -> None:
    parts = instalments.split(soles(40), into=4, first_on=date(2026, 12, 31), every="month")
    days = [(part.due_on.month, part.due_on.day) for part in parts]
    assert days == [(12, 31), (1, 31), (2, 28), (3, 31)]


def test_each_payment_counts_once_and_for_the_earliest_part(overdue: Customer) -> None:
    plan(overdue, 100, 100, 100)
    pay(overdue, 150, on=TODAY)
    assert states(overdue) == [("kept", 100), ("pending", 50), ("pending", 0)]


def test_a_part_breaks_alone_and_the_next_may_still_be_kept(overdue: Customer) -> None:
    plan(overdue, 100, 100)
    pay(overdue, 40, on=FIRST)
    assert settle(FIRST + timedelta(days=1)) == 1
    assert states(overdue) == [("broken", 40), ("pending", 0)]
    pay(overdue, 100, on=SECOND)
    assert states(overdue) == [("broken", 40), ("kept", 100)]
    assert Event.objects.filter(type="promise.broken").count() == 1


def test_a_broken_part_lets_the_flow_go_on(overdue: Customer) -> None:
    plan(overdue, 100, 100)
    assert holds.blockers([overdue.pk], on=TODAY) == {overdue.pk: "promise_pending"}
    settle(FIRST + timedelta(days=1))
    assert holds.blockers([overdue.pk], on=FIRST + timedelta(days=1)) == {}


def test_a_kept_part_goes_on_holding_the_flow(overdue: Customer) -> None:
    plan(overdue, 100, 100)
    pay(overdue, 100, on=TODAY)
    assert holds.blockers([overdue.pk], on=SECOND) == {overdue.pk: "promise_pending"}


def test_a_plan_is_told_once_with_its_total(overdue: Customer) -> None:
    first = plan(overdue, 100, 120)[0]
    (told,) = Interaction.objects.filter(customer=overdue, fact="promise")
    assert (told.amount, told.subject_id) == (220, first.pk)
    event = Event.objects.get(type="promise.registered")
    assert event.data["parts"] == [FIRST.isoformat(), SECOND.isoformat()]


def test_a_new_promise_takes_the_place_of_what_is_left_of_a_plan(overdue: Customer) -> None:
    plan(overdue, 100, 50, 50)
    pay(overdue, 100, on=TODAY)
    promises.register(overdue, amount=soles(60), due_on=FIRST, by=None, at=NOW)
    assert [state for state, _paid in states(overdue)] == [
        "kept", "cancelled", "cancelled", "pending"
    ]  # fmt: skip


def test_cancelling_a_part_cancels_the_parts_that_are_left(overdue: Customer) -> None:
    row = plan(overdue, 100, 100)[1]
    promises.cancel(row, note="Pidió otro plazo", by=None, at=NOW)
    assert {state for state, _paid in states(overdue)} == {"cancelled"}


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([(100, FIRST), (100, FIRST)], "due_on_2"),
        ([(100, FIRST), (0, SECOND)], "amount_2"),
        ([(200, FIRST), (101, SECOND)], "amount"),
        ([(10, TODAY - WEEK), (10, FIRST)], "due_on_1"),
        ([(10, FIRST), (10, FIRST + timedelta(days=91))], "due_on_2"),
        ([(1, TODAY + WEEK * n) for n in range(13)], "parts"),
        ([(1, TODAY + timedelta(days=80 * n)) for n in range(1, 6)], "due_on_5"),
    ],
)
def test_a_plan_that_cannot_be_names_the_part(
    overdue: Customer, parts: list[tuple[int, date]], field: str
) -> None:
    wanted = [Part(soles(amount), due_on) for amount, due_on in parts]
    with pytest.raises(Refusal) as refused:
        promises.register_plan(overdue, parts=wanted, by=None, at=NOW)
    assert refused.value.field == field
    assert not Promise.objects.exists()
