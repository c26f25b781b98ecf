"""What the forms about money do, sent once or twice."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from acuerdo.customers.models import Customer
from acuerdo.ledger import promises
from acuerdo.ledger.models import Payment
from acuerdo.ledger.tests.factories import NOW, TODAY, soles
from acuerdo.organization.models import User
from acuerdo.primitives import clock


def test_payment_sent_twice_is_one_payment(
    client: Client, overdue: Customer, supervisor: User
) -> None:
    client.force_login(supervisor)
    address = reverse("ledger:payment_new", args=[overdue.pk])
    with clock.travel(NOW):
        form = client.get(address).context["form"]
        typed = {"amount": "5", "currency": "PEN", "paid_on": TODAY.isoformat()}
        typed["token"] = form["token"].value()
        answers = [client.post(address, typed).status_code for _number in range(2)]
    assert answers == [302, 422]
    assert Payment.objects.count() == 1


def test_promise_is_cancelled_from_its_page_with_a_reason(
    client: Client, overdue: Customer, supervisor: User
) -> None:
    row = promises.register(
        overdue, amount=soles(5), due_on=TODAY + timedelta(days=2), by=supervisor, at=NOW
    )
    client.force_login(supervisor)
    address = reverse("ledger:promise_cancellation", args=[row.pk])
    assert client.post(address).status_code == 422
    assert client.post(address, {"note": "Se equivocó de mes"}).status_code == 302
    row.refresh_from_db()
    assert row.status == "cancelled"


@pytest.mark.parametrize("amount", ["9999999999999999", "999999999999999.99"])
def test_balance_that_no_column_holds_is_refused(
    client: Client, overdue: Customer, administrator: User, amount: str
) -> None:
    client.force_login(administrator)
    debt = overdue.debts.earliest("due_on")
    address = reverse("ledger:adjustment_new", args=[debt.pk])
    answer = client.post(address, {"amount": amount, "note": "x"})
    assert answer.status_code == 422
    assert "demasiado grande" in answer.content.decode()
