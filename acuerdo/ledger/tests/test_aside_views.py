"""Everything that is done beside a conversation, without leaving it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from acuerdo.customers import alerts, pauses
from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.ledger import adjustments, claims, debts, payment_reports, promises
from acuerdo.ledger.models import PaymentReport
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, soles
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.money import Money

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def ask(user: User, address: str, form: dict[str, Any] | None = None, *, htmx: bool = True) -> Any:
    client = Client()
    client.force_login(user)
    headers = HTMX if htmx else {}
    with clock.travel(NOW):
        if form is None:
            return client.get(address, headers=headers)
        return client.post(address, form, headers=headers)


def of(customer: Customer, part: str) -> str:
    return f"/cuentas/clientes/{customer.pk}/{part}"


def stays(answer: Any, customer: Customer) -> bool:
    """Nothing leads away, and whatever shows the customer is told."""
    told = f"live:customer:{customer.pk}" in answer.get("HX-Trigger", "")
    return answer.status_code == 200 and "HX-Redirect" not in answer and told


def test_the_card_says_who_it_is_without_telling_the_document(
    adviser: User, overdue: Customer
) -> None:
    alerts.raise_alert(overdue, "refuses", note="Molesto", by=None, at=NOW)
    html = ask(adviser, of(overdue, "ficha/")).content.decode()
    assert "<dialog" in html
    assert overdue.full_name in html
    assert overdue.document_number not in html
    assert "987654321" not in html
    assert "No quiere pagar" in html
    for row in overdue.debts.all():
        assert row.code in html


def test_the_composition_goes_currency_by_currency(adviser: User, overdue: Customer) -> None:
    dollars = debt(overdue, Money(soles(70).amount, "USD"), product="Tarjeta", days_past_due=40)
    html = ask(adviser, of(overdue, "composicion/")).content.decode()
    assert html.count('class="purse"') == 2
    assert dollars.code in html
    assert "Tarjeta" in html
    assert "40\xa0días" in html


def test_the_whole_account_has_every_kind_of_row(supervisor: User, overdue: Customer) -> None:
    row = overdue.debts.earliest("due_on")
    adjustments.post(row, soles(-5).amount, note="Error de interés", by=None, at=NOW)
    claims.open_claim(overdue, category="billing", description="Doble cobro", by=None, at=NOW)
    promises.register(overdue, amount=soles(30), due_on=TODAY, by=None, at=NOW)
    html = ask(supervisor, of(overdue, "cuenta/?aqui=1")).content.decode()
    for words in ("Error de interés", "Doble cobro", "Vigente", "Estado de cuenta", row.code):
        assert words in html
    assert "<dialog" in html


def test_without_scripts_each_is_a_page(adviser: User, overdue: Customer) -> None:
    for part in ("ficha/", "composicion/", "cuenta/", "estado-de-cuenta/"):
        html = ask(adviser, of(overdue, part), htmx=False).content.decode()
        assert "<h1" in html
        assert "<html" in html


def test_out_of_reach_none_of_it_is_there(stranger: User, overdue: Customer) -> None:
    for part in ("ficha/", "composicion/", "cuenta/?aqui=1"):
        assert ask(stranger, of(overdue, part)).status_code == 404


def test_a_debt_is_given_up_and_taken_back_in_place(supervisor: User, overdue: Customer) -> None:
    row = overdue.debts.earliest("due_on")
    address = f"/cuentas/ordenes/{row.pk}/incobrable/?aqui=1"
    assert stays(ask(supervisor, address, {"note": "Falleció"}), overdue)
    html = ask(supervisor, of(overdue, "composicion/")).content.decode()
    assert "Incobrables" in html
    assert "Falleció" in html
    back = f"/cuentas/ordenes/{row.pk}/reapertura/?aqui=1"
    assert stays(ask(supervisor, back, {}), overdue)
    row.refresh_from_db()
    assert row.status == "open"


def test_an_adviser_gives_nothing_up(adviser: User, overdue: Customer) -> None:
    row = overdue.debts.earliest("due_on")
    assert "Incobrable" not in ask(adviser, of(overdue, "composicion/")).content.decode()
    address = f"/cuentas/ordenes/{row.pk}/incobrable/?aqui=1"
    assert ask(adviser, address, {"note": "x"}).status_code == 403


def test_a_refusal_of_a_button_is_told_in_place(supervisor: User, overdue: Customer) -> None:
    row = overdue.debts.earliest("due_on")
    debts.mark_uncollectible(row, note="x", by=None, at=NOW)
    address = f"/cuentas/ordenes/{row.pk}/reapertura/?aqui=1"
    ask(supervisor, address, {})
    answer = ask(supervisor, address, {})
    assert "No se puede pasar de" in answer.content.decode()
    assert "HX-Trigger" not in answer


def test_a_payment_to_verify_takes_its_receipt_and_is_settled(
    supervisor: User, overdue: Customer, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    receipt = SimpleUploadedFile("yape.png", b"\x89PNG\r\n\x1a\n", "image/png")
    form = {"amount": "20", "currency": "PEN", "paid_on": TODAY.isoformat(), "receipt": receipt}
    assert stays(ask(supervisor, of(overdue, "panel/pago/"), form), overdue)
    row = PaymentReport.objects.get()
    assert row.receipt
    html = ask(supervisor, of(overdue, "panel/")).content.decode()
    assert f"/cuentas/pagos-a-verificar/{row.pk}/constancia/" in html
    verify = f"/cuentas/pagos-a-verificar/{row.pk}/verificacion/?aqui=1"
    assert stays(ask(supervisor, verify, {}), overdue)
    assert overdue.payments.get().amount == 20


def test_alerts_pauses_and_contacts_are_settled_in_place(
    supervisor: User, overdue: Customer
) -> None:
    alert = alerts.raise_alert(overdue, "refuses", by=None, at=NOW)
    pause = pauses.pause(overdue, until=TODAY + timedelta(days=3), by=None, at=NOW)
    here = f"/clientes/{overdue.pk}"
    point = overdue.contact_points.get(kind="phone")
    mark = f"{here}/contactos/{point.pk}/inservible/?aqui=1"
    assert stays(ask(supervisor, mark, {"why": "stranger", "note": "Es su tía"}), overdue)
    html = ask(supervisor, of(overdue, "panel/")).content.decode()
    assert "Es de otra persona: Es su tía" in html
    for part in (f"alertas/{alert.pk}/", f"pausas/{pause.pk}/", f"contactos/{point.pk}/alerta/"):
        assert stays(ask(supervisor, f"{here}/{part}?aqui=1", {}), overdue)
    point.refresh_from_db()
    assert point.is_usable
    assert not overdue.pauses.filter(resumed_at=None).exists()
    assert not overdue.alerts.filter(cleared_at=None, kind="refuses").exists()


def test_revealing_tells_who_saw_what_and_when(adviser: User, overdue: Customer) -> None:
    point = overdue.contact_points.get(kind="phone")
    html = ask(adviser, f"/clientes/{overdue.pk}/contactos/{point.pk}/valor/", {}).content.decode()
    assert "987654321" in html
    event = Event.objects.get(type="contact_point.revealed")
    assert (event.actor_id, event.subject_id, event.at) == (adviser.pk, point.pk, NOW)


def test_promises_kept_and_broken_are_counted(adviser: User, overdue: Customer) -> None:
    promises.register(overdue, amount=soles(30), due_on=TODAY, by=None, at=NOW)
    promises.settle_due(at=NOW + timedelta(days=1))
    html = ask(adviser, of(overdue, "panel/")).content.decode()
    assert '<dt>Incumplidos</dt><dd class="tone-bad">1</dd>' in html
    assert '<dt>Cumplidos</dt><dd class="tone-ok">0</dd>' in html


def test_reports_wait_in_the_account_with_their_buttons(
    supervisor: User, overdue: Customer
) -> None:
    payment_reports.report(overdue, amount=soles(5), paid_on=TODAY, by=None, at=NOW)
    html = ask(supervisor, of(overdue, "cuenta/?aqui=1")).content.decode()
    assert "Verificar" in html
