"""Two connections at once: one person stays one customer, with one alert of a kind."""

import pytest

from acuerdo.customers import alerts
from acuerdo.customers.models import Alert, Customer, Standing
from acuerdo.customers.tests.factories import NOW, customer, phone
from acuerdo.organization.models import Portfolio
from tests.races.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_document_makes_one_customer(book: Portfolio) -> None:
    outcome = race(*[lambda: customer(book, document_number="X-1")] * 4)
    assert outcome == ["document_taken"] * 3 + ["ok"]
    assert Standing.objects.count() == Customer.objects.count() == 1


def test_one_address_is_added_once(overdue: Customer) -> None:
    assert race(*[lambda: phone(overdue, "922334455")] * 4) == ["ok"] * 4
    assert overdue.contact_points.filter(kind="phone").count() == 2


def test_one_alert_of_a_kind_is_open(overdue: Customer) -> None:
    rivals = [lambda: alerts.raise_alert(overdue, "refuses", by=None, at=NOW)] * 4
    assert race(*rivals) == ["ok"] * 4
    assert Alert.objects.filter(customer=overdue, cleared_at=None).count() == 1
