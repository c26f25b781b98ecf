"""What the composer offers to put in, as the customer of the conversation would read it."""

from typing import Any

import pytest

from acuerdo.conversations.models import Attachment, Message, MessageTemplate
from acuerdo.conversations.templating import addressees, message_templates
from acuerdo.conversations.templating.addressees import Addressees
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.customers.models import Customer
from acuerdo.ledger import pay_links
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.organization.tests import factories
from acuerdo.organization.tests.cast import NOW
from acuerdo.ui import documents

pytestmark = pytest.mark.django_db


def place(customer: Customer, part: str) -> str:
    return f"/conversaciones/{customer.pk}/{part}"


def template(name: str, body: str = "Hola {{nombre}}", **more: Any) -> MessageTemplate:
    return message_templates.save(name=name, channel="whatsapp", body=body, by=None, at=NOW, **more)


def offered(browser: Browser, customer: Customer) -> str:
    answer = browser.get(place(customer, "plantillas/"), htmx=True, canal="whatsapp")
    return str(answer.content.decode())


def test_every_tag_shows_what_it_says_of_this_customer(adviser: User, overdue: Customer) -> None:
    html = Browser(adviser).get(place(overdue, "etiquetas/"), htmx=True).content.decode()
    assert 'data-insert="{{nombre}}"' in html
    assert "Olga" in html


def test_a_tag_without_value_says_so(adviser: User, up_to_date: Customer) -> None:
    html = Browser(adviser).get(place(up_to_date, "etiquetas/"), htmx=True).content.decode()
    assert "Sin dato" in html


def test_the_preview_reads_as_the_customer_will(adviser: User, overdue: Customer) -> None:
    answer = Browser(adviser).post(place(overdue, "vista-previa/"), body="Hola {{nombre}}")
    assert "Hola Olga" in answer.content.decode()
    assert "data-stops" not in answer.content.decode()


@pytest.mark.parametrize(("body", "named"), [("{{asesor}}", "Asesor asignado"), ("{{x}}", "{{x}}")])
def test_the_preview_names_what_stops_it(
    adviser: User, up_to_date: Customer, body: str, named: str
) -> None:
    html = Browser(adviser).post(place(up_to_date, "vista-previa/"), body=body).content.decode()
    assert "data-stops" in html
    assert named in html


def test_templates_of_another_portfolio_or_language_are_not_offered(
    adviser: User, overdue: Customer
) -> None:
    elsewhere = factories.portfolio()
    template("De todos")
    template("De aquí", addressees=Addressees(overdue.portfolio, "es"))
    template("De otra cartera", addressees=Addressees(elsewhere))
    template("De otro idioma", addressees=Addressees(language="pt"))
    html = offered(Browser(adviser), overdue)
    assert "De todos" in html
    assert "De aquí" in html
    assert "De otra cartera" not in html
    assert "De otro idioma" not in html
    Customer.objects.update(custom={"idioma": "pt-BR"})
    assert "De otro idioma" in offered(Browser(adviser), overdue)


def test_templates_are_shown_with_this_customers_data(adviser: User, overdue: Customer) -> None:
    template("Saludo")
    assert 'data-preview="Hola Olga"' in offered(Browser(adviser), overdue)


def test_a_template_of_another_portfolio_is_refused_by_the_server_too(
    adviser: User, overdue: Customer
) -> None:
    wrote(overdue)
    foreign = template("Ajena", "Aviso", addressees=Addressees(factories.portfolio()))
    form = {"channel": "whatsapp", "body": "Aviso", "key": "k" * 20, "template": foreign.pk}
    answer = Browser(adviser).post(place(overdue, "mensajes/"), htmx=True, **form)
    assert answer.status_code == 422
    assert "de otra cartera" in answer.content.decode()
    assert not Message.objects.filter(interaction__direction="outgoing").exists()


def test_a_template_keeps_its_addressees_when_a_file_rewrites_it(overdue: Customer) -> None:
    row = template("Propia", addressees=Addressees(overdue.portfolio, "es"))
    message_templates.save(row, name="Propia", channel="whatsapp", body="Otra", by=None, at=NOW)
    row.refresh_from_db()
    assert (row.portfolio, row.language) == (overdue.portfolio, "es")
    assert addressees.fits(row, overdue)


def test_the_customers_own_link_is_a_tag_for_people_and_flows(overdue: Customer) -> None:
    row = template("Con enlace", "Pague en {{enlace_pago}}")
    one = message_templates.render(row, overdue, at=NOW)
    many = message_templates.render_many(row, [overdue.pk], at=NOW)
    assert one.missing == []
    assert one.body == many[overdue.pk].body == f"Pague en {pay_links.url(overdue, at=NOW)}"


def test_a_text_without_a_link_makes_none(
    overdue: Customer, django_assert_num_queries: Any
) -> None:
    row = template("Sin enlace")
    settings.current()
    with django_assert_num_queries(2):
        message_templates.render_many(row, [overdue.pk], at=NOW)


def test_todays_statement_becomes_a_file_of_the_box(adviser: User, overdue: Customer) -> None:
    browser = Browser(adviser)
    address = place(overdue, "estado-de-cuenta/")
    html = browser.post(address, htmx=True, channel="whatsapp").content.decode()
    if documents.is_possible():
        paper = Attachment.objects.get()
        assert paper.content_type == "application/pdf"
        assert f'name="files" value="{paper.pk}"' in html
    refused = browser.post(address, htmx=True, channel="sms").content.decode()
    assert "no se envían archivos" in refused or "Pango" in refused


def test_the_links_sent_so_far_are_ended_from_the_box(adviser: User, overdue: Customer) -> None:
    before = pay_links.url(overdue, at=NOW)
    answer = Browser(adviser).post(place(overdue, "enlaces/anulacion/"), htmx=True)
    assert "dejaron de funcionar" in answer.content.decode()
    assert pay_links.url(overdue, at=NOW) != before
