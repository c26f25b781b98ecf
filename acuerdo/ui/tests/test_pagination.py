from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from acuerdo.ui.pagination import Page, paginate

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)


@pytest.fixture
def sessions() -> QuerySet[Session]:
    """Seven rows; four share their moment, so that only the id tells them apart."""
    for number in range(7):
        moment = START + timedelta(minutes=max(0, number - 3))
        Session.objects.create(session_key=f"s{number}", session_data="", expire_date=moment)
    return Session.objects.all()


def keys(page: Page[Session]) -> list[str]:
    return [row.session_key for row in page.rows]


def test_walking_forward_meets_every_row_once(sessions: QuerySet[Session]) -> None:
    seen, token = [], ""
    while True:
        page = paginate(sessions, {"after": token}, by="expire_date", size=2)
        seen += keys(page)
        token = page.next
        if not token:
            break
    assert seen == ["s6", "s5", "s4", "s3", "s2", "s1", "s0"]


def test_walking_back_gives_the_page_that_was_left(sessions: QuerySet[Session]) -> None:
    first = paginate(sessions, {}, by="expire_date", size=3)
    second = paginate(sessions, {"after": first.next}, by="expire_date", size=3)
    back = paginate(sessions, {"before": second.previous}, by="expire_date", size=3)
    assert keys(back) == keys(first)
    assert not back.previous
    assert back.next


def test_ascending_order_starts_at_the_oldest(sessions: QuerySet[Session]) -> None:
    page = paginate(sessions, {}, by="expire_date", descending=False, size=3)
    assert keys(page) == ["s0", "s1", "s2"]


def test_a_row_added_above_does_not_shift_the_next_page(sessions: QuerySet[Session]) -> None:
    first = paginate(sessions, {}, by="expire_date", size=3)
    Session.objects.create(
        session_key="new", session_data="", expire_date=START + timedelta(days=1)
    )
    second = paginate(sessions, {"after": first.next}, by="expire_date", size=3)
    assert keys(second) == ["s3", "s2", "s1"]


@pytest.mark.parametrize("token", ["x", "\x00", "e30", "a:b:c", "9" * 5000])
def test_a_cursor_that_is_not_ours_gives_the_first_page(
    sessions: QuerySet[Session], token: str
) -> None:
    for side in ("after", "before"):
        page = paginate(sessions, {side: token}, by="expire_date", size=3)
        assert keys(page) == ["s6", "s5", "s4"]
        assert not page.previous


def test_a_cursor_of_another_order_gives_the_first_page(sessions: QuerySet[Session]) -> None:
    other = paginate(sessions, {}, by="session_data", size=3)
    assert keys(paginate(sessions, {"after": other.next}, by="expire_date", size=3))[0] == "s6"


def test_a_page_costs_one_query_and_no_count(
    sessions: QuerySet[Session], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1) as captured:
        paginate(sessions, {}, by="expire_date", size=3)
    assert "COUNT" not in captured.captured_queries[0]["sql"]
