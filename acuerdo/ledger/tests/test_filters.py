from datetime import timedelta
from decimal import Decimal

import pytest

from acuerdo.customers.models import Customer
from acuerdo.ledger import debts
from acuerdo.ledger.filters import DebtFilter
from acuerdo.ledger.models import Debt
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money


def found(**params: str) -> set[str]:
    chosen = DebtFilter.parse(params)
    return set(chosen.apply(Debt.objects.all(), on=TODAY).values_list("code", flat=True))


@pytest.fixture
def codes(overdue: Customer, up_to_date: Customer) -> None:
    """Olga's two are D-..., Daniel's one as well; these are told apart by name."""
    debt(overdue, 10, code="F-OLD", days_past_due=95)
    debt(up_to_date, Money(Decimal(9), "USD"), code="F-USD", days_past_due=40)
    gone = debt(up_to_date, 5, code="F-GONE", days_past_due=40)
    debts.cancel(gone, note="x", by=None, at=NOW)


@pytest.mark.parametrize(
    ("params", "inside"),
    [
        ({"q": "f-"}, {"F-OLD", "F-USD", "F-GONE"}),
        ({"q": "aldia", "currency": "USD"}, {"F-USD"}),
        ({"standing": "90+"}, {"F-OLD"}),
        ({"standing": "30-59"}, {"F-USD"}),
        ({"standing": "cancelled"}, {"F-GONE"}),
        ({"standing": "settled"}, set()),
        ({"q": "F-", "due_to": (TODAY - timedelta(days=50)).isoformat()}, {"F-OLD"}),
        ({"q": "F-", "due_from": (TODAY - timedelta(days=50)).isoformat()}, {"F-USD", "F-GONE"}),
    ],
)
@pytest.mark.usefixtures("codes")
def test_each_filter_narrows(params: dict[str, str], inside: set[str]) -> None:
    assert found(**params) == inside


def test_overdue_and_current_split_what_is_open(overdue: Customer, adviser: User) -> None:
    late, coming = overdue.debts.order_by("due_on").values_list("code", flat=True)
    assert found(standing="overdue", adviser=str(adviser.pk)) == {late}
    assert found(standing="current", customer=str(overdue.pk)) == {coming}
    payment(overdue, 200)
    assert found(standing="overdue") == set()
    assert found(standing="settled", portfolio=str(overdue.portfolio_id)) == {late}


def test_nonsense_in_the_address_bar_is_left_out(overdue: Customer) -> None:
    assert len(found(due_from="ayer", currency="x", standing="?", customer="x", sort="x")) == 2
