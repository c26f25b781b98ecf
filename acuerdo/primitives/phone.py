"""Phone numbers: E.164 for dialling, a folded key for recognising who writes."""

import re

import phonenumbers
from django.utils.translation import gettext as _

from acuerdo.primitives.refusals import Refusal

_NOT_DIGITS = re.compile(r"\D")


def parse(raw: str, *, country: str) -> str:
    """``raw`` as E.164 (``+51987654321``), read as a number of ``country`` (ISO code).

    Raises Refusal ``bad_phone`` when it is no possible number.
    """
    text = raw.strip()
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Refusal(
            "bad_phone",
            _("«%(raw)s» no es un teléfono posible en %(country)s.")
            % {"raw": raw, "country": country},
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def key(number: str) -> str:
    """The digits by which a number is recognised, its national variants folded into one.

    Brazil: the ninth digit of mobiles is dropped, since providers report either form.
    Mexico: the 1 that used to follow 52 is dropped. Argentina: the 9 that mobiles
    carry after 54 is dropped. ``number`` is E.164 or bare digits with country code.
    """
    digits = _NOT_DIGITS.sub("", number)
    if digits.startswith("55") and len(digits) == 13 and digits[4] == "9":
        return digits[:4] + digits[5:]
    if digits.startswith("521") and len(digits) == 13:
        return "52" + digits[3:]
    if digits.startswith("549") and len(digits) == 13:
        return "54" + digits[3:]
    return digits
