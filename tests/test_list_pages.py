"""A list costs the same number of statements whatever its length, and no address breaks it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from acuerdo.calls.filters import parameters
from acuerdo.conversations.bulk_models import BulkJob
from acuerdo.conversations.templating import message_templates
from acuerdo.customers import alerts
from acuerdo.customers.models import AlertKind, Customer
from acuerdo.customers.tests import factories as customers
from acuerdo.flows import strategies
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import FactKind
from acuerdo.ledger import payment_reports, promises
from acuerdo.ledger.tests import factories as ledger
from acuerdo.organization.models import Portfolio, Role, User
from acuerdo.organization.tests import factories
from acuerdo.primitives import clock
from acuerdo.spreadsheets.models import ExportRun, ImportRun

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)
# Session, user and organisation come with every page; the rest is the list's own.
LISTS = {
    "customers:list": 10,
    "ledger:debts": 7,
    "ledger:payments": 6,
    "ledger:reports": 6,
    "ledger:promises": 6,
    "ledger:claims": 6,
    "interactions:list": 9,
    "spreadsheets:imports": 6,
    "spreadsheets:exports": 6,
    "customers:segments": 7,
    "flows:list": 5,
    "conversations:bulk_jobs": 5,
    "conversations:templates": 5,
    "organization:users": 7,
}
ODD = (
    "\x00",
    "'",
    "-1",
    "99999999999999999999",
    "0000-99-99",
    "<script>",
    "ñ" * 3000,
    "9999-12-31",
)
KEYS = (
    "q", "sort", "after", "before", "portfolio", "cartera", "adviser", "standing", "alert", "canal",
    "status", "estado", "desde", "hasta", "due_from", "due_to", "cliente", "customer", "paso", "rol",
    *parameters(),
)  # fmt: skip


@pytest.fixture(autouse=True)
def one_working_day() -> Iterator[None]:
    with clock.travel(NOW):
        yield


@pytest.fixture
def reader(client: Client) -> User:
    """Signed in on ``client``; an administrator, who sees the most."""
    user = factories.user(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def fill(portfolio: Portfolio, user: User, count: int) -> None:
    for number in range(count):
        customer = customers.customer(portfolio, adviser=user)
        add_money(customer, user)
        alerts.raise_alert(customer, AlertKind.CANNOT, by=user, at=NOW)
        lifecycle.record_fact(customer, FactKind.PAUSE, at=NOW, by=user)
        name = f"Plantilla {customer.pk}"
        message_templates.save(name=name, channel="sms", body="Hola", by=user, at=NOW)
        book = factories.portfolio()
        strategies.save(name=f"Flujo {customer.pk}", portfolio=book, by=user, at=NOW)
        factories.user(Role.ADVISER, portfolio)
        ImportRun.objects.create(
            sheet="debts", filename=f"{number}.csv", requested_by=user, created_at=NOW
        )
        ExportRun.objects.create(sheet="debts", format="csv", requested_by=user, created_at=NOW)
        BulkJob.objects.create(action="omit", requested_by=user, created_at=NOW, worked_at=NOW)


def add_money(customer: Customer, user: User) -> None:
    ledger.debt(customer, 100, days_past_due=10)
    ledger.payment(customer, 5)
    amount, today = ledger.soles(3), ledger.TODAY
    payment_reports.report(customer, amount=amount, paid_on=today, by=user, at=NOW)
    promises.register(customer, amount=amount, due_on=today, by=user, at=NOW)


def statements(client: Client, name: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(reverse(name)).status_code == 200
    return len(seen)


def test_lists_cost_the_same_at_ten_and_at_a_hundred_rows(client: Client, reader: User) -> None:
    portfolio = factories.portfolio()
    fill(portfolio, reader, 10)
    short = {name: statements(client, name) for name in LISTS}
    fill(portfolio, reader, 90)
    assert {name: statements(client, name) for name in LISTS} == short
    assert {name: cost for name, cost in short.items() if cost > LISTS[name]} == {}


@pytest.mark.parametrize("name", [*LISTS, "conversations:inbox", "calls:tray"])
def test_no_address_breaks_a_list(client: Client, reader: User, name: str) -> None:
    fill(factories.portfolio(), reader, 1)
    for value in ODD:
        for query in ({"q": value}, dict.fromkeys(KEYS, value)):
            assert client.get(reverse(name), query).status_code == 200, query


def test_a_name_is_text_and_never_markup(client: Client, reader: User) -> None:
    portfolio = factories.portfolio()
    customers.customer(portfolio, first_name="<script>alert(1)</script>")
    page = client.get(reverse("customers:list")).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
