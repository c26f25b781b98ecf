from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from acuerdo.customers.models import Customer
from acuerdo.ledger.models import Promise
from acuerdo.ledger.tests.factories import NOW, TODAY, debt
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.money import Money

pytestmark = pytest.mark.django_db
FRIDAY = TODAY + timedelta(days=2)
HEAD = {"amount": "200", "currency": "PEN", "due_on": FRIDAY.isoformat()}


def send(user: User, customer: Customer, form: dict[str, str], **headers: str) -> Any:
    client = Client()
    client.force_login(user)
    with clock.travel(NOW):
        address = f"/cuentas/clientes/{customer.pk}/compromisos/nuevo/?aqui=1"
        return client.post(address, form, headers=headers)


def rows(*amounts: str) -> dict[str, str]:
    found = {"parts": str(len(amounts)), "every": "week"}
    for number, amount in enumerate(amounts, start=1):
        found[f"amount_{number}"] = amount
        found[f"due_on_{number}"] = (FRIDAY + timedelta(days=7 * number)).isoformat()
    return found


def test_parts_are_shown_before_they_are_registered(adviser: User, overdue: Customer) -> None:
    html = send(adviser, overdue, {**HEAD, "parts": "3", "every": "week"}).content.decode()
    assert 'name="amount_3"' in html
    assert 'value="66.67"' in html
    assert f'value="{(FRIDAY + timedelta(days=14)).isoformat()}"' in html
    assert not Promise.objects.exists()


def test_a_plan_is_registered_as_it_was_corrected(adviser: User, overdue: Customer) -> None:
    answer = send(adviser, overdue, {**HEAD, **rows("150", "50")}, **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert f"live:customer:{overdue.pk}" in answer["HX-Trigger"]
    found = Promise.objects.order_by("part").values_list("part", "parts", "amount", "by")
    assert list(found) == [(1, 2, 150, adviser.pk), (2, 2, 50, adviser.pk)]


def test_parts_that_do_not_add_up_say_so(adviser: User, overdue: Customer) -> None:
    answer = send(adviser, overdue, {**HEAD, **rows("150", "40")}, **{"HX-Request": "true"})
    assert answer.status_code == 422
    assert "Las partes suman" in answer.content.decode()
    assert not Promise.objects.exists()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("every", ["week", "month"])
def test_parts_beyond_the_calendar_are_not_worked_out(
    adviser: User, overdue: Customer, day: str, every: str
) -> None:
    split = {**HEAD, "due_on": day, "parts": "12", "every": every, "split": "1"}
    assert send(adviser, overdue, split).status_code == 200
    whole = {**HEAD, "due_on": day}
    assert send(adviser, overdue, whole).status_code == 422
    assert not Promise.objects.exists()


def test_the_error_of_a_part_stands_beside_it(adviser: User, overdue: Customer) -> None:
    form = {**HEAD, **rows("150", "50")}
    form["due_on_2"] = form["due_on_1"]
    html = send(adviser, overdue, form, **{"HX-Request": "true"}).content.decode()
    assert "La parte 2 vence después de la anterior" in html
    assert 'id="id_due_on_2_error"' in html


def test_choosing_the_number_of_parts_answers_only_them(adviser: User, overdue: Customer) -> None:
    headers = {"HX-Request": "true", "HX-Target": "plan-parts"}
    answer = send(adviser, overdue, {**HEAD, "parts": "2", "split": "1"}, **headers)
    html = answer.content.decode()
    assert 'name="amount_2"' in html
    assert "<form" not in html


@pytest.mark.parametrize("odd", ["0", "-1", "99", "x", "²"])
def test_an_odd_number_of_parts_is_an_error_of_its_field(
    adviser: User, overdue: Customer, odd: str
) -> None:
    answer = send(adviser, overdue, {**HEAD, "parts": odd}, **{"HX-Request": "true"})
    assert answer.status_code == 422
    assert not Promise.objects.exists()


def test_sent_twice_it_is_one_plan(adviser: User, overdue: Customer) -> None:
    form = {**HEAD, **rows("150", "50"), "once": "una-vez"}
    for _time in range(2):
        send(adviser, overdue, form, **{"HX-Request": "true"})
    assert Promise.objects.count() == 2


def test_too_much_is_refused_in_the_amounts_of_the_screen(adviser: User, overdue: Customer) -> None:
    html = send(adviser, overdue, {**HEAD, "amount": "5000"}).content.decode()
    assert "no puede pasar de lo que se debe: S/\N{NO-BREAK SPACE}300.00." in html


def test_a_promise_is_offered_in_what_is_owed(adviser: User, overdue: Customer) -> None:
    html = send(adviser, overdue, {}).content.decode()
    assert html.count('<option value="PEN"') == 1
    assert '<option value="USD"' not in html


def test_parts_of_a_currency_without_cents_are_read_as_shown(
    adviser: User, overdue: Customer
) -> None:
    debt(overdue, Money(Decimal(441038), "CLP"))
    head = {**HEAD, "amount": "$ 200.000", "currency": "CLP"}
    send(adviser, overdue, {**head, **rows("100.000", "CLP 100.000")})
    assert [part.amount for part in Promise.objects.all()] == [100000, 100000]
