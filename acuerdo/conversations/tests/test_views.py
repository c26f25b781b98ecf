from datetime import timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from acuerdo.conversations.models import Conversation
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.customers import profiles
from acuerdo.customers.models import Customer, Standing
from acuerdo.customers.tests.factories import customer, phone
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import promises
from acuerdo.ledger.tests.factories import debt
from acuerdo.organization.models import Portfolio, User
from acuerdo.organization.tests.cast import NOW, TODAY
from acuerdo.primitives.money import Money

pytestmark = pytest.mark.django_db


def page(browser: Browser, address: str = "/conversaciones/", **query: str) -> str:
    response = browser.get(address, **query)
    assert response.status_code == 200
    return str(response.content.decode())


def crowd(book: Portfolio, number: int) -> None:
    for each in range(number):
        row = customer(book, first_name=f"Cliente{each}")
        phone(row, f"98{each:07d}")
        debt(row, 100, days_past_due=each)
        wrote(row)


def test_who_wrote_is_bold_with_a_counter_and_the_days(adviser: User, overdue: Customer) -> None:
    wrote(wrote(overdue), "¿Hola?")
    html = page(Browser(adviser))
    assert 'class="row-link is-pending"' in html
    assert '<span class="counter">2' in html
    assert "10\xa0días" in html
    assert "1 por gestionar" in html


@pytest.mark.parametrize(
    ("status", "word"), [("opened", "Abierto"), ("scheduled", "Programado"), ("failed", "Fallido")]
)
def test_the_list_says_a_state_in_the_words_of_the_thread(
    adviser: User, overdue: Customer, status: str, word: str
) -> None:
    wrote(overdue)
    Conversation.objects.update(last_direction="outgoing", last_status=status)
    assert f'role="img" aria-label="{word}"' in page(Browser(adviser))


def test_opening_changes_nothing(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    html = page(Browser(adviser), f"/conversaciones/{overdue.pk}/")
    assert "¿Puedo pagar mañana?" in html
    assert Conversation.objects.get().pending_since == NOW
    assert Conversation.objects.get().unanswered == 1


def test_a_running_promise_takes_the_place_of_the_days(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    due_on = TODAY + timedelta(days=2)
    amount = Money(debt(overdue, 50).balance, "PEN")
    promises.register(overdue, amount=amount, due_on=due_on, by=adviser, at=NOW)
    assert "Compromiso 12 jun" in page(Browser(adviser))


@pytest.mark.parametrize("part", ["", "fila/", "hilo/", "redaccion/", "plantillas/"])
def test_a_customer_out_of_reach_is_nowhere(stranger: User, overdue: Customer, part: str) -> None:
    wrote(overdue)
    browser = Browser(stranger)
    assert browser.get(f"/conversaciones/{overdue.pk}/{part}").status_code == 404
    assert browser.get(f"/conversaciones/{overdue.pk}/{part}", htmx=True).status_code == 404
    assert "Vencida" not in page(browser)
    assert "Vencida" not in page(browser, q="olga")


def test_a_copy_that_lags_behind_shows_nothing(other_adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    Conversation.objects.update(adviser_id=other_adviser.pk)
    assert "Vencida" not in page(Browser(other_adviser))


@pytest.mark.parametrize(
    "words", ["olga", "vencida olga", "987 654 321", "987654321", "OLGA@example.com"]
)
def test_search_finds_by_name_phone_and_email(
    adviser: User, overdue: Customer, up_to_date: Customer, words: str
) -> None:
    wrote(overdue)
    wrote(up_to_date)
    html = page(Browser(adviser), q=words)
    assert "Olga Vencida" in html
    assert "Daniel Aldía" not in html


def test_search_names_those_who_have_no_messages_yet(adviser: User, overdue: Customer) -> None:
    html = page(Browser(adviser), q="Olga")
    assert "Sin mensajes todavía" in html
    assert f'href="/conversaciones/{overdue.pk}/"' in html


def test_only_those_who_wait_with_the_envelope(
    adviser: User, overdue: Customer, up_to_date: Customer
) -> None:
    wrote(overdue)
    wrote(up_to_date)
    Browser(adviser).post(f"/conversaciones/{up_to_date.pk}/omision/")
    html = page(Browser(adviser), pending="1")
    assert "Olga Vencida" in html
    assert "Daniel Aldía" not in html
    assert "Quitar filtro Por gestionar" in html


def test_a_search_keeps_the_conversation_in_the_address(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    browser = Browser(adviser)
    browser.client.defaults["HTTP_HX_CURRENT_URL"] = f"http://x/conversaciones/{overdue.pk}/?q=o"
    response = browser.get("/conversaciones/", htmx=True, q="olg", after="")
    assert response["HX-Replace-Url"] == f"/conversaciones/{overdue.pk}/?q=olg"
    assert "<html" not in response.content.decode()


def test_an_empty_list_of_amounts_names_their_currency(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    page = Browser(adviser).get("/conversaciones/", sort="amount", pending="1", currency="USD").text
    assert "Nada vencido en USD" in page
    assert "Bandeja al día" not in page


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"sort": "waiting"}, "Nadie espera una respuesta."),
        ({"sort": "waiting", "channel": "sms"}, "solo a quienes esperan una respuesta."),
        ({"sort": "days"}, "Nadie con deudas por pagar"),
        ({"sort": "days", "pending": "1"}, "solo a quienes tienen deudas por pagar."),
    ],
)
def test_an_empty_order_says_whom_it_leaves_out(
    adviser: User, up_to_date: Customer, asked: dict[str, str], told: str
) -> None:
    wrote(up_to_date)
    Standing.objects.update(oldest_due_on=None)
    if asked["sort"] == "waiting":
        Browser(adviser).post(f"/conversaciones/{up_to_date.pk}/omision/")
    html = Browser(adviser).get("/conversaciones/", **asked).text
    assert told in html
    assert ("Nadie espera una respuesta." in html) == (asked == {"sort": "waiting"})


def test_a_page_without_an_address_gets_the_list(adviser: User) -> None:
    browser = Browser(adviser).client
    headers = {"HX-Request": "true", "HX-Current-URL": "http://[nowhere/conversaciones/"}
    answer = browser.get("/conversaciones/?pending=1", headers=headers)
    assert answer.status_code == 200
    assert answer["HX-Replace-Url"] == "/conversaciones/?pending=1"


def test_a_message_of_a_file_alone_says_so_in_its_row(
    administrator: User, overdue: Customer
) -> None:
    wrote(overdue)
    Conversation.objects.update(preview="")
    assert "Archivo adjunto" in Browser(administrator).get("/conversaciones/").content.decode()


def test_rows_come_in_pages_of_fifty(administrator: User, book: Portfolio) -> None:
    crowd(book, 53)
    browser = Browser(administrator)
    html = page(browser)
    assert html.count('id="row_') == 50
    start = html.index("after=") + len("after=")
    after = html[start : html.index('"', start)].replace("%3A", ":")
    rest = browser.get("/conversaciones/", htmx=True, after=after).content.decode()
    assert rest.count('id="row_') == 3
    assert "<ul" not in rest


@pytest.mark.parametrize("number", [10, 50])
def test_the_list_asks_the_same_number_of_questions(
    administrator: User,
    book: Portfolio,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    crowd(book, number)
    browser = Browser(administrator)
    page(browser)
    # One is the shelf: saved views and what was used last, which decides what is shown.
    with django_assert_num_queries(8):
        page(browser)


@pytest.mark.parametrize("number", [1, 40])
def test_an_open_conversation_asks_the_same_number_of_questions(
    adviser: User,
    overdue: Customer,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for each in range(number):
        wrote(overdue, f"Mensaje {each}")
    browser = Browser(adviser)
    address = f"/conversaciones/{overdue.pk}/"
    browser.get(address, htmx=True)
    with django_assert_num_queries(17):
        browser.get(address, htmx=True)


def test_names_and_words_are_never_markup(adviser: User, overdue: Customer) -> None:
    profiles.update(overdue, first_name="<script>n</script>", by=adviser, at=NOW)
    overdue.refresh_from_db()
    wrote(overdue, "<script>b</script>")
    html = page(Browser(adviser), f"/conversaciones/{overdue.pk}/")
    assert "<script>n" not in html
    assert "<script>b" not in html
    assert "&lt;script&gt;b" in html


def test_older_pages_meet_the_newer_without_gap_or_double(adviser: User, overdue: Customer) -> None:
    for each in range(60):
        wrote(overdue, f"Mensaje {each:02d}")
    browser, address = Browser(adviser), f"/conversaciones/{overdue.pk}/"
    newer = page(browser, address)
    start = newer.index("before=") + len("before=")
    before = newer[start : newer.index('"', start)].replace("%3A", ":").replace("%2B", "+")
    older = browser.get(address, htmx=True, before=before).content.decode()
    shown = [each for each in range(60) if f"Mensaje {each:02d}<" in older]
    assert shown == list(range(10))
    assert [each for each in range(60) if f"Mensaje {each:02d}<" in newer] == list(range(10, 60))


def test_the_end_of_the_thread_grows_from_where_the_page_began(
    adviser: User, overdue: Customer
) -> None:
    wrote(overdue, "Primero")
    browser, address = Browser(adviser), f"/conversaciones/{overdue.pk}/"
    html = page(browser, address)
    start = html.index('name="since" value="') + len('name="since" value="')
    since = html[start : html.index('"', start)]
    wrote(overdue, "Segundo")
    again = browser.get(f"{address}hilo/", htmx=True, since=since, channel="whatsapp")
    words = again.content.decode()
    assert "Primero" in words
    assert "Segundo" in words
    assert 'id="thread-head"' in words
    assert words.count('id="entry_') == Interaction.objects.count() == 2


@pytest.mark.parametrize("junk", ["x", "2026-99-99~1", "~", "2026-01-01T00:00:00+00:00~x"])
def test_a_place_that_is_not_ours_shows_the_end(
    adviser: User, overdue: Customer, junk: str
) -> None:
    wrote(overdue)
    browser, address = Browser(adviser), f"/conversaciones/{overdue.pk}/"
    assert "mañana" in page(browser, address, before=junk)
    assert "mañana" in browser.get(f"{address}hilo/", htmx=True, since=junk).content.decode()


def test_every_part_is_a_whole_page_without_htmx(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    browser = Browser(adviser)
    for part in ("fila/", "hilo/", "redaccion/", "plantillas/"):
        assert "<html" in page(browser, f"/conversaciones/{overdue.pk}/{part}")
    assert "<html" in page(browser, "/conversaciones/conteo/")
    assert "<html" in page(browser, f"/cuentas/clientes/{overdue.pk}/panel/")
