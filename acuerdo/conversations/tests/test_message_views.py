from datetime import timedelta
from uuid import uuid4

import pytest

from acuerdo.channels import accounts
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Conversation, Message
from acuerdo.conversations.note_models import Note
from acuerdo.conversations.templating import message_templates
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW

pytestmark = pytest.mark.django_db


def said(customer: Customer, body: str = "Claro que sí.", **more: str) -> dict[str, str]:
    return {"channel": "whatsapp", "body": body, "key": uuid4().hex} | more


def address(customer: Customer, part: str = "mensajes/") -> str:
    return f"/conversaciones/{customer.pk}/{part}"


def test_an_answer_is_queued_and_takes_the_bold_away(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    response = Browser(adviser).post(address(overdue), htmx=True, **said(overdue))
    html = response.content.decode()
    assert Message.objects.get(body="Claro que sí.").interaction.by == adviser
    assert Conversation.objects.get().pending_since is None
    assert 'id="latest"' in html
    assert "Claro que sí." in html
    assert 'hx-swap-oob="morph"' in html
    assert "live:change" in response["HX-Trigger"]


def test_the_same_form_twice_is_one_message(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    browser, form = Browser(adviser), said(overdue)
    first = browser.post(address(overdue), htmx=True, **form)
    second = browser.post(address(overdue), htmx=True, **form)
    assert (first.status_code, second.status_code) == (200, 200)
    assert Interaction.objects.filter(direction="outgoing").count() == 1


def test_it_works_without_a_script(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    browser = Browser(adviser)
    response = browser.post(address(overdue), **said(overdue))
    assert response.status_code == 302
    assert response["Location"] == f"/conversaciones/{overdue.pk}/"
    assert "Claro que sí." in browser.get(response["Location"]).content.decode()


def test_placeholders_are_filled_in(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    Browser(adviser).post(address(overdue), **said(overdue, "Hola {{nombre}}, soy {{asesor}}."))
    assert Message.objects.filter(body="Hola Olga, soy Alba Asesora.").exists()


@pytest.mark.parametrize(
    ("body", "named"), [("Soy {{asesor}}", "Asesor asignado"), ("{{nada}}", "{{nada}}")]
)
def test_what_has_no_value_stops_it_and_is_named(
    adviser: User, up_to_date: Customer, body: str, named: str
) -> None:
    wrote(up_to_date)
    for htmx in (True, False):
        response = Browser(adviser).post(address(up_to_date), htmx=htmx, **said(up_to_date, body))
        html = response.content.decode()
        assert response.status_code == 422
        assert named in html
        assert body in html
    assert not Interaction.objects.filter(direction="outgoing").exists()


@pytest.mark.parametrize(
    "wrong",
    [{"body": " "}, {"channel": "fax"}, {"key": ""}, {"body": "a" * 5000}, {"template": "99"}],
)
def test_a_form_that_will_not_do_is_answered_in_words(
    adviser: User, overdue: Customer, wrong: dict[str, str]
) -> None:
    wrote(overdue)
    response = Browser(adviser).post(address(overdue), htmx=True, **(said(overdue) | wrong))
    assert response.status_code == 422
    assert 'id="reply-error"' in response.content.decode()


def test_a_closed_gate_refuses_but_may_wait_until_it_opens(
    adviser: User, up_to_date: Customer
) -> None:
    account()
    night = Browser(adviser, at=NOW + timedelta(hours=12))
    html = night.get(
        address(up_to_date, "redaccion/"), htmx=True, canal="whatsapp"
    ).content.decode()
    assert "Envío cerrado hasta el jueves 11 de junio" in html
    assert "Programar para el" in html
    refused = night.post(address(up_to_date), htmx=True, **said(up_to_date))
    assert refused.status_code == 422
    assert not Message.objects.exists()
    assert night.post(address(up_to_date), **said(up_to_date, later="1")).status_code == 302
    row = Message.objects.get()
    assert row.outgoing.due_at > night.at
    assert row.interaction.status == "scheduled"


def test_a_template_is_named_while_its_words_are_there(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    template = message_templates.save(
        name="Saludo", channel="whatsapp", body="Hola {{nombre}}", by=None, at=NOW
    )
    browser, pk = Browser(adviser), str(template.pk)
    browser.post(address(overdue), **said(overdue, "Hola {{nombre}}", template=pk))
    browser.post(address(overdue), **said(overdue, "Otra cosa", template=pk))
    sent = Interaction.objects.filter(direction="outgoing").order_by("pk")
    assert [row.template for row in sent] == ["Saludo", ""]
    found = browser.get(address(overdue, "plantillas/"), htmx=True, canal="whatsapp", buscar="salu")
    assert "Saludo" in found.content.decode()


def test_a_channel_without_account_or_address_says_so(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    browser = Browser(adviser)
    sms = browser.get(address(overdue, "redaccion/"), htmx=True, canal="sms").content.decode()
    assert "No hay una cuenta activa para este canal." in sms
    assert "<textarea" not in sms
    accounts.create(name="Correo", channel="email", adapter="simulated", at=NOW)
    overdue.contact_points.filter(kind="email").update(is_usable=False)
    mail = browser.get(address(overdue, "redaccion/"), htmx=True, canal="email").content.decode()
    assert "no tiene un correo utilizable" in mail


def test_a_note_is_for_the_team_and_keeps_the_bold(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    browser = Browser(adviser)
    assert (
        browser.post(address(overdue, "notas/"), htmx=True, body="Llamar tarde").status_code == 200
    )
    assert browser.post(address(overdue, "notas/"), htmx=True, body=" ").status_code == 422
    assert Note.objects.get().author == adviser
    assert Conversation.objects.get().pending_since == NOW
    assert "solo su equipo" in browser.get(f"/conversaciones/{overdue.pk}/").content.decode()


def test_skip_with_a_reason_and_its_undo(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    browser = Browser(adviser)
    html = browser.post(address(overdue, "omision/"), htmx=True, reason="spam").content.decode()
    assert Event.objects.get(type="conversation.skipped").data["reason"] == "spam"
    assert f'hx-post="/conversaciones/{overdue.pk}/pendiente/"' in html
    browser.post(address(overdue, "pendiente/"), htmx=True)
    assert Conversation.objects.get().pending_since == NOW


def test_a_queued_message_can_be_called_back_once(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    browser = Browser(adviser)
    browser.post(address(overdue), **said(overdue))
    message = Message.objects.get(body="Claro que sí.")
    there = address(overdue, f"mensajes/{message.pk}/cancelacion/")
    assert "Mensaje cancelado." in browser.post(there, htmx=True).content.decode()
    assert browser.post(there, htmx=True).status_code == 200
    message.interaction.refresh_from_db()
    assert message.interaction.status == "cancelled"


def test_what_failed_can_be_written_again_by_another_channel(
    adviser: User, overdue: Customer
) -> None:
    wrote(overdue)
    browser = Browser(adviser)
    browser.post(address(overdue), **said(overdue, "Le escribo de nuevo"))
    row = Interaction.objects.get(direction="outgoing")
    Interaction.objects.filter(pk=row.pk).update(
        status="failed", reason_text="El número no existe."
    )
    html = browser.get(f"/conversaciones/{overdue.pk}/").content.decode()
    assert "El número no existe." in html
    assert f"canal=sms&amp;repetir={row.pk}" in html
    again = browser.get(address(overdue, "redaccion/"), htmx=True, canal="whatsapp", repetir=row.pk)
    assert ">Le escribo de nuevo</textarea>" in again.content.decode()


@pytest.mark.parametrize("part", ["mensajes/", "notas/", "omision/", "pendiente/"])
def test_who_only_reads_cannot_act(
    auditor: User, stranger: User, overdue: Customer, part: str
) -> None:
    wrote(overdue)
    form = said(overdue)
    assert Browser(auditor).post(address(overdue, part), **form).status_code == 403
    assert Browser(stranger).post(address(overdue, part), **form).status_code == 404
    assert (
        "se puede leer, no escribir" in Browser(auditor).get(address(overdue, "")).content.decode()
    )
