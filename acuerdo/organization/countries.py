"""Countries, currencies and zones as a person chooses them."""

from collections.abc import Iterable
from zoneinfo import available_timezones

from babel import Locale
from django.utils.translation import get_language

from acuerdo.primitives import phone
from acuerdo.primitives.money import COUNTRY_CURRENCY, CURRENCIES

ZONES = [
    (zone, zone.replace("_", " "))
    for zone in sorted(available_timezones())
    if zone.startswith(("America/", "Europe/", "Atlantic/", "Pacific/"))
]


def countries() -> list[tuple[str, str]]:
    """Codes and names, in the reader's language and its order."""
    names = _locale().territories
    return sorted(((code, names[code]) for code in COUNTRY_CURRENCY), key=lambda pair: pair[1])


def dialled() -> list[tuple[str, str]]:
    """Every country that has numbers, in the reader's language and its order."""
    names = _locale().territories
    return sorted(((code, names[code]) for code in phone.REGIONS), key=lambda pair: pair[1])


def name(code: str) -> str:
    return str(_locale().territories.get(code, code))


def currencies(codes: Iterable[str] = CURRENCIES) -> list[tuple[str, str]]:
    names = _locale().currencies
    return [(code, f"{code} · {names[code]}") for code in codes]


def _locale() -> Locale:
    return Locale.parse((get_language() or "es").replace("-", "_"))
