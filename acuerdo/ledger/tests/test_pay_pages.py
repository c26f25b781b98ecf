"""The customer's own page: whoever holds the link learns nothing before they show who they are."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from acuerdo.customers import profiles
from acuerdo.customers.models import Customer, CustomerStatus
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import pay_links, pay_pages
from acuerdo.ledger.models import PayPage
from acuerdo.ledger.tests import factories
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW
from acuerdo.primitives import clock
from acuerdo.ui import documents

pytestmark = pytest.mark.django_db


@pytest.fixture
def debtor(overdue: Customer) -> Customer:
    factories.debt(overdue, 250, days_past_due=10, at=NOW)
    settings.update(how_to_pay="Cuenta 191-22", at=NOW)
    return overdue


def path(customer: Customer, name: str = pay_links.PAGE) -> str:
    return "/" + pay_links.url(customer, at=NOW, name=name).split("/", 3)[3]


def ask(address: str, *, at: Any = NOW, **form: str) -> Any:
    with clock.travel(at):
        client = Client()
        return client.post(address, form) if form else client.get(address)


def end_of(customer: Customer) -> str:
    return customer.document_key[-4:]


def test_the_link_alone_says_nothing_of_a_debt(debtor: Customer) -> None:
    answer = ask(path(debtor))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Olga" in html
    for secret in ("250", "Cuenta 191-22", "Vencid", "deuda", debtor.document_number, "login"):
        assert secret not in html


def test_it_is_found_by_no_search_and_kept_by_nobody(debtor: Customer) -> None:
    answer = ask(path(debtor))
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


@pytest.mark.parametrize("name", [pay_links.PAGE, pay_links.STATEMENT])
def test_the_end_of_the_document_shows_what_is_owed(debtor: Customer, name: str) -> None:
    html = ask(path(debtor, name), answer=end_of(debtor)).content.decode()
    assert "250" in html
    assert "Cuenta 191-22" in html
    assert Event.objects.filter(type="pay_page.opened", customer_id=debtor.pk).exists()


def test_what_they_do_there_is_on_their_timeline_once_a_day(debtor: Customer) -> None:
    for at in (NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1)):
        ask(path(debtor), at=at, answer=end_of(debtor))
        pay_pages.tell_paper(debtor, at=at)
    steps = Interaction.objects.order_by("at", "pk").values_list("fact", flat=True)
    assert list(steps) == ["portal_login", "portal_statement"] * 2


def test_a_guess_is_refused_and_many_close_the_page_for_an_hour(debtor: Customer) -> None:
    for _try in range(5):
        assert ask(path(debtor), answer="0000").status_code == 422
    blocked = ask(path(debtor), answer=end_of(debtor))
    assert blocked.status_code == 429
    assert "250" not in blocked.content.decode()
    later = ask(path(debtor), at=NOW + timedelta(hours=2), answer=end_of(debtor))
    assert "250" in later.content.decode()


def test_who_goes_on_guessing_waits_longer_each_time(debtor: Customer) -> None:
    at = NOW
    waits: list[int] = []
    for _round in range(7):
        for _try in range(5):
            assert ask(path(debtor), at=at, answer="0000").status_code == 422
        until = PayPage.objects.get().blocked_until
        assert until is not None
        waits.append((until - at) // timedelta(hours=1))
        at = until
    assert waits == [1, 2, 4, 8, 16, 24, 24]
    assert "250" in ask(path(debtor), at=at, answer=end_of(debtor)).content.decode()
    assert PayPage.objects.get().tries == 0


def test_a_new_link_after_revoking_does_not_rest(debtor: Customer, adviser: User) -> None:
    for _try in range(5):
        ask(path(debtor), answer="0000")
    pay_links.revoke(debtor, by=adviser, at=NOW)
    assert "250" in ask(path(debtor), answer=end_of(debtor)).content.decode()


def test_a_link_ends_after_a_month(debtor: Customer) -> None:
    assert ask(path(debtor), at=NOW + timedelta(days=29)).status_code == 200
    assert ask(path(debtor), at=NOW + timedelta(days=32)).status_code == 410


def test_revoking_ends_those_given_out_and_not_the_next(debtor: Customer, adviser: User) -> None:
    given = path(debtor)
    pay_links.revoke(debtor, by=adviser, at=NOW)
    assert ask(given, answer=end_of(debtor)).status_code == 410
    assert ask(path(debtor)).status_code == 200


def test_the_page_of_a_deleted_customer_is_over(debtor: Customer, adviser: User) -> None:
    given = path(debtor)
    profiles.update(debtor, status=CustomerStatus.DELETED, by=adviser, at=NOW)
    assert ask(given).status_code == 410
    assert "250" not in ask(given, answer=end_of(debtor)).content.decode()


def test_nobody_makes_or_changes_a_link(debtor: Customer, up_to_date: Customer) -> None:
    token = path(debtor).strip("/").split("/")[1]
    theirs = path(up_to_date).strip("/").split("/")[1]
    for forged in (token[:-1], f"{token[:-3]}AAA", f"{theirs[:8]}{token[8:]}", "A", "-" * 30):
        assert ask(f"/p/{forged}/").status_code == 404, forged


def test_one_customers_proof_opens_no_other_paper(debtor: Customer, up_to_date: Customer) -> None:
    html = ask(path(debtor), answer=end_of(debtor)).content.decode()
    proof = html.split('name="proof" value="')[1].split('"')[0]
    there = path(up_to_date, "pay_page_paper")
    assert ask(there, proof=proof).status_code == 403
    assert ask(path(debtor, "pay_page_paper"), proof="x").status_code == 403
    if documents.is_possible():
        paper = ask(path(debtor, "pay_page_paper"), proof=proof)
        assert paper.content.startswith(b"%PDF")
        assert Interaction.objects.filter(customer=debtor, fact="portal_statement").exists()


def test_links_for_many_cost_one_query(
    debtor: Customer, up_to_date: Customer, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        found = pay_links.urls([debtor.pk, up_to_date.pk], at=NOW)
    assert len(set(found.values())) == 2
    assert not PayPage.objects.exists()
