from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Message
from acuerdo.conversations.receiving import arrivals, suggestions, unknown_senders
from acuerdo.conversations.stranger_models import StrangerReply, UnknownSender
from acuerdo.conversations.tests.screens import Browser
from acuerdo.customers import access
from acuerdo.customers.models import Customer
from acuerdo.organization import settings
from acuerdo.organization.models import Portfolio, User
from acuerdo.organization.tests.cast import NOW

pytestmark = pytest.mark.django_db
TRAY = "/conversaciones/no-registrados/"


def stranger(
    text: str = "Hola", *, sender: str = "51987000111", name: str = "", html: str = ""
) -> UnknownSender:
    line = account()
    arrivals.receive_message(
        line, InboundMessage(f"m-{text}", sender, text, name, html=html), at=NOW
    )
    return unknown_senders.waiting()[0]


def reasons(row: UnknownSender, user: User) -> dict[int, list[str]]:
    found = suggestions.of([row], access.customers_for(user))
    return {each.customer.pk: each.reasons for each in found}


def test_the_tray_shows_one_row_for_an_address(supervisor: User) -> None:
    line = account()
    for number in range(3):
        message = InboundMessage(f"m{number}", "51987000111", f"mensaje {number}")
        arrivals.receive_message(line, message, at=NOW)
    html = Browser(supervisor).get(TRAY).content.decode()
    assert html.count('id="stranger_') == 1
    assert "mensaje 2" in html
    assert "1 por identificar" in html


def test_the_settings_decide_who_sees_the_tray(adviser: User, supervisor: User) -> None:
    stranger()
    assert Browser(adviser).get(TRAY).status_code == 403
    settings.update(advisers_see_unregistered=True)
    assert Browser(adviser).get(TRAY).status_code == 200
    settings.update(unregistered_inbox=False)
    assert Browser(supervisor).get(TRAY).status_code == 403


def test_a_document_in_the_text_suggests_its_owner_and_links_nobody(
    supervisor: User, overdue: Customer
) -> None:
    row = stranger(f"buenas, mi DNI es {overdue.document_number.lower()} gracias")
    assert reasons(row, supervisor) == {overdue.pk: ["Su documento aparece en el mensaje"]}
    html = Browser(supervisor).get(f"{TRAY}{row.pk}/").content.decode()
    assert "Su documento aparece en el mensaje" in html
    assert not Message.objects.exists()


def test_name_and_phone_in_the_text_are_two_reasons(supervisor: User, overdue: Customer) -> None:
    phone = overdue.contact_points.get(kind="phone").value
    row = stranger(f"llámenme al {phone[3:]}", name=overdue.full_name)
    assert len(reasons(row, supervisor)[overdue.pk]) == 2


def test_nobody_is_suggested_from_out_of_reach(
    supervisor: User, overdue: Customer, other_book: Portfolio
) -> None:
    Customer.objects.filter(pk=overdue.pk).update(portfolio=other_book)
    row = stranger(f"mi DNI es {overdue.document_number}")
    assert reasons(row, supervisor) == {}
    browser = Browser(supervisor)
    assert browser.post(f"{TRAY}{row.pk}/vinculo/", customer=overdue.pk).status_code == 404


def test_linking_leads_to_the_conversation_and_can_be_undone(
    supervisor: User, overdue: Customer
) -> None:
    row, browser = stranger("Ya pagué"), Browser(supervisor)
    found = browser.get(f"{TRAY}{row.pk}/clientes/", htmx=True, q=overdue.full_name)
    assert f'value="{overdue.pk}"' in found.content.decode()
    answer = browser.post(f"{TRAY}{row.pk}/vinculo/", customer=overdue.pk)
    page = browser.get(answer["Location"]).content.decode()
    assert "Ya pagué" in page
    assert f"{TRAY}{row.pk}/desvinculo/" in page
    browser.post(f"{TRAY}{row.pk}/desvinculo/")
    assert unknown_senders.waiting().count() == 1


def test_words_of_a_stranger_are_never_markup(supervisor: User) -> None:
    row = stranger("<script>a</script>", name="<img src=x>", html="<p>x</p><script>b</script>")
    browser = Browser(supervisor)
    page = browser.get(f"{TRAY}{row.pk}/").content.decode()
    assert "<script>a" not in page
    assert "<img src=x>" not in page
    letter = browser.get(f"{TRAY}{row.pk}/correo/")
    assert "<script" not in letter.content.decode()
    assert "sandbox" in letter["Content-Security-Policy"]


def test_the_tray_costs_the_same_at_one_and_at_forty(
    supervisor: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    line = account()
    for number in range(40):
        sender = f"519870001{number:02d}"
        arrivals.receive_message(line, InboundMessage(sender, sender, "hola"), at=NOW)
    browser = Browser(supervisor)
    with django_assert_max_num_queries(8):
        browser.get(TRAY)


def test_once_linked_only_those_who_reach_the_customer_read_it(
    supervisor: User, overdue: Customer
) -> None:
    row = stranger("Soy yo", html="<p>secreto</p>")
    unknown_senders.link(row, overdue, by=supervisor, at=NOW)
    browser = Browser(supervisor)
    pages = (f"{TRAY}{row.pk}/", f"{TRAY}{row.pk}/correo/")
    assert [browser.get(page).status_code for page in pages] == [200, 200]
    supervisor.grants.all().delete()
    assert [browser.get(page).status_code for page in pages] == [404, 404]


def test_a_customer_is_made_of_what_the_stranger_said(
    supervisor: User, book: Portfolio, overdue: Customer
) -> None:
    row, browser = (
        stranger("Hola, debo algo", name="María Luisa Quispe Mamani"),
        Browser(supervisor),
    )
    page = f"{TRAY}{row.pk}/cliente/"
    assert page in browser.get(f"{TRAY}{row.pk}/").text
    drawer = browser.get(page, htmx=True).text
    assert 'value="María Luisa"' in drawer
    assert 'value="Quispe Mamani"' in drawer
    assert "+51987000111 y sus mensajes" in drawer
    told = {"portfolio": book.pk, "country": "PE", "document_type": "DNI", "first_name": "María"}
    taken = browser.post(page, **told, document_number=overdue.document_number)
    assert taken.status_code == 422
    answer = browser.post(page, **told, document_number="40112233")
    customer = Customer.objects.get(document_number="40112233")
    assert answer["Location"] == f"/conversaciones/{customer.pk}/"
    assert "Hola, debo algo" in browser.get(answer["Location"]).text
    assert [each.value for each in customer.contact_points.all()] == ["+51987000111"]
    assert not unknown_senders.waiting().exists()


@pytest.mark.parametrize(
    ("state", "is_marked"), [("waiting", False), ("sent", False), ("failed", True)]
)
def test_who_was_answered_loses_the_dot(supervisor: User, state: str, is_marked: bool) -> None:
    row, browser = stranger("Hola"), Browser(supervisor)
    assert 'class="dot"' in browser.get(TRAY).text
    StrangerReply.objects.create(
        sender=row,
        body="¿Quién es?",
        by=supervisor,
        key="1",
        state=state,
        created_at=NOW,
        due_at=NOW,
    )
    html = browser.get(TRAY).text
    assert ('class="dot"' in html, "Respondido" in html) == (is_marked, not is_marked)
    wrote_again = NOW + timedelta(minutes=1)
    arrivals.receive_message(
        row.account, InboundMessage("m-again", "51987000111", "¿?"), at=wrote_again
    )
    assert 'class="dot"' in browser.get(TRAY).text
