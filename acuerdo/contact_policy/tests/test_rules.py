"""The packs that we ship, and what a pack must not be."""

import pytest
from pydantic import ValidationError

from acuerdo.contact_policy import rules

COUNTRIES = ("AR", "CL", "CO", "MX", "PE")

SMALLEST = """
pack: XX
version: 2026-01-01
applies_to: {country: PE}
basis: {LAW: {ref: "Una ley", status: verified}}
default_reading: cautious
calendar: {country: PE}
clock: {zone: debtor_location, unknown: all_candidates}
hours:
  - {id: x.h1, basis: LAW, media: [all], days: [mon], open: "08:00", close: "20:00"}
caps:
  - {id: x.c1, basis: LAW, media: [all], window: {calendar_days: 1}, max: 1}
"""


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_shipped_pack_loads_and_is_versioned(country: str) -> None:
    pack = rules.pack_for(country)
    assert pack is not None
    assert pack.pack == country
    assert pack.pack_version.startswith("2026-11-22+")


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("channel", ["whatsapp", "sms", "email", "call"])
def test_every_pack_opens_every_channel_and_limits_it(country: str, channel: str) -> None:
    pack = rules.pack_for(country)
    assert pack is not None
    assert pack.hours_for(channel)
    assert pack.caps_for(channel)


def test_country_without_a_pack_has_none() -> None:
    assert rules.pack_for("US") is None
    assert rules.pack_for("../PE") is None


def test_another_text_is_another_version() -> None:
    later = SMALLEST.replace("20:00", "19:00")
    assert rules.read(SMALLEST).pack_version != rules.read(later).pack_version


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("basis: LAW, media: [all], days", "basis: NOWHERE, media: [all], days"),
        ("x.c1", "x.h1"),
        ("max: 1}", "max: 1, counts: two_way}"),
        ("max: 1}", "max: 1, armed_by: inbound}"),
        ("max: 1}", "maximum: 1}"),
        ('open: "08:00"', 'open: "ocho"'),
        ("media: [all], days", "media: [], days"),
    ],
)
def test_a_rule_that_cannot_be_weighed_keeps_the_pack_out(before: str, after: str) -> None:
    with pytest.raises(ValidationError):
        rules.read(SMALLEST.replace(before, after))


def test_a_reading_that_is_not_chosen_does_not_bind() -> None:
    pack = rules.pack_for("CL")
    assert pack is not None
    assert [cap.id for cap in pack.caps_for("sms")] == ["cl.c2", "cl.g2"]
    assert [cap.id for cap in pack.caps_for("call")] == ["cl.c1"]


def test_a_house_rule_names_no_law() -> None:
    pack = rules.pack_for("PE")
    assert pack is not None
    assert "29571" in pack.law("pe.h1")
    assert pack.law("pe.c1") == ""
