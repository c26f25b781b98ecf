"""Countries, currencies and zones as a person chooses them."""

from zoneinfo import available_timezones

from babel import Locale

from acuerdo.primitives.money import COUNTRY_CURRENCY, CURRENCIES

_SPANISH = Locale("es")
COUNTRIES = sorted(
    ((code, _SPANISH.territories[code]) for code in COUNTRY_CURRENCY), key=lambda pair: pair[1]
)
CURRENCY_CHOICES = [(code, f"{code} · {_SPANISH.currencies[code]}") for code in CURRENCIES]
ZONES = [
    (zone, zone.replace("_", " "))
    for zone in sorted(available_timezones())
    if zone.startswith(("America/", "Europe/", "Atlantic/", "Pacific/"))
]
