"""Whole numbers of cards and of identity never leave in a message: anybody may read it."""

import re

from acuerdo.customers import documents
from acuerdo.customers.models import Customer

CARD = "card_number"
DOCUMENT = "document_number"
# The creditor's own numbers say nothing of the person.
CODES = ("CODIGO", "OTROS")

# ISO/IEC 7812: 13 to 19 digits, as people group them, and the last one checks the others.
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?")
# Shorter ones are years, amounts and days.
_SHORTEST = 6


def fault(text: str, customer: Customer) -> str:
    """What ``text`` shows of ``customer`` that it must not; empty when there is nothing."""
    if shows_card(text):
        return CARD
    if customer.document_type in CODES:
        return ""
    own = documents.key(customer.document_number)
    if len(own) < _SHORTEST or not any(letter.isdigit() for letter in own):
        return ""
    shown = (documents.key(word) for word in _WORD.findall(text) if len(word) >= len(own))
    return DOCUMENT if own in shown else ""


def shows_card(text: str) -> bool:
    return any(_is_card(found.group()) for found in _CARD.finditer(text))


def _is_card(text: str) -> bool:
    digits = [int(letter) for letter in reversed(text) if letter.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[0::2]) + sum(doubled)) % 10 == 0
