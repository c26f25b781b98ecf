from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from acuerdo.customers import alerts, filters, profiles
from acuerdo.customers.filters import CustomerFilter
from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import NOW, customer, email, phone
from acuerdo.ledger.tests.factories import debt
from acuerdo.organization.models import Portfolio, User
from acuerdo.ui.pagination import paginate

TODAY = NOW.date()


def found(**params: str) -> set[str]:
    rows = CustomerFilter.parse(params).apply(Customer.objects.all(), on=TODAY)
    return {row.first_name for row in rows}


@pytest.fixture
def maria(book: Portfolio) -> Customer:
    row = customer(
        book,
        country="CL",
        document_type="RUT",
        document_number="12.531.909-2",
        first_name="María José",
        last_name="Núñez Peña",
    )
    phone(row, "9 2233 4455")
    email(row, "mjose@example.com")
    return row


@pytest.mark.parametrize(
    "search",
    [
        "maria", "NUÑEZ maría", "pena jose", "12531909-2", "12.531.909", "125319092",
        "+56 9 2233 4455", "922334455", "2233-4455", "mjose@example.com", "MJose@",
    ],
)  # fmt: skip
def test_a_customer_is_found_however_it_is_written(
    maria: Customer, overdue: Customer, search: str
) -> None:
    assert found(q=search) == {"María José"}


@pytest.mark.parametrize("search", ["mario", "12.531.909-3", "otra@example.com", "922334456", "%"])
def test_what_does_not_match_finds_nobody(maria: Customer, search: str) -> None:
    assert found(q=search) == set()


@pytest.mark.parametrize(
    ("days", "standing"),
    [
        (-3, "current"), (0, "current"), (1, "1-29"), (29, "1-29"), (30, "30-59"), (59, "30-59"),
        (60, "60-89"), (89, "60-89"), (90, "90+"), (400, "90+"), (None, "settled"),
    ],
)  # fmt: skip
def test_each_age_falls_in_one_standing(book: Portfolio, days: int | None, standing: str) -> None:
    row = customer(book, first_name="Edad")
    if days is not None:
        debt(row, days_past_due=days)
    inside = [name for name in filters.STANDINGS if found(standing=name)]
    assert inside == [standing]


def test_advisers_portfolios_and_alerts_narrow_the_list(
    overdue: Customer, up_to_date: Customer, adviser: User, other_book: Portfolio
) -> None:
    customer(other_book, first_name="Lejos")
    alerts.raise_alert(up_to_date, "refuses", by=None, at=NOW)
    assert found(adviser=str(adviser.pk)) == {"Olga"}
    assert found(adviser="none") == {"Daniel", "Lejos"}
    assert found(portfolio=str(other_book.pk)) == {"Lejos"}
    assert found(alert="refuses") == {"Daniel"}
    assert found(alert="cannot") == set()


def test_the_deleted_appear_only_when_asked_for(overdue: Customer) -> None:
    profiles.update(overdue, status="deleted", by=None, at=NOW)
    assert found() == set()
    assert found(status="deleted") == {"Olga"}


def test_nonsense_in_the_address_bar_is_left_out(overdue: Customer) -> None:
    nonsense = {"adviser": "x", "portfolio": "9" * 40, "standing": "?", "alert": "x", "sort": "x"}
    assert found(**nonsense) == {"Olga"}


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["Daniel", "Olga", "Paula"]),
        ("-name", ["Paula", "Olga", "Daniel"]),
        ("-amount", ["Olga", "Daniel", "Paula"]),
        ("amount", ["Paula", "Daniel", "Olga"]),
        ("-age", ["Paula", "Olga", "Daniel"]),
        ("age", ["Daniel", "Olga", "Paula"]),
    ],
)
@pytest.mark.usefixtures("overdue", "up_to_date", "paused")
def test_every_order_pages_without_gaps(sort: str, order: list[str]) -> None:
    chosen = CustomerFilter.parse({"sort": sort})
    rows = chosen.apply(Customer.objects.select_related("standing"), on=TODAY)
    by, descending = chosen.order
    seen: list[str] = []
    params: dict[str, str] = {}
    while len(seen) < len(order) + 1:
        page = paginate(rows, params, by=by, descending=descending, size=1)
        seen += [row.first_name for row in page.rows]
        if not page.next:
            break
        params = {"after": page.next}
    assert seen == order


def test_the_list_is_one_statement(
    overdue: Customer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    params = {"q": "olga", "standing": "1-29", "sort": "-age"}
    with django_assert_num_queries(1):
        list(CustomerFilter.parse(params).apply(Customer.objects.all(), on=TODAY))


def test_tomorrow_the_same_customer_is_older(book: Portfolio) -> None:
    debt(customer(book), days_past_due=29)
    chosen = CustomerFilter.parse({"standing": "30-59"})
    assert not chosen.apply(Customer.objects.all(), on=TODAY)
    assert chosen.apply(Customer.objects.all(), on=TODAY + timedelta(days=1))
