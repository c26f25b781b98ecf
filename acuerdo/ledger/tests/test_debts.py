from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from acuerdo.customers.models import Customer, Standing
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import debts
from acuerdo.ledger.models import Debt
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal


@pytest.mark.parametrize(
    ("amount", "currency", "field"),
    [
        ("0", "PEN", "amount"), ("-5", "PEN", "amount"), ("1.005", "PEN", "amount"),
        ("10.50", "CLP", "amount"), ("NaN", "PEN", "amount"), ("Infinity", "PEN", "amount"),
        ("1e16", "PEN", "amount"), ("5", "XXX", "currency"), ("5", "", "currency"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(
    up_to_date: Customer, amount: str, currency: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        debt(up_to_date, Money(Decimal(amount), currency))
    assert refused.value.field == field
    assert up_to_date.debts.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": " "}, "code"),
        ({"code": "x" * 61}, "code"),
        ({"issued_on": TODAY + timedelta(days=1), "due_on": TODAY}, "due_on"),
    ],
)
def test_a_wrong_field_is_named(up_to_date: Customer, fields: dict, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        debt(up_to_date, 10, **fields)
    assert refused.value.field == field


def test_a_code_is_used_once(up_to_date: Customer, overdue: Customer) -> None:
    debt(up_to_date, 10, code="F-1")
    with pytest.raises(Refusal, match="code_taken"):
        debt(overdue, 20, code=" F-1 ")


def test_a_cancelled_debt_leaves_the_totals_and_comes_back(
    overdue: Customer, supervisor: User
) -> None:
    row = overdue.debts.earliest("due_on")
    debts.cancel(row, note="Cargada por error", by=supervisor, at=NOW)
    standing = Standing.objects.get(pk=overdue.pk)
    assert (standing.open_amount, standing.overdue_amount, standing.open_debts) == (100, 0, 1)
    debts.reopen(row, note="Sí debe", by=supervisor, at=NOW)
    standing.refresh_from_db()
    assert (standing.open_amount, standing.overdue_amount, standing.open_debts) == (300, 200, 2)
    types = Event.objects.filter(subject_id=row.pk, actor=supervisor).values_list("type", flat=True)
    assert list(types) == ["debt.cancelled", "debt.reopened"]


def test_an_uncollectible_debt_leaves_flows_but_not_history(overdue: Customer) -> None:
    row = overdue.debts.earliest("due_on")
    debts.mark_uncollectible(row, note="Fallecido", by=None, at=NOW)
    assert Debt.objects.get(pk=row.pk).status_note == "Fallecido"
    assert Standing.objects.get(pk=overdue.pk).overdue_amount == 0
    fact = Interaction.objects.get(fact="uncollectible")
    assert (fact.amount, fact.subject_id, fact.status) == (200, row.pk, "generated")


@pytest.mark.parametrize("close", [debts.cancel, debts.mark_uncollectible])
def test_closing_needs_a_reason_and_happens_once(
    overdue: Customer, close: Callable[..., Debt]
) -> None:
    row = overdue.debts.earliest("due_on")
    with pytest.raises(Refusal, match="no_note"):
        close(row, note=" ", by=None, at=NOW)
    close(row, note="Motivo", by=None, at=NOW)
    with pytest.raises(Refusal, match="move_not_allowed"):
        close(row, note="Motivo", by=None, at=NOW)


def test_a_settled_debt_is_not_reopened_by_hand(overdue: Customer) -> None:
    payment(overdue, 200)
    with pytest.raises(Refusal, match="debt_settled"):
        debts.reopen(overdue.debts.earliest("due_on"), note="x", by=None, at=NOW)
