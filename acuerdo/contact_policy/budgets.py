"""How often: the caps of a pack against the contacts that a person already had."""

from collections.abc import Sequence
from datetime import date, timedelta

from acuerdo.channels.models import Channel
from acuerdo.contact_policy.facts import Contact
from acuerdo.contact_policy.hours import Place
from acuerdo.contact_policy.rules import CapRule, Pack
from acuerdo.contact_policy.verdicts import Count

# Contacts only grow older, so every cap of a pack frees itself within its reach.
HORIZON_DAYS = 35
WEEK = 7


def broken_cap(
    pack: Pack, place: Place, channel: str, contacts: Sequence[Contact], day: date
) -> CapRule | None:
    """The first cap that one more contact on the local date ``day`` would break."""
    for cap in pack.caps_for(channel):
        if not _holds(cap, channel, _dated(cap, place, contacts), day):
            return cap
    return None


def free_day(
    pack: Pack, place: Place, channel: str, contacts: Sequence[Contact], day: date
) -> date | None:
    """The first date from ``day`` on that breaks no cap."""
    for ahead in range(HORIZON_DAYS):
        candidate = day + timedelta(days=ahead)
        if broken_cap(pack, place, channel, contacts, candidate) is None:
            return candidate
    return None


def used_in_week(place: Place, contacts: Sequence[Contact], channel: str, day: date) -> int:
    """Contacts on ``channel`` in the seven local dates that end on ``day``."""
    since = day - timedelta(days=WEEK - 1)
    return sum(
        since <= place.day_of(contact.at) <= day
        for contact in contacts
        if contact.channel == channel
    )


def counts(
    pack: Pack, place: Place, channel: str, contacts: Sequence[Contact], day: date
) -> tuple[Count, ...]:
    """Every limit that ``channel`` is counted by, as it stands on ``day``."""
    found = (count_of(cap, place, contacts, day) for cap in pack.caps_for(channel))
    return tuple(count for count in found if count)


def count_of(cap: CapRule, place: Place, contacts: Sequence[Contact], day: date) -> Count | None:
    """None for a limit that counts nothing: a gap between two contacts."""
    if cap.max is None or cap.window is None:
        return None
    inside = _within(cap, _dated(cap, place, contacts), day)
    is_of_channels = cap.measure == "distinct_media"
    used_up = len({channel for _on, channel in inside}) if is_of_channels else len(inside)
    together = tuple(each for each in Channel.values if cap.covers(each))
    channels = () if len(together) == len(Channel.values) else together
    return Count(used_up, cap.max, cap.window.days, channels, is_of_channels)


def used(cap: CapRule, place: Place, contacts: Sequence[Contact], day: date) -> int:
    """Contacts that ``cap`` counts in its window on ``day``."""
    return len(_within(cap, _dated(cap, place, contacts), day))


def weekly_cap(pack: Pack, channel: str) -> CapRule | None:
    """The tightest cap on events per week, where the pack has one."""
    weekly = [
        cap
        for cap in pack.caps_for(channel)
        if cap.measure == "events" and cap.window and cap.window.days == WEEK
    ]
    return min(weekly, key=lambda cap: cap.max or 0, default=None)


def _dated(cap: CapRule, place: Place, contacts: Sequence[Contact]) -> list[tuple[date, str]]:
    return [
        (place.day_of(contact.at), contact.channel)
        for contact in contacts
        if cap.covers(contact.channel)
    ]


def _within(cap: CapRule, dated: Sequence[tuple[date, str]], day: date) -> list[tuple[date, str]]:
    days = cap.window.days if cap.window else 0
    since = day - timedelta(days=days - 1)
    return [(on, channel) for on, channel in dated if since <= on <= day]


def _holds(cap: CapRule, channel: str, dated: Sequence[tuple[date, str]], day: date) -> bool:
    """Whether one more contact keeps the cap."""
    if cap.min_full_days_between is not None:
        gap = timedelta(days=cap.min_full_days_between)
        if any(abs(day - on) <= gap for on, _channel in dated):
            return False
    if cap.max is None or cap.window is None:
        return True
    inside = _within(cap, dated, day)
    if cap.measure == "distinct_media":
        return len({used_channel for _on, used_channel in inside} | {channel}) <= cap.max
    return len(inside) < cap.max
