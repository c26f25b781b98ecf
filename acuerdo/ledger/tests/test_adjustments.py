from decimal import Decimal

import pytest

from acuerdo.customers.models import Customer, Standing
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import adjustments, debts
from acuerdo.ledger.tests.factories import NOW, payment
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal


def test_a_discount_lowers_what_is_owed_everywhere(overdue: Customer, supervisor: User) -> None:
    row = overdue.debts.earliest("due_on")
    adjustments.post(row, Decimal(-50), note="Descuento", by=supervisor, at=NOW)
    assert row.balance == 150
    assert Standing.objects.get(pk=overdue.pk).overdue_amount == 150
    assert Interaction.objects.get(fact="adjustment").amount == -50
    assert Event.objects.get(type="debt.adjusted").actor == supervisor


def test_interest_on_a_settled_debt_opens_it(overdue: Customer) -> None:
    payment(overdue, 200)
    row = overdue.debts.earliest("due_on")
    adjustments.post(row, Decimal("3.20"), note="Intereses", by=None, at=NOW)
    assert (row.status, row.balance) == ("open", Decimal("3.20"))


@pytest.mark.parametrize(
    ("amount", "note", "code"),
    [("0", "x", "amount_zero"), ("5", " ", "no_note"), ("-201", "x", "below_zero")],
)
def test_a_wrong_adjustment_is_refused(
    overdue: Customer, amount: str, note: str, code: str
) -> None:
    row = overdue.debts.earliest("due_on")
    with pytest.raises(Refusal, match=code):
        adjustments.post(row, Decimal(amount), note=note, by=None, at=NOW)
    assert row.entries.count() == 1


def test_a_closed_debt_is_not_adjusted(overdue: Customer) -> None:
    row = overdue.debts.earliest("due_on")
    debts.cancel(row, note="x", by=None, at=NOW)
    with pytest.raises(Refusal, match="debt_closed"):
        adjustments.post(row, Decimal(5), note="x", by=None, at=NOW)
