"""The order of the tray, who sees what, and that a page costs a fixed number of queries."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext

from acuerdo.calls import access, owners, periodic, scheduling, tray
from acuerdo.calls.filters import TrayFilter
from acuerdo.calls.models import Call, CallSource
from acuerdo.customers import alerts, assignment
from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import customer, phone
from acuerdo.events import subscriptions
from acuerdo.events.models import Event
from acuerdo.ledger.tests.factories import NOW, TODAY, debt
from acuerdo.organization import reading, settings
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives.refusals import Refusal


def call(
    who: Customer,
    source: CallSource = CallSource.FLOW,
    due_on: date = TODAY,
    due_at: datetime | None = None,
) -> Call:
    draft = scheduling.Draft(who, due_on, source, due_at=due_at)
    return scheduling.schedule_many([draft], at=NOW)[0]


def debtor(book: Portfolio, amount: int = 100, **fields: Any) -> Customer:
    row = customer(book, **fields)
    debt(row, amount, days_past_due=15)
    return row


def told(event: Event) -> None:
    """As the dispatcher does once the fact is committed."""
    subscriptions.subscribers()["acuerdo.calls"][event.type](event)


def wanted(**params: object) -> TrayFilter:
    return TrayFilter.parse({key: str(value) for key, value in params.items()})


def ids(page: tray.Page) -> list[int]:
    return [row.call_id for row in page.rows]


def test_the_most_pressing_comes_first(book: Portfolio, supervisor: User) -> None:
    broken = debtor(book)
    alerts.raise_alert(broken, "promise_broken", by=None, at=NOW)
    flow = call(debtor(book))
    retry = call(debtor(book), CallSource.RETRY)
    promised = call(broken)
    late = call(debtor(book), CallSource.CALL_BACK, due_at=NOW + timedelta(hours=2))
    early = call(debtor(book), CallSource.CALL_BACK, due_at=NOW)
    page = tray.page(supervisor, on=TODAY)
    assert ids(page) == [early.pk, late.pk, promised.pk, retry.pk, flow.pk]
    assert page.rows[2].reason == "Compromiso incumplido"


def test_tomorrow_is_not_in_it_and_yesterday_is_flagged(book: Portfolio, supervisor: User) -> None:
    call(debtor(book), due_on=TODAY + timedelta(days=1))
    missed = call(debtor(book), due_on=TODAY - timedelta(days=1))
    rows = tray.page(supervisor, on=TODAY).rows
    assert [(row.call_id, row.is_overdue, row.days_past_due) for row in rows] == [
        (missed.pk, True, 15)
    ]


@pytest.mark.parametrize("sort", ["", "days", "amount", "least"])
def test_pages_follow_each_other_without_gaps(book: Portfolio, supervisor: User, sort: str) -> None:
    made = {call(debtor(book, 100 + number % 3)).pk for number in range(7)}
    seen: list[int] = []
    cursor = ""
    while True:
        page = tray.page(supervisor, wanted(sort=sort), cursor, on=TODAY, size=3)
        seen += ids(page)
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == made


def test_made_up_cursor_is_refused(supervisor: User) -> None:
    with pytest.raises(Refusal, match="bad_cursor"):
        tray.page(supervisor, cursor="zzz", on=TODAY)


def test_adviser_sees_its_own_and_the_unassigned(
    book: Portfolio, other_book: Portfolio, adviser: User, other_adviser: User, stranger: User
) -> None:
    mine = call(debtor(book, adviser=adviser))
    nobodys = call(debtor(book))
    call(debtor(book, adviser=other_adviser))
    call(debtor(other_book))
    assert ids(tray.page(adviser, on=TODAY)) == [mine.pk, nobodys.pk]
    assert ids(tray.page(stranger, on=TODAY)) == []


def test_who_reaches_nobody_has_an_empty_tray(book: Portfolio, adviser: User) -> None:
    call(debtor(book))
    adviser.grants.all().delete()
    settings.update(advisers_see_unassigned=False)
    assert ids(tray.page(adviser, on=TODAY)) == []
    assert tray.next_call(adviser, on=TODAY) is None


def test_many_parts_are_read_as_one(
    book: Portfolio, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = call(debtor(book))
    monkeypatch.setattr(owners, "MOST", 0)
    assert ids(tray.page(supervisor, on=TODAY)) == [made.pk]


def test_a_call_of_a_customer_read_a_while_ago_is_its_owners_of_now(
    book: Portfolio, adviser: User, other_adviser: User
) -> None:
    row = debtor(book, adviser=adviser)
    before = Customer.objects.get(pk=row.pk)
    assignment.assign(row, other_adviser, by=None, at=NOW)
    made = call(before)
    assert ids(tray.page(other_adviser, on=TODAY)) == [made.pk]


def test_the_clock_puts_right_what_the_dispatcher_missed(
    book: Portfolio, adviser: User, other_adviser: User
) -> None:
    made = call(debtor(book, adviser=adviser))
    Customer.objects.update(adviser=other_adviser)
    periodic.follow_customers(0)
    assert ids(tray.page(other_adviser, on=TODAY)) == [made.pk]


def test_an_import_takes_the_pending_calls_along(
    book: Portfolio, adviser: User, other_adviser: User
) -> None:
    moved, done = call(debtor(book, adviser=adviser)), call(debtor(book, adviser=adviser))
    scheduling.cancel([done], reason="paid", by=None, at=NOW)
    Customer.objects.update(adviser=other_adviser)
    told(Event(type="customers.imported"))
    for row in (moved, done):
        row.refresh_from_db()
    assert (moved.adviser_id, done.adviser_id) == (other_adviser.pk, adviser.pk)


def test_search_finds_by_words_without_accents_and_by_document(
    book: Portfolio, supervisor: User
) -> None:
    jose = call(debtor(book, first_name="José", last_name="Pérez"))
    call(debtor(book, first_name="Ana", last_name="Soto"))
    by_name = tray.page(supervisor, wanted(q="perez jose"), on=TODAY)
    document = jose.customer.document_number
    by_document = tray.page(supervisor, wanted(q=document), on=TODAY)
    assert ids(by_name) == ids(by_document) == [jose.pk]


@pytest.mark.django_db
def test_filters_are_read_from_the_address_and_nonsense_is_told() -> None:
    parsed = TrayFilter.parse({"q": " ana ", "portfolio": "7", "alert": "zzz", "sort": "amount"})
    assert parsed.as_params() == {"q": "ana", "portfolio": "7", "sort": "amount"}
    assert len(parsed.faults) == 1
    nonsense = TrayFilter.parse({"source": "1; DROP", "pending": "1", "sort": "waiting"})
    assert nonsense.as_params() == {}
    assert ["Orden" in fault or "Motivo" in fault for fault in nonsense.faults] == [True, True]


def test_filter_by_alert_and_amount_order(book: Portfolio, supervisor: User) -> None:
    small, large = debtor(book, 10), debtor(book, 1000)
    calls = {owner.pk: call(owner).pk for owner in (small, large)}
    alerts.raise_alert(small, "cannot", by=None, at=NOW)
    only = tray.page(supervisor, wanted(alert="cannot"), on=TODAY)
    assert ids(only) == [calls[small.pk]]
    assert only.rows[0].alerts == ("cannot",)
    falling = [calls[large.pk], calls[small.pk]]
    assert ids(tray.page(supervisor, wanted(sort="amount"), on=TODAY)) == falling
    assert ids(tray.page(supervisor, wanted(sort="least"), on=TODAY)) == falling[::-1]


def test_page_costs_the_same_queries_for_one_row_and_for_many(
    book: Portfolio, supervisor: User
) -> None:
    for _number in range(12):
        owner = debtor(book)
        phone(owner)
        call(owner)
    # As in a request, that asks whom its user reaches but once.
    with reading.kept(), CaptureQueriesContext(connection) as one:
        tray.page(supervisor, on=TODAY, size=1)
    with reading.kept(), CaptureQueriesContext(connection) as many:
        page = tray.page(supervisor, on=TODAY, size=10)
    assert page.rows[0].phone.startswith("+519")
    assert len(many) == len(one) <= 6


def test_call_follows_its_customer_to_another_adviser(
    book: Portfolio, adviser: User, other_adviser: User
) -> None:
    owner = debtor(book, adviser=adviser)
    moved = call(owner)
    assignment.assign(owner, other_adviser, by=None, at=NOW)
    assert ids(tray.page(adviser, on=TODAY)) == []
    told(Event.objects.get(type="customer.assigned"))
    assert ids(tray.page(adviser, on=TODAY)) == []
    assert ids(tray.page(other_adviser, on=TODAY)) == [moved.pk]
    assert ids(tray.page(other_adviser, wanted(adviser=adviser.pk), on=TODAY)) == []
    with pytest.raises(Http404):
        access.call(adviser, moved.pk)


@pytest.mark.parametrize("cursor", ["zzz", "e30=", "WyJOYU4iLCAxXQ=="])
def test_page_of_a_made_up_cursor_is_the_first(
    client: Client, book: Portfolio, supervisor: User, cursor: str
) -> None:
    client.force_login(supervisor)
    for sort in ("amount", ""):
        query = {"after": cursor, "sort": sort, "q": "\x00"}
        assert client.get("/llamadas/", query).status_code == 200


def test_each_rank_is_read_in_the_order_of_an_index(book: Portfolio, supervisor: User) -> None:
    found, (part,) = tray._found(supervisor, TrayFilter(), TODAY), owners.parts(supervisor)
    with connection.cursor() as cursor:
        # On a handful of rows anything is cheap; what matters is that no sort is needed.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_hashjoin = off")
    for rank in (0, 2, 3, 4):
        plan = tray._band(found.filter(part), rank, None)[:26].explain()
        assert "call_tray_portfolio" in plan, plan
        assert "Sort" not in plan
