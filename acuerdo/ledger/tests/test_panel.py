from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from acuerdo.contact_policy.verdicts import Count
from acuerdo.customers import alerts
from acuerdo.customers.models import Customer, Pause
from acuerdo.ledger import panel
from acuerdo.ledger.models import PaymentReport, Promise
from acuerdo.ledger.tests.factories import NOW, TODAY, debt
from acuerdo.organization.models import User
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def ask(user: User, address: str, form: dict[str, Any] | None = None) -> Any:
    client = Client()
    client.force_login(user)
    with clock.travel(NOW):
        if form is None:
            return client.get(address, headers=HTMX)
        return client.post(address, form, headers=HTMX)


def here(customer: Customer, part: str = "") -> str:
    return f"/cuentas/clientes/{customer.pk}/panel/{part}"


def test_ages_split_the_whole_debt(overdue: Customer) -> None:
    (purse,) = panel.of(overdue, at=NOW).owed.purses
    assert [(each.tone, str(each.amount)) for each in purse.slices] == [
        ("b1", "200.00"),
        ("b0", "100.00"),
    ]
    assert str(purse.total.overdue) == "200.00"


def test_panel_hides_personal_data_and_names_alerts(adviser: User, overdue: Customer) -> None:
    alerts.raise_alert(overdue, "promise_broken", by=None, at=NOW)
    html = ask(adviser, here(overdue)).content.decode()
    assert "Compromiso incumplido" in html
    assert "200.00" in html
    assert "987654321" not in html
    assert "olga@example.com" not in html


def test_panel_asks_the_same_number_of_questions(
    adviser: User, overdue: Customer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    panel.of(overdue, at=NOW)
    with django_assert_num_queries(QUESTIONS):
        panel.of(overdue, at=NOW)
    for each in range(20):
        debt(overdue, 10, days_past_due=each)
    with django_assert_num_queries(QUESTIONS):
        panel.of(overdue, at=NOW)


QUESTIONS = 13


def test_promise_is_registered_without_leaving(adviser: User, overdue: Customer) -> None:
    form = ask(adviser, here(overdue, "compromiso/")).content.decode()
    assert 'value="200.00"' in form
    due_on = (TODAY + timedelta(days=3)).isoformat()
    data = {"amount": "150", "currency": "PEN", "due_on": due_on}
    response = ask(adviser, here(overdue, "compromiso/"), data)
    assert response.status_code == 200
    assert f"live:customer:{overdue.pk}" in response["HX-Trigger"]
    assert str(Promise.objects.get().amount) == "150.00"


def test_a_promise_that_will_not_do_says_why(adviser: User, overdue: Customer) -> None:
    due_on = (TODAY + timedelta(days=3)).isoformat()
    data = {"amount": "9999", "currency": "PEN", "due_on": due_on}
    response = ask(adviser, here(overdue, "compromiso/"), data)
    assert response.status_code == 422
    assert "no puede pasar de lo que se debe" in response.content.decode()


def test_payment_to_verify_and_pause_are_registered(adviser: User, overdue: Customer) -> None:
    data = {"amount": "20", "currency": "PEN", "paid_on": TODAY.isoformat()}
    assert ask(adviser, here(overdue, "pago/"), data).status_code == 200
    until = {"until": (TODAY + timedelta(days=9)).isoformat()}
    assert ask(adviser, here(overdue, "pausa/"), until).status_code == 200
    assert PaymentReport.objects.count() == Pause.objects.count() == 1


@pytest.mark.parametrize("part", ["", "compromiso/", "pago/", "pausa/"])
def test_out_of_reach_is_not_there(stranger: User, overdue: Customer, part: str) -> None:
    assert ask(stranger, here(overdue, part)).status_code == 404


def test_a_limit_says_what_it_counts_and_is_no_fraction_beyond(overdue: Customer) -> None:
    found = panel.of(overdue, at=NOW)
    verdict = found.verdict
    assert verdict is not None

    def shown(used: int) -> str:
        count = Count(used, 2, 7, ("sms", "email"))
        context = {"panel": replace(found, verdict=replace(verdict, counts=(count,)))}
        return render_to_string("ledger/panel/_policy.html", context)

    assert "En 7 días, por SMS y Correo" in shown(1)
    assert "se le puede responder" not in shown(1)
    assert "2 de 2" in shown(2)
    assert "se le puede responder" in shown(2)
    assert "3, el tope es 2" in shown(3)


def test_the_panel_speaks_of_the_channel_that_is_written_by(
    adviser: User, overdue: Customer
) -> None:
    html = ask(adviser, here(overdue) + "?channel=email").content.decode()
    assert "Contactos por Correo" in html
    assert "Hoy, por cualquier canal" in html
