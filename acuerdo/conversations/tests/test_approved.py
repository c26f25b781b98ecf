import re
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


def refreshed(adviser: User, customer: Customer, box: str) -> str:
    """What an open page is told by the live event."""
    there = place(customer, "hilo/")
    answer = Browser(adviser).get(there, htmx=True, channel="whatsapp", box=box)
    return str(answer.text)


def test_the_box_opens_by_itself_once_the_customer_writes(
    adviser: User, overdue: Customer, line: ChannelAccount, notice: MessageTemplate
) -> None:
    assert 'name="box" value="list"' in Browser(adviser).get(place(overdue), canal="whatsapp").text
    still = refreshed(adviser, overdue, "list")
    assert 'id="composer"' not in still
    assert 'id="reply-send"' not in still
    assert "Ventana cerrada" in still
    wrote(line, overdue, 0)
    html = refreshed(adviser, overdue, "list")
    assert '<form id="composer"' in html
    assert 'id="reply"' in html


def test_what_is_being_written_stays_and_its_clock_is_set_anew(
    adviser: User, overdue: Customer, line: ChannelAccount
) -> None:
    wrote(line, overdue, 9)
    wrote(line, overdue, 1)
    html = refreshed(adviser, overdue, "text")
    assert 'id="composer"' not in html
    assert re.search(r'id="reply-window"[^>]*hx-swap-oob="true"', html)
    assert "Ventana 23 h 0 min" in html
    filling = refreshed(adviser, overdue, "filled")
    assert 'id="composer"' not in filling
    assert "ya se le puede contestar con un texto libre" in filling


def test_a_box_of_calls_is_told_nothing_of_buttons_it_has_not(
    adviser: User, overdue: Customer
) -> None:
    there = place(overdue, "hilo/")
    html = Browser(adviser).get(there, htmx=True, channel="call", box="call").text
    assert 'id="reply-line"' in html
    assert 'id="reply-send"' not in html


def test_templates_are_offered_as_the_customer_will_read_them(
    adviser: User, overdue: Customer, notice: MessageTemplate
) -> None:
    html = Browser(adviser).get(place(overdue), canal="whatsapp").text
    assert f'class="template-words">Hola {overdue.first_name}' in html
    assert "{{" not in html.split("approved-list")[1].split("</ul>")[0]


def test_a_planned_template_is_changed_with_the_values_typed_for_it(
    adviser: User, overdue: Customer, notice: MessageTemplate
) -> None:
    browser = Browser(adviser)
    later = {"due_at": "2026-06-11T10:30", "at_moment": "1"}
    browser.post(
        place(overdue, "mensajes/"), htmx=True, **filled(notice, vencimiento="1 de junio"), **later
    )
    message = Message.objects.get(interaction__direction="outgoing")
    html = browser.get(place(overdue), canal="whatsapp", editar=message.pk).text
    assert re.search(r'name="dato.vencimiento"[^>]*value="1 de junio"', html)
    assert "desde el 1 de junio." in html


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
