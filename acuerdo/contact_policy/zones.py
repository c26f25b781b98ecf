"""Whose clock: the customer's zone where it is known, else every zone of the country."""

from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache
def _by_country() -> dict[str, tuple[str, ...]]:
    """Zones of each country as the tz database lists them, the most populous first."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _coordinates, zone = line.split("\t")[:3]
            found.setdefault(country, []).append(zone)
    return {country: tuple(zones) for country, zones in found.items()}


@lru_cache
def is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


@lru_cache
def candidates(country: str, time_zone: str) -> tuple[str, ...]:
    """The zones where the person may be; the first is the likeliest.

    An unknown or misspelt zone widens the set: all of them have to be open.
    """
    if time_zone and is_zone(time_zone):
        return (time_zone,)
    return _by_country().get(country, ("UTC",))
