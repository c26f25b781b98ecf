from collections.abc import Callable

import pytest
from django.db.models import Model
from django.http import Http404

from acuerdo.customers.models import Customer
from acuerdo.ledger import access
from acuerdo.organization.models import User

DOORS: dict[str, Callable[[User, int], Model]] = {
    "debt": access.debt,
    "payment": access.payment,
    "report": access.report,
    "promise": access.promise,
    "claim": access.claim,
}


@pytest.mark.parametrize("kind", DOORS)
def test_a_row_is_reached_with_its_customer_only(
    ledger_rows: dict[str, Model], adviser: User, other_adviser: User, stranger: User, kind: str
) -> None:
    row = ledger_rows[kind]
    assert DOORS[kind](adviser, row.pk) == row
    for outsider in (other_adviser, stranger):
        with pytest.raises(Http404):
            DOORS[kind](outsider, row.pk)


def test_the_list_of_debts_is_scoped(
    overdue: Customer, up_to_date: Customer, other_adviser: User
) -> None:
    assert set(access.debts_for(other_adviser)) == set(up_to_date.debts.all())
