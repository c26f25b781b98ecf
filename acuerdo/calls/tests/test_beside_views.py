"""Agreeing on a call, and dialling, beside a conversation."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from acuerdo.calls import results
from acuerdo.calls.models import Call
from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.ledger.models import Promise
from acuerdo.ledger.tests.factories import NOW, TODAY
from acuerdo.organization.models import User
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db
MONDAY, SUNDAY, HOLIDAY = (TODAY + timedelta(days=ahead) for ahead in (5, 4, 19))


def ask(user: User, customer: Customer, part: str, form: dict[str, str] | None = None) -> Any:
    client = Client()
    client.force_login(user)
    address = f"/llamadas/cliente/{customer.pk}/{part}"
    with clock.travel(NOW):
        if form is None:
            return client.get(address, headers={"HX-Request": "true"})
        return client.post(address, form, headers={"HX-Request": "true"})


def plan(user: User, customer: Customer, on: Any, hour: str = "") -> Any:
    form = {"due_on": on.isoformat(), "due_at": hour, "note": "Cobra el lunes"}
    return ask(user, customer, "agenda/?aqui=1", form)


def test_a_call_is_agreed_on_by_the_customers_clock(adviser: User, overdue: Customer) -> None:
    answer = plan(adviser, overdue, MONDAY, "18:30")
    assert answer.status_code == 200
    assert f"live:customer:{overdue.pk}" in answer["HX-Trigger"]
    call = Call.objects.get()
    assert (call.due_on, call.script) == (MONDAY, "Cobra el lunes")
    assert call.due_at is not None
    assert call.due_at.isoformat() == "2026-06-15T23:30:00+00:00"


def test_an_hour_agreed_on_by_another_clock_is_said_by_both(
    adviser: User, overdue: Customer
) -> None:
    Customer.objects.filter(pk=overdue.pk).update(time_zone="America/Santiago")
    plan(adviser, overdue, MONDAY, "18:30")
    client = Client()
    client.force_login(adviser)
    for place in (f"/conversaciones/{overdue.pk}/", f"/llamadas/{Call.objects.get().pk}/"):
        with clock.travel(NOW):
            html = client.get(place).content.decode()
        assert "18:30 en Santiago (17:30 en Lima)" in html


@pytest.mark.parametrize(
    ("on", "hour", "words"),
    [
        (SUNDAY, "", "domingo, según Código de Protección al Consumidor"),
        (HOLIDAY, "", "feriado: San Pedro y San Pablo"),
        (TODAY - timedelta(days=1), "", "ese día ya pasó"),
        (MONDAY, "21:00", "A esa hora no se puede llamar"),
        (TODAY, "08:00", "Esa hora ya pasó"),
    ],
)
def test_what_is_closed_is_refused_with_the_reason(
    adviser: User, overdue: Customer, on: Any, hour: str, words: str
) -> None:
    answer = plan(adviser, overdue, on, hour)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Call.objects.exists()


def test_closed_days_say_why_to_the_pointer_and_to_the_focus(
    adviser: User, overdue: Customer
) -> None:
    html = ask(adviser, overdue, "agenda/?aqui=1").content.decode()
    assert 'data-tip="Feriado: San Pedro y San Pablo"' in html
    assert 'tabindex="0" role="button" aria-disabled="true" aria-label="9, ese día ya pasó"' in html
    assert 'data-insert="2026-06-15"' in html


def test_the_hours_of_a_day_are_those_of_the_law(adviser: User, overdue: Customer) -> None:
    html = ask(adviser, overdue, f"agenda/horario/?due_on={MONDAY}").content.decode()
    assert "de 07:00 a 20:00" in html
    assert "Lima" in html
    assert (
        "no se puede llamar"
        in ask(adviser, overdue, f"agenda/horario/?due_on={SUNDAY}").content.decode()
    )


def test_a_day_without_a_contact_left_says_so_and_stays_open(
    adviser: User, overdue: Customer
) -> None:
    overdue.country, overdue.time_zone = "CO", "America/Bogota"
    overdue.save(update_fields=["country", "time_zone"])
    results.register_unplanned(overdue, "no_answer", data={}, by=adviser, at=NOW)
    html = ask(adviser, overdue, f"agenda/horario/?due_on={TODAY}").content.decode()
    assert "ya no queda contacto: el límite es 1 al día" in html
    assert "no se puede llamar" not in html


def test_a_number_is_shown_to_dial_and_it_is_recorded(adviser: User, overdue: Customer) -> None:
    assert "987654321" not in ask(adviser, overdue, "marcado/").content.decode()
    point = overdue.contact_points.get(kind="phone")
    html = ask(adviser, overdue, "marcado/", {"point": str(point.pk)}).content.decode()
    assert f'href="tel:{point.value}"' in html
    assert Event.objects.get(type="contact_point.revealed").actor_id == adviser.pk


def test_nobody_dials_the_number_of_another(
    adviser: User, overdue: Customer, up_to_date: Customer
) -> None:
    other = up_to_date.contact_points.get(kind="phone")
    assert ask(adviser, overdue, "marcado/", {"point": str(other.pk)}).status_code == 404
    assert not Event.objects.filter(type="contact_point.revealed").exists()


@pytest.mark.parametrize("part", ["agenda/", "agenda/horario/", "marcado/"])
def test_out_of_reach_is_not_there(stranger: User, overdue: Customer, part: str) -> None:
    assert ask(stranger, overdue, part).status_code == 404


def test_a_result_may_be_a_promise_in_parts(adviser: User, overdue: Customer) -> None:
    form = {
        "result": "promise", "due_on": MONDAY.isoformat(), "amount": "200", "currency": "PEN",
        "parts": "2", "every": "week",
    }  # fmt: skip
    shown = ask(adviser, overdue, "gestion/campos/", form).content.decode()
    assert "En 2 partes" in shown
    ask(adviser, overdue, "gestion/", form)
    rows = Promise.objects.order_by("part").values_list("due_on", "amount")
    assert list(rows) == [(MONDAY, 100), (MONDAY + timedelta(days=7), 100)]
