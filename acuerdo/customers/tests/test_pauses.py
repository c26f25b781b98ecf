from datetime import UTC, datetime, timedelta

import pytest

from acuerdo.customers import pauses
from acuerdo.customers.models import Alert, Customer, Pause
from acuerdo.customers.tests.factories import NOW, customer
from acuerdo.events.models import Event
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives.refusals import Refusal

TODAY = NOW.date()


def open_alerts(customer: Customer) -> set[str]:
    rows = Alert.objects.filter(customer=customer, cleared_at=None)
    return set(rows.values_list("kind", flat=True))


def test_a_pause_is_seen_beside_the_name(paused: Customer) -> None:
    assert open_alerts(paused) == {"paused"}
    assert Event.objects.get(type="pause.started").data["until"] == "2026-06-17"


def test_a_pause_ends_on_its_day_and_not_before(paused: Customer) -> None:
    assert pauses.end_due(at=NOW + timedelta(days=6)) == 0
    assert pauses.end_due(at=NOW + timedelta(days=7)) == 1
    assert open_alerts(paused) == {"resumed"}
    assert Event.objects.filter(type="pause.ended").count() == 1


def test_a_pause_ends_at_its_own_customers_midnight(book: Portfolio) -> None:
    """In Tijuana, two hours behind Lima in June, the seventh day begins later than at home."""
    row = customer(book, country="MX", time_zone="America/Tijuana")
    pauses.pause(row, until=TODAY + timedelta(days=7), by=None, at=NOW)
    lima_midnight = datetime(2026, 6, 17, 5, 1, tzinfo=UTC)
    assert pauses.end_due(at=lima_midnight) == 0
    assert pauses.end_due(at=lima_midnight + timedelta(hours=2)) == 1


@pytest.mark.parametrize("days", [0, 367])
def test_a_pause_lasts_a_day_at_least_and_a_year_at_most(paused: Customer, days: int) -> None:
    with pytest.raises(Refusal) as refused:
        pauses.pause(paused, until=TODAY + timedelta(days=days), by=None, at=NOW)
    assert refused.value.field == "until"
    assert pauses.pause(paused, until=TODAY + timedelta(days=366), by=None, at=NOW).pk


def test_ending_the_same_day_twice_ends_nothing_more(paused: Customer) -> None:
    pauses.end_due(at=NOW + timedelta(days=7))
    assert pauses.end_due(at=NOW + timedelta(days=7)) == 0


def test_a_person_resumes_early_and_once(paused: Customer, adviser: User) -> None:
    pause = pauses.resume(paused.pauses.get(), by=adviser, at=NOW)
    assert (pause.resumed_by, open_alerts(paused)) == (adviser, {"resumed"})
    with pytest.raises(Refusal, match="pause_over"):
        pauses.resume(pause, by=adviser, at=NOW)


def test_a_new_pause_takes_the_place_of_the_running_one(paused: Customer) -> None:
    pauses.pause(paused, until=TODAY + timedelta(days=30), by=None, at=NOW)
    running = Pause.objects.get(customer=paused, resumed_at=None)
    assert running.until == TODAY + timedelta(days=30)
    assert open_alerts(paused) == {"paused"}


def test_pausing_again_after_resuming_drops_the_resumed_alert(paused: Customer) -> None:
    pauses.resume(paused.pauses.get(), by=None, at=NOW)
    pauses.pause(paused, until=TODAY + timedelta(days=2), by=None, at=NOW)
    assert open_alerts(paused) == {"paused"}


def test_a_pause_until_today_is_refused(overdue: Customer) -> None:
    with pytest.raises(Refusal) as refused:
        pauses.pause(overdue, until=TODAY, by=None, at=NOW)
    assert refused.value.field == "until"
