"""The tray and the sheet of results, as an adviser uses them."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from acuerdo.calls import scheduling
from acuerdo.calls.models import Call, CallSource
from acuerdo.customers.models import Customer
from acuerdo.ledger.models import Promise
from acuerdo.ledger.tests.factories import NOW, TODAY
from acuerdo.organization.models import User
from acuerdo.primitives import clock

HTMX = {"HX-Request": "true", "HX-Target": "gestion-sheet"}
PROMISE = {
    "result": "promise",
    "amount": "120",
    "currency": "PEN",
    "due_on": str(TODAY + timedelta(days=3)),
    "beside": "1",
}


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with clock.travel(NOW):
        yield


@pytest.fixture
def desk(client: Client, adviser: User) -> Client:
    client.force_login(adviser)
    return client


@pytest.fixture
def call(overdue: Customer) -> Call:
    draft = scheduling.Draft(overdue, TODAY, CallSource.FLOW, script="Saludar con calma")
    return scheduling.schedule_many([draft], at=NOW)[0]


def result_url(call: Call) -> str:
    return reverse("calls:result", args=[call.pk])


def test_tray_shows_the_call_and_opens_it(desk: Client, call: Call) -> None:
    tray = desk.get(reverse("calls:tray")).content.decode()
    assert f'id="row_call_{call.pk}"' in tray
    opened = desk.get(reverse("calls:open", args=[call.pk])).content.decode()
    assert "Saludar con calma" in opened
    assert call.customer.full_name in opened


def test_the_number_is_masked_until_somebody_asks_for_it(desk: Client, call: Call) -> None:
    point = call.customer.contact_points.get(kind="phone")
    page = desk.get(reverse("calls:open", args=[call.pk])).content.decode()
    assert point.value not in page
    assert f'name="point" value="{point.pk}"' in page
    assert "Mostrar para marcar" in page


def test_saving_a_promise_takes_the_row_away(desk: Client, call: Call) -> None:
    answer = desk.post(result_url(call), PROMISE, headers=HTMX).content.decode()
    assert f'id="row_call_{call.pk}" hx-swap-oob="delete"' in answer
    assert Promise.objects.get().amount == 120
    assert f'id="row_call_{call.pk}"' not in desk.get(reverse("calls:tray")).content.decode()


def test_second_submit_changes_nothing_and_says_so(desk: Client, call: Call) -> None:
    desk.post(result_url(call), PROMISE, headers=HTMX)
    again = desk.post(result_url(call), PROMISE, headers=HTMX)
    assert again.status_code == 422
    assert "ya tiene un resultado" in again.content.decode()
    assert Promise.objects.count() == 1


def test_without_scripts_the_same_form_leads_back_to_the_tray(desk: Client, call: Call) -> None:
    answer = desk.post(result_url(call), PROMISE)
    assert answer.headers["Location"] == f"{reverse('calls:tray')}?q="


def test_bad_values_keep_what_was_typed(desk: Client, call: Call) -> None:
    wrong = {**PROMISE, "amount": "mucho", "note": "Llamar el lunes"}
    answer = desk.post(result_url(call), wrong, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "mucho" in page
    assert "Llamar el lunes" in page
    assert not Promise.objects.exists()


def test_choosing_a_result_shows_its_fields_and_effects(desk: Client, overdue: Customer) -> None:
    address = reverse("calls:fields", args=[overdue.pk])
    page = desk.post(address, {"result": "pause", "note": "De viaje"}).content.decode()
    assert 'name="until"' in page
    assert "De viaje" in page
    assert 'name="amount"' not in page


def test_closed_days_of_the_calendar_say_why(desk: Client, overdue: Customer) -> None:
    address = reverse("calls:calendar", args=[overdue.pk])
    page = desk.get(address, {"mes": "2026-12-01"}).content.decode()
    assert "is-closed" in page
    assert "Domingo" in page
    assert desk.get(address, {"mes": "nada"}).status_code == 200


def test_a_call_out_of_reach_is_not_found(client: Client, stranger: User, call: Call) -> None:
    client.force_login(stranger)
    for name, pk in [
        ("calls:open", call.pk),
        ("calls:result", call.pk),
        ("calls:register_for", call.customer_id),
        ("calls:calendar", call.customer_id),
    ]:
        client_answer = client.get(reverse(name, args=[pk]))
        assert client_answer.status_code in (403, 404), name


@pytest.mark.parametrize("day", ["31/02", "\x00", "9" * 40, "9999-12-31"])
@pytest.mark.parametrize("result", ["promise", "call_back", "pause"])
def test_odd_days_are_answered_in_the_form(
    desk: Client, overdue: Customer, call: Call, result: str, day: str
) -> None:
    typed = {"result": result, "amount": "5", "currency": "PEN", "due_on": day, "until": day}
    fields = desk.post(reverse("calls:fields", args=[overdue.pk]), typed)
    assert fields.status_code == 200
    answer = desk.post(result_url(call), typed | {"note": ""})
    assert answer.status_code == 422


def test_the_announcement_counts_the_tries_of_the_call_in_hand(desk: Client, call: Call) -> None:
    Call.objects.filter(pk=call.pk).update(attempt=2)
    sheet = desk.get(result_url(call), headers={"HX-Request": "true", "HX-Target": "sheet"})
    assert f'name="call" value="{call.pk}"' in sheet.content.decode()
    address = reverse("calls:fields", args=[call.customer_id])
    for given in ({"call": call.pk}, {}):
        html = desk.post(address, {"result": "no_answer", **given}, headers=HTMX).content.decode()
        assert "(3 de 3)" in html


def test_amounts_may_be_typed_as_they_are_shown(desk: Client, call: Call) -> None:
    desk.post(result_url(call), {**PROMISE, "amount": "S/ 1.20"}, headers=HTMX)
    assert Promise.objects.get().amount == Decimal("1.20")


@pytest.fixture
def second(up_to_date: Customer, adviser: User) -> Call:
    Customer.objects.filter(pk=up_to_date.pk).update(adviser=adviser)
    draft = scheduling.Draft(up_to_date, TODAY, CallSource.FLOW)
    return scheduling.schedule_many([draft], at=NOW)[0]


def test_the_next_call_comes_with_its_address_and_the_counts(
    desk: Client, call: Call, second: Call
) -> None:
    answer = desk.post(result_url(call), {**PROMISE, "next": "1"}, headers=HTMX)
    html = answer.content.decode()
    assert answer["HX-Push-Url"] == f"{reverse('calls:open', args=[second.pk])}?q="
    assert f'data-call="{second.pk}"' in html
    assert 'id="tray-foot" class="pane-foot" hx-swap-oob="true"><span>1 por llamar' in html
    last = desk.post(result_url(second), {"result": "voicemail", "next": "1"}, headers=HTMX)
    assert last["HX-Push-Url"] == f"{reverse('calls:tray')}?q="
    assert "Bandeja al día" in last.content.decode()


def test_the_count_of_the_tray_brings_its_foot_along(desk: Client, call: Call) -> None:
    address = reverse("calls:count")
    alone = desk.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "tray-foot" not in alone
    tray = desk.get(f"{address}?bandeja=1", headers={"HX-Request": "true"}).content.decode()
    assert 'id="tray-foot"' in tray


def test_a_result_beside_a_conversation_stays_there_and_says_what_follows(
    desk: Client, overdue: Customer
) -> None:
    address = reverse("calls:register_for", args=[overdue.pk])
    answer = desk.post(address, {"result": "no_answer"}, headers=HTMX)
    assert "HX-Redirect" not in answer
    assert f"live:customer:{overdue.pk}" in answer["HX-Trigger"]
    assert "Resultado registrado. Reintento el jue 11 jun (2 de 3)." in answer.content.decode()


def test_the_chosen_day_is_marked_in_its_month(desk: Client, overdue: Customer) -> None:
    july = {"due_on": "2026-07-15", "result": "call_back"}
    marked = 'id="day-2026-07-15" class="month-day" type="button" aria-pressed="true"'
    address = reverse("calls:fields", args=[overdue.pk])
    assert marked in desk.post(address, july, headers=HTMX).content.decode()
    hours = desk.get(reverse("calls:hours", args=[overdue.pk]), july, headers=HTMX)
    assert marked in hours.content.decode()
    assert 'id="gestion-month" class="month" hx-swap-oob="true"' in hours.content.decode()
