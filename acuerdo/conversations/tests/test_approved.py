from datetime import timedelta
from uuid import uuid4

import pytest

from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.models import Message, MessageTemplate
from acuerdo.conversations.templating import message_templates
from acuerdo.conversations.tests import whatsapp
from acuerdo.conversations.tests.screens import Browser
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> ChannelAccount:
    return whatsapp.account()


@pytest.fixture
def notice(line: ChannelAccount, adviser: User) -> MessageTemplate:
    return message_templates.save(
        name="Aviso de cuota",
        channel="whatsapp",
        body="",
        provider_template=whatsapp.provider_template(line),
        variables=whatsapp.VARIABLES,
        by=adviser,
        at=NOW,
    )


def place(customer: Customer, part: str = "") -> str:
    return f"/conversaciones/{customer.pk}/{part}"


def wrote(line: ChannelAccount, customer: Customer, hours: int) -> None:
    address = customer.contact_points.get(kind="phone").value
    whatsapp.hears(line, customer, at=NOW - timedelta(hours=hours), address=address)


def filled(notice: MessageTemplate, **values: str) -> dict[str, str]:
    typed = {f"dato.{tag}": value for tag, value in values.items()}
    return {
        "channel": "whatsapp",
        "body": notice.body,
        "template": str(notice.pk),
        "key": uuid4().hex,
    } | typed


def test_inside_the_window_the_box_shows_its_clock(
    adviser: User, overdue: Customer, line: ChannelAccount
) -> None:
    wrote(line, overdue, 2)
    html = Browser(adviser).get(place(overdue), canal="whatsapp").content.decode()
    assert "Ventana 22 h 0 min" in html
    assert 'id="reply"' in html


def test_outside_it_only_approved_templates_are_offered(
    adviser: User, overdue: Customer, line: ChannelAccount, notice: MessageTemplate
) -> None:
    wrote(line, overdue, 30)
    message_templates.save(name="Libre", channel="whatsapp", body="Hola", by=adviser, at=NOW)
    html = Browser(adviser).get(place(overdue), canal="whatsapp").content.decode()
    assert "Ventana cerrada" in html
    assert "Aviso de cuota" in html
    assert "Libre" not in html
    assert 'id="reply"' not in html


def test_a_template_is_filled_in_shown_and_sent(
    adviser: User, overdue: Customer, notice: MessageTemplate
) -> None:
    browser = Browser(adviser)
    html = browser.get(place(overdue), canal="whatsapp", plantilla=notice.pk).content.decode()
    assert 'name="dato.vencimiento"' in html
    assert f"Hola {overdue.first_name}" in html
    form = filled(notice, vencimiento="1 de junio")
    shown = browser.post(place(overdue, "plantilla-aprobada/"), **form).content.decode()
    assert "desde el 1 de junio." in shown
    assert browser.post(place(overdue, "mensajes/"), htmx=True, **form).status_code == 200
    message = Message.objects.get(interaction__direction="outgoing")
    assert "desde el 1 de junio." in message.body
    assert message.template_call
    assert message.template_call["body"][1] == "1 de junio"


def test_a_missing_value_blocks_and_is_named(
    adviser: User, overdue: Customer, notice: MessageTemplate
) -> None:
    browser, form = Browser(adviser), filled(notice, vencimiento=" ")
    shown = browser.post(place(overdue, "plantilla-aprobada/"), **form).content.decode()
    assert "Falta: Vencimiento más antiguo" in shown
    answer = browser.post(place(overdue, "mensajes/"), htmx=True, **form)
    assert answer.status_code == 422
    assert "Vencimiento más antiguo" in answer.content.decode()
    assert not Message.objects.filter(interaction__direction="outgoing").exists()


def test_a_template_of_several_paragraphs_is_sent_as_browsers_write_lines(
    adviser: User, overdue: Customer, line: ChannelAccount, notice: MessageTemplate
) -> None:
    kept = whatsapp.provider_template(
        line,
        name="con_titulo",
        components=[
            {"type": "HEADER", "format": "TEXT", "text": "Su cuenta"},
            {"type": "BODY", "text": "Hola {{1}}, conversemos."},
        ],
    )
    titled = message_templates.save(
        name="Con título", channel="whatsapp", body="", provider_template=kept,
        variables={"body": ["nombre"]}, by=adviser, at=NOW,
    )  # fmt: skip
    form = filled(titled) | {"body": titled.body.replace("\n", "\r\n")}
    answer = Browser(adviser).post(place(overdue, "mensajes/"), htmx=True, **form)
    assert answer.status_code == 200
    message = Message.objects.get(interaction__direction="outgoing")
    assert message.template_call
    assert message.template_call["name"] == "con_titulo"
