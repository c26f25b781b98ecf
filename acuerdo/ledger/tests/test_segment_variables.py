from datetime import timedelta

import pytest

from acuerdo.customers.models import Customer
from acuerdo.customers.segment_rules import Rule, known
from acuerdo.customers.tests.factories import NOW, customer
from acuerdo.ledger import claims
from acuerdo.organization.tests.factories import portfolio, user

pytestmark = pytest.mark.django_db


def fits(value: str, row: Customer) -> bool:
    rule = Rule(chosen=(("claim", (value,)),))
    return Customer.objects.filter(rule.condition(known()), pk=row.pk).exists()


def test_a_claim_counts_while_it_is_open() -> None:
    row, by = customer(portfolio()), user()
    assert (fits("open", row), fits("none", row)) == (False, True)
    claim = claims.open_claim(row, category="billing", description="Doble", by=by, at=NOW)
    assert (fits("open", row), fits("none", row)) == (True, False)
    claims.close(claim, resolution="Anulado", by=by, at=NOW + timedelta(hours=1))
    assert (fits("open", row), fits("none", row)) == (False, True)
