"""The messages of a day are counted ahead: once each, again while something may change, all days."""

from copy import copy
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations import periodic
from acuerdo.conversations.count_models import CountedDay, SentCount
from acuerdo.conversations.models import Message
from acuerdo.conversations.sending import counting
from acuerdo.conversations.tests.factories import NOW, user
from acuerdo.conversations.tests.screens import Browser
from acuerdo.conversations.tests.test_costs import delivered, sent, told
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db

# The day of NOW in Lima.
TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)
PAGE = "/envios/salud/costos/"


@pytest.fixture
def line() -> ChannelAccount:
    return account()


def counted(day: date = TODAY) -> list[tuple[int, int]]:
    return list(SentCount.objects.filter(day=day).values_list("messages", "delivered"))


def test_a_recount_replaces_and_never_doubles(line: ChannelAccount) -> None:
    row = sent(line)
    counting.recount(TODAY, at=NOW)
    assert counted() == [(1, 0)]
    told(row)
    counting.recount(TODAY, at=NOW)
    assert counted() == [(1, 1)]


def test_another_day_keeps_its_counts(line: ChannelAccount) -> None:
    sent(line, at=NOW - DAY)
    sent(line)
    counting.recount(TODAY - DAY, at=NOW)
    counting.recount(TODAY, at=NOW)
    assert counted(TODAY - DAY) == counted() == [(1, 0)]


def test_the_task_counts_every_day_that_was_missed(line: ChannelAccount) -> None:
    counting.catch_up(at=NOW - 9 * DAY)
    for days in range(9):
        sent(line, at=NOW - days * DAY)
    with clock.travel(NOW):
        periodic.count_sent(timestamp=0)
    assert [counted(TODAY - days * DAY) for days in range(9)] == [[(1, 0)]] * 9


def test_a_day_cut_short_long_ago_is_counted_to_its_end(line: ChannelAccount) -> None:
    counting.catch_up(at=NOW)
    delivered(line, at=NOW + timedelta(hours=1))
    counting.catch_up(at=NOW + 60 * DAY)
    assert counted() == [(1, 1)]


def test_each_hour_two_days_are_due_and_each_night_those_that_may_change() -> None:
    counting.catch_up(at=NOW)
    assert counting.due(at=NOW + timedelta(hours=1)) == [TODAY, TODAY - DAY]
    tomorrow = TODAY + DAY
    assert counting.due(at=NOW + DAY) == [tomorrow - days * DAY for days in range(32)]


def test_a_day_that_fails_holds_back_no_other(line: ChannelAccount) -> None:
    sent(line)
    sent(line, at=NOW - 2 * DAY)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE conversations_countedday ADD CONSTRAINT no CHECK (day <> '2026-03-09')"
        )
    counting.catch_up(at=NOW)
    assert counted() == counted(TODAY - 2 * DAY) == [(1, 0)]
    assert counting.due(at=NOW) == [TODAY, TODAY - DAY]
    assert counting.extent(TODAY - DAY, TODAY, at=NOW).missing == 1


def test_what_there_is_no_time_for_stays_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "PATIENCE_SECONDS", -1)
    counting.catch_up(at=NOW)
    assert not CountedDay.objects.exists()
    assert len(counting.due(at=NOW)) > counting.HISTORY.days


def test_one_day_is_found_by_index(line: ChannelAccount) -> None:
    many(sent(line), days=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE interactions_interaction, conversations_message")
        with CaptureQueriesContext(connection) as queries:
            counting.recount(TODAY, at=NOW)
        (asked,) = (each["sql"] for each in queries if "INTO conversations_sent" in each["sql"])
        cursor.execute("EXPLAIN " + asked)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "interaction_register" in plan
    assert "Index Scan using conversations_message_pkey" in plan
    assert "Seq Scan on interactions_interaction" not in plan


def many(row: Message, *, days: int) -> None:
    """The same message again, two each day before."""
    entry = row.interaction
    entry.refresh_from_db()
    again = []
    for number in range(2 * days):
        entry.pk, entry.at = None, NOW - timedelta(hours=12 * number)
        again.append(copy(entry))
    Interaction.objects.bulk_create(again)
    row.idempotency_key = row.provider_id = None
    copies = [copy(row) for _each in again]
    for each, made in zip(copies, again, strict=True):
        each.pk = made.pk
    Message.objects.bulk_create(copies)


def test_the_page_says_until_when_it_was_counted_and_what_is_missing() -> None:
    browser = Browser(user("administrator"), at=datetime(2026, 3, 3, 15, 30, tzinfo=UTC))
    assert "Este mes no está contado" in browser.get(PAGE).content.decode()
    counting.recount(date(2026, 3, 3), at=datetime(2026, 3, 3, 15, 7, tzinfo=UTC))
    shown = browser.get(PAGE).content.decode()
    assert "Contado hasta el 3 mar, 10:07" in shown
    assert "Faltan por contar 2 días" in shown
    assert "Ningún envío contado en este mes" in shown
