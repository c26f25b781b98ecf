"""Phone numbers: E.164 for dialling, a folded key for recognising who writes."""

import re

import phonenumbers
from django.utils.translation import gettext as _

from acuerdo.primitives.refusals import Refusal

_NOT_DIGITS = re.compile(r"\D")
# Mexico until 2019: 1 after the country code, 044 or 045 before a mobile, 01 before a far number.
_MEXICO_OLD = re.compile(r"^(?:\+?521|0?52(?=\d{10}$)|\+52|1|044|045|01)?(\d{10})$")
# Brazil before the ninth digit: area code and eight digits, the first of a mobile being 6 to 9.
_BRAZIL_OLD_MOBILE = re.compile(r"^\+55(\d{2})([6-9]\d{7})$")
# Only mobiles older than the ninth digit, 6 to 9 after it, are ever reported without it.
_BRAZIL_NINTH = re.compile(r"^55\d{2}9[6-9]\d{7}$")
# Argentina: 15 before the local number, written after the country code where 9 belongs.
_ARGENTINA_FIFTEEN = re.compile(r"^\+?54(?:0?)(11|[23]\d{2,3})15(\d{6,8})$")
_ARGENTINA_LOCAL_DIGITS = 10
# The ISO codes of the countries that have numbers.
REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)
# What +1 shares among many countries is told by its area; any subscriber will do for asking.
_SOMEBODY = "2345678"


def parse(raw: str, *, country: str) -> str:
    """``raw`` as E.164 (``+51987654321``), read as a number of ``country`` (ISO code).

    Raises Refusal ``bad_phone`` when it is no possible number.
    """
    text = _modern(raw.strip(), country.upper())
    try:
        number = phonenumbers.parse(text, country.upper())
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Refusal(
            "bad_phone",
            _("«%(raw)s» no es un teléfono posible en %(country)s.")
            % {"raw": raw, "country": country},
        )
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return _BRAZIL_OLD_MOBILE.sub(r"+55\g<1>9\2", e164)


def key(number: str) -> str:
    """The digits by which a number is recognised, its national variants folded into one.

    Brazil: the ninth digit of older mobiles is dropped, since providers report either form.
    Mexico: the 1 that used to follow 52 is dropped. Argentina: the 9 that mobiles carry
    after 54, or the 15 before the local number, is dropped. ``number`` is E.164 or bare
    digits with country code.
    """
    digits = _NOT_DIGITS.sub("", number)
    if _BRAZIL_NINTH.match(digits):
        return digits[:4] + digits[5:]
    if digits.startswith("521") and len(digits) == 13:
        return "52" + digits[3:]
    if digits.startswith("549") and len(digits) == 13:
        return "54" + digits[3:]
    return _without_fifteen(digits)


def region(number: str) -> str:
    """The ISO code of the country that ``number`` (E.164) is of; empty when it tells none."""
    try:
        parsed = phonenumbers.parse(number if number.startswith("+") else f"+{number}")
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(parsed) or ""


def region_of_start(start: str) -> str:
    """The country that a number's first signs tell: ``+`` and three digits, four behind ``+1``.

    Where a calling code serves several, its main one. Empty when it is nobody's.
    """
    digits = start.removeprefix("+")
    if digits.startswith("1"):
        return region(f"+{digits}{_SOMEBODY}")
    codes = (int(digits[:length]) for length in (1, 2, 3) if digits[:length].isdecimal())
    named = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    found = next((named[code][0] for code in codes if code in named), "")
    return found if found in REGIONS else ""


def _modern(text: str, country: str) -> str:
    """``text`` with the dialling habits that its country has given up rewritten."""
    plus = "+" if text.startswith("+") else ""
    digits = plus + _NOT_DIGITS.sub("", text)
    if digits.startswith("00"):
        digits = plus = "+" + digits[2:]
        text = digits
    if country == "MX" or digits.startswith("+52"):
        old = _MEXICO_OLD.match(digits)
        return f"+52{old[1]}" if old else text
    if country == "AR" or digits.startswith("+54"):
        modern = _without_fifteen(digits.removeprefix("+"))
        return f"+549{modern[2:]}" if modern != digits.removeprefix("+") else text
    return text


def _without_fifteen(digits: str) -> str:
    """Argentine digits with country code, less the 15; anything else as it was."""
    found = _ARGENTINA_FIFTEEN.match(digits)
    if found and len(found[1]) + len(found[2]) == _ARGENTINA_LOCAL_DIGITS:
        return "54" + found[1] + found[2]
    return digits
