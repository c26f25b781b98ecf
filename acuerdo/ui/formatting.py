"""How amounts, dates and personal data are written on a screen, as plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_precision
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DOTS = "•"

# Money follows the debt's country, not the reader's.
LOCALES = {
    "PEN": "es_PE",
    "COP": "es_CO",
    "CLP": "es_CL",
    "MXN": "es_MX",
    "ARS": "es_AR",
    "BOB": "es_BO",
    "PYG": "es_PY",
    "UYU": "es_UY",
    "BRL": "pt_BR",
    "USD": "es_US",
}
SYMBOLS = {"PEN": "S/", "USD": "US$", "BRL": "R$", "BOB": "Bs", "PYG": "₲", "UYU": "$U"}
DOLLAR_SIGN = frozenset({"COP", "CLP", "MXN", "ARS"})
# CLDR still gives the Colombian peso its centavos; nobody writes them.
WITHOUT_CENTS = frozenset({"COP"})
PARTICLES = frozenset({"de", "del", "la", "las", "los", "y", "da", "do", "dos"})


@dataclass(frozen=True)
class MoneyText:
    symbol: str
    digits: str

    def __str__(self) -> str:
        return f"{self.symbol}{NBSP}{self.digits}"


def money(amount: Decimal, currency: str, *, iso: bool = False) -> MoneyText:
    """With iso, other signs than S/ become the currency's code: for lists of several countries."""
    locale = LOCALES.get(currency, "es_PE")
    digits = format_decimal(abs(amount), format=_pattern(amount, currency), locale=locale)
    if amount < 0:
        digits = MINUS + digits
    return MoneyText(_symbol(currency, iso=iso), digits.replace(" ", NBSP))


def price(amount: Decimal, currency: str) -> str:
    """The price of one thing: as many places as it has, six at most."""
    pattern = f"{_pattern(amount, currency).partition('.')[0]}.00####"
    digits = format_decimal(amount, format=pattern, locale=LOCALES.get(currency, "es_PE"))
    return f"{_symbol(currency, iso=False)}{NBSP}{digits}"


def has_cents(currency: str) -> bool:
    """Whether people write cents in ``currency``."""
    return currency not in WITHOUT_CENTS and get_currency_precision(currency) > 0


def signs(currency: str) -> set[str]:
    """What may stand beside an amount of ``currency``: its code, its sign, the plain one of dollars."""
    own = {currency, _symbol(currency, iso=False)}
    return own | {"$"} if any("$" in sign for sign in own) else own


def _pattern(amount: Decimal, currency: str) -> str:
    places = get_currency_precision(currency)
    # Rather a strange-looking fraction than an amount that is not the true one.
    if amount == amount.to_integral_value() and not has_cents(currency):
        places = 0
    return "#,##0." + "0" * places if places else "#,##0"


def _symbol(currency: str, *, iso: bool) -> str:
    if iso and currency != "PEN":
        return currency
    return "$" if currency in DOLLAR_SIGN else SYMBOLS.get(currency, currency)


def zone_of(zone: str | tzinfo | None) -> tzinfo:
    if isinstance(zone, str) and zone:
        return ZoneInfo(zone)
    return zone if isinstance(zone, tzinfo) else timezone.get_current_timezone()


def local_time(moment: datetime, zone: str | tzinfo | None = None) -> str:
    """19 nov, 14:02"""
    there = moment.astimezone(zone_of(zone))
    return f"{_day_month(there)}, {there:%H:%M}"


def short_time(moment: datetime, zone: str | tzinfo | None = None, *, at: datetime) -> str:
    """The shortest form that is still exact on a list: 14:02, ayer, lun 16, 3 oct, 3 oct 2025."""
    there, now = moment.astimezone(zone_of(zone)), at.astimezone(zone_of(zone))
    days = (now.date() - there.date()).days
    if days == 0:
        return f"{there:%H:%M}"
    if days == 1:
        return _("ayer")
    if days == -1:
        return _("mañana %(time)s") % {"time": f"{there:%H:%M}"}
    if 1 < days < 7:
        return _written(there, "EEE d")
    return _day_month(there) if there.year == now.year else f"{_day_month(there)} {there.year}"


def day_heading(day: date, *, today: date) -> str:
    """Hoy, jueves 19 de noviembre"""
    words = long_day(day)
    if day.year != today.year:
        words = f"{words} {'de ' if _locale() == 'es' else ''}{day.year}"
    if day == today:
        return _("Hoy, %(day)s") % {"day": words}
    if day == today - timedelta(days=1):
        return _("Ayer, %(day)s") % {"day": words}
    return words[:1].upper() + words[1:]


def long_day(day: date) -> str:
    """jueves 19 de noviembre"""
    return _written(day, "EEEE d 'de' MMMM" if _locale() == "es" else "EEEE d MMMM")


def day_of_week(day: date) -> str:
    """jue 19 nov"""
    return _written(day, "EEE d MMM")


def short_day(day: date) -> str:
    """9 ago 2026"""
    return _written(day, "d MMM y")


def _day_month(day: date) -> str:
    return _written(day, "d MMM")


def _locale() -> str:
    """The reader's language; Spanish where nobody reads, as in a worker."""
    return "en" if (get_language() or "").startswith("en") else "es"


def _written(day: date, pattern: str) -> str:
    words = str(format_date(day, pattern, locale=_locale()))
    # Some versions of the locale data write "sept" and a stop after short names.
    return re.sub(r"\bsept\b", "sep", words.replace(".", ""))


def days_band(days: int | None, *, charged_off: bool = False) -> str:
    """The step of the ramp of days overdue: m0 up to date, m4 past ninety or charged off."""
    if charged_off:
        return "m4"
    late = days or 0
    return (
        "m0"
        if late <= 0
        else "m1"
        if late <= 30
        else "m2"
        if late <= 60
        else "m3"
        if late <= 90
        else "m4"
    )


def days_label(days: int | None, *, charged_off: bool = False) -> str:
    late = days or 0
    if late <= 0:
        words = _("Al día")
    else:
        words = ngettext("%(days)s día", "%(days)s días", late) % {"days": late}
        words = words.replace(" ", NBSP, 1)
    return _("%(days)s · castigada") % {"days": words} if charged_off else words


def mask_document(number: str) -> str:
    """45210318 -> 45••••18; short ones keep only their end."""
    clean = number.strip()
    if len(clean) < 7:
        return DOTS * 4 + clean[-2:] if len(clean) > 3 else DOTS * 4
    return clean[:2] + DOTS * (len(clean) - 4) + clean[-2:]


def mask_phone(number: str) -> str:
    """+51987654218 -> +51 9•• ••• 218"""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return DOTS * 3 + number.strip()[-3:] if len(number.strip()) > 5 else DOTS * 5
    national = str(parsed.national_number)
    if len(national) < 6:
        return f"+{parsed.country_code}{NBSP}{DOTS * 5}"
    return NBSP.join((f"+{parsed.country_code}", national[0] + DOTS * 2, DOTS * 3, national[-3:]))


def mask_email(address: str) -> str:
    """maria@correo.pe -> m•••••@correo.pe; the number of dots says nothing."""
    user, at_sign, host = address.strip().rpartition("@")
    return f"{user[:1]}{DOTS * 5}@{host}" if at_sign and user else DOTS * 5


def initials(name: str) -> str:
    words = [word for word in re.findall(r"\w+", name) if word.lower() not in PARTICLES]
    # Four names are two given ones and two surnames.
    chosen = (words[0], words[2]) if len(words) > 3 else words[:2]
    return "".join(word[0] for word in chosen).upper() or "?"
