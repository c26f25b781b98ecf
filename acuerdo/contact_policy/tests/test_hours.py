"""Dates and hours that collectors get wrong, each checked against the pack's data."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuerdo.contact_policy import hours, rules, zones
from acuerdo.contact_policy.hours import Place
from acuerdo.contact_policy.rules import Pack
from acuerdo.contact_policy.tests.test_rules import COUNTRIES

BOGOTA = Place(("America/Bogota",))


def pack_of(country: str) -> Pack:
    pack = rules.pack_for(country)
    assert pack is not None
    return pack


def place_of(country: str, zone: str = "") -> Place:
    return Place(zones.candidates(country, zone))


def local(place: Place, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(place.zones[0]))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24T06:59:59", False),
        ("2026-11-24T07:00:00", True),
        ("2026-11-24T18:59:59", True),
        ("2026-11-24T19:00:00", False),
        ("2026-11-28T07:59:59", False),
        ("2026-11-28T08:00:00", True),
        ("2026-11-28T14:59:59", True),
        ("2026-11-28T15:00:00", False),
        ("2026-11-29T10:00:00", False),
    ],
)
def test_colombian_hours_are_half_open(moment: str, *, is_open: bool) -> None:
    assert hours.is_open(pack_of("CO"), BOGOTA, "sms", local(BOGOTA, moment)) is is_open


@pytest.mark.parametrize(
    ("country", "day", "is_open"),
    [
        ("CO", "2026-01-06", True),  # Epiphany is moved by the law of holidays ...
        ("CO", "2026-01-12", False),  # ... to the Monday after.
        ("CO", "2025-06-30", False),  # Two moved holidays fall on one day.
        ("CO", "2026-07-13", False),  # New in 2026; press lists miss it.
        ("AR", "2026-11-09", False),  # Once: the Pope's visit.
        ("AR", "2026-11-10", False),  # Only in the capital, and the region is unknown.
        ("CL", "2027-09-17", False),  # Exists in some years only.
        ("CL", "2026-06-22", True),
        ("CL", "2026-08-20", False),  # Only in Chillán, and the region is unknown.
        ("MX", "2030-10-01", False),  # Once in six years.
        ("PE", "2026-11-28", False),  # Saturdays are closed in Peru.
        ("MX", "2026-11-28", False),
        ("CL", "2026-11-28", True),
        ("AR", "2026-11-28", True),
    ],
)
def test_closed_days(country: str, day: str, *, is_open: bool) -> None:
    place = place_of(country)
    windows = hours.open_windows(pack_of(country), place, "call", date.fromisoformat(day))
    assert bool(windows) is is_open


def test_known_region_opens_the_holidays_of_others() -> None:
    chillan, santiago = Place(("America/Santiago",), "NB"), Place(("America/Santiago",), "RM")
    day = date(2026, 8, 20)
    assert not hours.open_windows(pack_of("CL"), chillan, "sms", day)
    assert hours.open_windows(pack_of("CL"), santiago, "sms", day)


def test_magallanes_closes_an_hour_before_santiago_in_winter() -> None:
    santiago, south = Place(("America/Santiago",)), Place(("America/Punta_Arenas",))
    july, november = local(santiago, "2026-07-14T19:30"), local(santiago, "2026-11-24T19:30")
    assert hours.is_open(pack_of("CL"), santiago, "sms", july)
    assert not hours.is_open(pack_of("CL"), south, "sms", july)
    assert hours.is_open(pack_of("CL"), south, "sms", november)


def test_unknown_zone_needs_every_zone_of_the_country_open() -> None:
    unknown = place_of("CL")
    half_past_eight = local(unknown, "2026-11-24T08:30")  # 06:30 on Easter Island.
    assert not hours.is_open(pack_of("CL"), unknown, "sms", half_past_eight)
    opens = hours.next_open(pack_of("CL"), unknown, "sms", half_past_eight)
    assert opens == local(unknown, "2026-11-24T10:00")


def test_misspelt_zone_counts_as_unknown() -> None:
    assert place_of("CL", "America/Santigo") == place_of("CL")
    assert place_of("CL", "America/Santiago").zones == ("America/Santiago",)


def test_added_holiday_closes_and_is_named() -> None:
    added = (("PE", date(2026, 11, 24), "Aniversario"),)
    lima = Place(("America/Lima",))
    at = local(lima, "2026-11-24T10:00")
    assert hours.is_open(pack_of("PE"), lima, "sms", at)
    assert not hours.is_open(pack_of("PE"), lima, "sms", at, added)
    assert hours.closing_rule(pack_of("PE"), lima, "sms", at, added) == ("Aniversario", "pe.h2")


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(at=moments, country=st.sampled_from(COUNTRIES))
def test_more_candidate_zones_never_open_more(at: datetime, country: str) -> None:
    pack, everywhere = pack_of(country), place_of(country)
    if hours.is_open(pack, everywhere, "sms", at):
        assert all(hours.is_open(pack, Place((zone,)), "sms", at) for zone in everywhere.zones)


@given(at=moments, country=st.sampled_from(COUNTRIES))
def test_next_open_is_open_and_nothing_before_it_is(at: datetime, country: str) -> None:
    pack, place = pack_of(country), place_of(country)
    opens = hours.next_open(pack, place, "email", at)
    assert opens is not None
    assert hours.is_open(pack, place, "email", opens)
    if opens > at:
        assert not hours.is_open(pack, place, "email", at)
        assert not hours.is_open(pack, place, "email", opens - timedelta(seconds=1))


@given(at=moments, country=st.sampled_from(COUNTRIES))
def test_windows_are_half_open(at: datetime, country: str) -> None:
    pack, place = pack_of(country), place_of(country)
    window = hours.window_at(pack, place, "call", at)
    if window:
        assert hours.is_open(pack, place, "call", window.start)
        assert not hours.is_open(pack, place, "call", window.end)
