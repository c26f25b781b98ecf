"""The thread narrowed to kinds, from a day on, and one entry of it opened."""

import re
from datetime import timedelta

import pytest

from acuerdo.conversations.sending import states
from acuerdo.conversations.team import notes
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.customers.models import Customer
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import FactKind, Interaction, Status
from acuerdo.ledger import claims, promises
from acuerdo.ledger.tests.factories import soles
from acuerdo.organization.models import Portfolio, User
from acuerdo.organization.tests.cast import NOW, TODAY
from acuerdo.organization.tests.factories import user

pytestmark = pytest.mark.django_db


def place(customer: Customer, rest: str = "") -> str:
    return f"/conversaciones/{customer.pk}/{rest}"


def shown(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'id="entry_(\d+)"', html)]


@pytest.fixture
def browser(adviser: User) -> Browser:
    return Browser(adviser)


def told(customer: Customer, by: User) -> dict[str, int]:
    """A note, a payment and a message; by their names in the address."""
    note = notes.write(customer, body="Llamar por la tarde", by=by, at=NOW)
    paid = lifecycle.record_fact(customer, FactKind.PAYMENT, at=NOW, by=by)
    wrote(customer)
    message = Interaction.objects.get(kind="message")
    return {"notas": note.pk, "pagos": paid.pk, "mensajes": message.pk}


def test_kinds_of_the_address_are_the_only_ones_shown(
    browser: Browser, adviser: User, overdue: Customer
) -> None:
    rows = told(overdue, adviser)
    for kind, pk in rows.items():
        html = browser.get(place(overdue), hilo=kind).content.decode()
        assert shown(html) == [pk]
        assert f'value="{kind}" checked' in html
    html = browser.get(place(overdue), hilo=["notas", "pagos"]).content.decode()
    assert shown(html) == [rows["notas"], rows["pagos"]]
    assert len(shown(browser.get(place(overdue), hilo="x").content.decode())) == 3


def test_kinds_without_any_entry_are_not_taken_for_an_empty_thread(
    browser: Browser, overdue: Customer
) -> None:
    wrote(overdue)
    html = browser.get(place(overdue), hilo="notas").content.decode()
    assert "Todavía no hay mensajes" not in html
    assert "No hay nada de lo que se eligió ver." in html
    assert "Quitar filtros" in html


def test_a_narrowed_thread_stays_narrowed_when_it_is_shown_again(
    browser: Browser, adviser: User, overdue: Customer
) -> None:
    rows = told(overdue, adviser)
    html = browser.get(place(overdue), hilo="notas").content.decode()
    since = re.findall(r'name="since" value="([^"]*)"', html)[0].replace("&#x2B;", "+")
    again = notes.write(overdue, body="Otra", by=adviser, at=NOW + timedelta(minutes=1))
    wrote(overdue, "¿Sigue ahí?")
    html = browser.get(place(overdue, "hilo/"), htmx=True, since=since).content.decode()
    assert shown(html) == [rows["notas"], again.pk]


def test_a_day_begins_the_page_and_the_rest_follows_to_the_end(
    browser: Browser, adviser: User, overdue: Customer
) -> None:
    days = [NOW + timedelta(days=each) for each in range(60)]
    rows = [notes.write(overdue, body="Nota", by=adviser, at=each).pk for each in days]
    wanted = f"{TODAY + timedelta(days=3):%Y-%m-%d}"
    html = browser.get(place(overdue), dia=wanted).content.decode()
    assert shown(html) == rows[3:53]
    assert f'data-land="{wanted}"' in html
    assert 'id="latest"' not in html
    after = re.findall(r"after=([^\"&]+)", html)[0].replace("%3A", ":").replace("%2B", "+")
    rest = browser.get(place(overdue), htmx=True, after=after).content.decode()
    assert shown(rest) == rows[53:]
    assert 'id="latest"' in rest


def test_a_day_is_that_of_the_organisation(
    browser: Browser, adviser: User, overdue: Customer
) -> None:
    """Eleven at night in Lima is already the next day in UTC."""
    late = NOW.replace(hour=4) - timedelta(days=2)
    row = notes.write(overdue, body="Tarde", by=adviser, at=late)
    html = browser.get(place(overdue), dia=f"{late - timedelta(days=1):%Y-%m-%d}").content.decode()
    assert f'data-day="{late - timedelta(days=1):%Y-%m-%d}"' in html
    assert shown(html) == [row.pk]


def test_a_day_without_anything_says_so_and_shows_what_is_near(
    browser: Browser, adviser: User, overdue: Customer
) -> None:
    row = notes.write(overdue, body="Nota", by=adviser, at=NOW)
    for day in ("2026-06-01", "2026-06-30"):
        html = browser.get(place(overdue), dia=day).content.decode()
        assert "Sin actividad" in html
        assert shown(html) == [row.pk]
        assert (f'data-land="{TODAY}"' in html) == (day < f"{TODAY}")
    assert "Sin actividad" not in browser.get(place(overdue), dia="2026-99-99").content.decode()


def test_the_part_alone_leaves_the_box_and_names_its_address(
    browser: Browser, overdue: Customer
) -> None:
    wrote(overdue)
    answer = browser.get(place(overdue, "historial/"), htmx=True, hilo="notas")
    assert 'id="composer"' not in answer.content.decode()
    assert answer["HX-Push-Url"] == place(overdue, "?hilo=notas")
    assert 'id="composer"' in browser.get(place(overdue, "historial/")).content.decode()


def test_each_kind_of_entry_opens_with_what_is_known_of_it(
    browser: Browser, adviser: User, overdue: Customer
) -> None:
    promises.register(
        overdue, amount=soles(80), due_on=TODAY + timedelta(days=2), by=adviser, at=NOW
    )
    claims.open_claim(overdue, category="billing", description="Cobro doble", by=adviser, at=NOW)
    told(overdue, adviser)
    words = {"promise": "12/06/2026", "claim": "Cobro doble", "note": "Llamar por la tarde"}
    for row in Interaction.objects.all():
        address = place(overdue, f"historial/{row.pk}/")
        page = browser.get(address).content.decode()
        drawer = browser.get(address, htmx=True).content.decode()
        assert "<html" in page
        assert "<dialog" in drawer
        assert "<html" not in drawer
        assert words.get(row.fact or row.kind, "") in drawer


def test_an_entry_of_somebody_else_is_not_there(
    browser: Browser, adviser: User, overdue: Customer, other_book: Portfolio
) -> None:
    row = notes.write(overdue, body="Nota", by=adviser, at=NOW)
    stranger = Browser(user("adviser", other_book))
    assert stranger.get(place(overdue, f"historial/{row.pk}/")).status_code == 404
    assert browser.get(place(overdue, f"historial/{row.pk + 1}/")).status_code == 404


def test_the_glossary_has_each_word_that_an_entry_may_show(browser: Browser) -> None:
    html = browser.get("/conversaciones/estados/").content.decode()
    assert [each.label for each in Status if str(each.label) not in html] == []
    assert len(states.glossary()) == len(Status)
