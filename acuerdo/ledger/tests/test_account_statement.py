import socket
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from acuerdo.customers.models import Customer
from acuerdo.ledger import account_statement
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.money import Money
from acuerdo.ui import documents

needs_pango = pytest.mark.skipif(not documents.is_possible(), reason="no Pango on this machine")


def test_currencies_are_never_added_up(overdue: Customer) -> None:
    debt(overdue, Money(Decimal(70), "USD"), days_past_due=95)
    # The currency of the oldest order comes first.
    dollars, soles = account_statement.of(overdue, at=NOW).sections
    assert (soles.total.open, soles.total.overdue) == (300, 200)
    # The last age has no end: 95 days and 950 days are both in it.
    assert dollars.ages == [0, 0, 0, 0, Decimal(70)]


def test_payments_of_a_year_are_listed_and_older_ones_are_not(overdue: Customer) -> None:
    payment(overdue, 10)
    payment(overdue, 5, paid_on=TODAY - timedelta(days=366))
    (section,) = account_statement.of(overdue, at=NOW).sections
    assert [each.amount for each in section.payments] == [10]


def test_totals_count_what_the_paper_leaves_out(
    overdue: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_statement, "MOST_LINES", 1)
    (section,) = account_statement.of(overdue, at=NOW).sections
    assert (len(section.lines), section.more, section.total.open) == (1, 1, 300)


def test_the_page_shows_no_whole_document(client: Client, overdue: Customer, adviser: User) -> None:
    client.force_login(adviser)
    with clock.travel(NOW):
        page = client.get(reverse("ledger:statement", args=[overdue.pk])).content.decode()
    assert "Olga Vencida" in page
    assert overdue.document_number not in page


def test_it_is_issued_at_an_hour_of_the_debtors_clock(
    client: Client, overdue: Customer, adviser: User
) -> None:
    client.force_login(adviser)
    with clock.travel(NOW):
        page = client.get(reverse("ledger:statement", args=[overdue.pk])).content.decode()
    there = NOW.astimezone(ZoneInfo("America/Lima"))
    assert f"{there:%H:%M}, hora de Lima" in page


@needs_pango
def test_the_paper_is_a_pdf_of_that_page(client: Client, overdue: Customer, adviser: User) -> None:
    client.force_login(adviser)
    with clock.travel(NOW):
        answer = client.get(reverse("ledger:statement_pdf", args=[overdue.pk]))
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"].startswith('attachment; filename="estado-de-cuenta-')
    assert "Olga" not in answer["Content-Disposition"]


@needs_pango
def test_a_name_full_of_markup_makes_the_server_read_nothing(overdue: Customer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.png"
        name = f"<img src='{address}'><link rel=attachment href='file:///etc/passwd'>"
        Customer.objects.filter(pk=overdue.pk).update(first_name=name[:120])
        overdue.refresh_from_db()
        assert b"root:" not in account_statement.pdf(overdue, at=NOW)
        with pytest.raises(TimeoutError):
            server.accept()


@needs_pango
def test_markup_that_got_through_is_still_refused_its_files() -> None:
    fetch = documents.FetchNothing().fetch
    for address in ("file:///etc/passwd", "http://169.254.169.254/", "data:text/css,a"):
        with pytest.raises(ValueError, match="fetches nothing"):
            fetch(address)
