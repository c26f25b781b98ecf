"""Caps, weighed on plain values; the replay shows that no cap is ever passed."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from acuerdo.contact_policy import budgets
from acuerdo.contact_policy.facts import Contact
from acuerdo.contact_policy.hours import Place
from acuerdo.contact_policy.tests.test_hours import pack_of
from acuerdo.contact_policy.tests.test_rules import COUNTRIES

UTC_PLACE = Place(("UTC",))
MONDAY = date(2026, 11, 16)


def on(days: int, channel: str) -> Contact:
    """A contact so many days after that Monday."""
    noon = datetime.combine(MONDAY, datetime.min.time(), UTC) + timedelta(days=days, hours=12)
    return Contact(noon, channel)


def broken(country: str, channel: str, contacts: list[Contact], days: int) -> str:
    day = MONDAY + timedelta(days=days)
    cap = budgets.broken_cap(pack_of(country), UTC_PLACE, channel, contacts, day)
    return cap.id if cap else ""


def test_colombia_keeps_to_one_channel_for_a_week() -> None:
    tuesday = [on(1, "whatsapp")]
    assert broken("CO", "sms", tuesday, 3) == "co.c2"
    assert broken("CO", "sms", tuesday, 7) == "co.c2"
    assert broken("CO", "sms", tuesday, 8) == ""
    assert broken("CO", "whatsapp", tuesday, 2) == ""
    assert broken("CO", "whatsapp", tuesday, 1) == "co.c1"


def test_chile_allows_two_messages_a_week_two_full_days_apart() -> None:
    monday_and_thursday = [on(0, "sms"), on(3, "email")]
    assert broken("CL", "email", [on(0, "sms")], 2) == "cl.g2"
    assert broken("CL", "email", [on(0, "sms")], 3) == ""
    assert broken("CL", "whatsapp", monday_and_thursday, 5) == "cl.c2"
    assert broken("CL", "whatsapp", monday_and_thursday, 7) == ""


def test_chile_counts_calls_and_visits_together_and_messages_apart() -> None:
    assert broken("CL", "visit", [on(0, "call")], 3) == "cl.c1"
    assert broken("CL", "call", [on(0, "visit")], 6) == "cl.c1"
    assert broken("CL", "call", [on(0, "visit")], 7) == ""
    assert broken("CL", "sms", [on(0, "call")], 0) == ""


def test_house_caps_of_a_day() -> None:
    assert broken("PE", "email", [on(0, "sms")], 0) == "pe.c1"
    assert broken("PE", "email", [on(0, "sms")], 1) == ""
    assert broken("MX", "email", [on(0, "sms")], 0) == ""
    assert broken("MX", "email", [on(0, "sms"), on(0, "call")], 0) == "mx.c1"
    assert broken("AR", "sms", [on(0, "sms")], 0) == "ar.c1"


contacts = st.lists(
    st.builds(on, st.integers(0, 20), st.sampled_from(["sms", "whatsapp", "email", "call"])),
    max_size=8,
)


@given(contacts, st.sampled_from(COUNTRIES), st.integers(0, 25))
def test_one_contact_more_never_allows_more(had: list[Contact], country: str, days: int) -> None:
    if broken(country, "sms", had, days):
        assert broken(country, "sms", [*had, on(days, "email")], days)


@given(contacts, st.sampled_from(COUNTRIES))
def test_the_free_day_is_the_first_one_that_breaks_nothing(
    had: list[Contact], country: str
) -> None:
    free = budgets.free_day(pack_of(country), UTC_PLACE, "sms", had, MONDAY)
    assert free is not None
    assert broken(country, "sms", had, (free - MONDAY).days) == ""
    assert all(broken(country, "sms", had, days) for days in range((free - MONDAY).days))


@given(st.sampled_from(COUNTRIES), st.lists(st.integers(0, 30), max_size=40))
def test_whoever_asks_first_never_passes_a_cap(country: str, days: list[int]) -> None:
    made: list[Contact] = []
    for day in sorted(days):
        if not broken(country, "sms", made, day):
            made.append(on(day, "sms"))
    weeks = [[one for one in made if 0 <= (one.at - other.at).days < 7] for other in made]
    most = {"CL": 2}.get(country, 14)
    assert all(len(week) <= most for week in weeks)
