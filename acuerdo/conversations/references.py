"""Names of messages that only this installation can make, for addresses and links.

A reference is the id and its signature with the installation's key: there is no column
to keep, and nobody who knows one can make another.
"""

import base64
import hmac
import re

from django.conf import settings

_WRITTEN = re.compile(r"([0-9a-z]{1,13})-([a-z2-7]{16})")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LARGEST = 2**63


def of(message_id: int, *, purpose: str = "message") -> str:
    """Lower case, and safe in the local part of an address; one purpose's is no other's."""
    name = _base36(message_id)
    return f"{name}-{_signature(name, purpose)}"


def read(text: str, *, purpose: str = "message") -> int | None:
    """The message of a reference, alone or within ``<...@domain>`` or ``reply+...@domain``."""
    local = text.strip().strip("<>").split("@")[0].rpartition("+")[2].lower()
    match = _WRITTEN.fullmatch(local)
    if match is None or not hmac.compare_digest(_signature(match[1], purpose), match[2]):
        return None
    number = int(match[1], 36)
    return number if number < _LARGEST else None


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"


def _signature(name: str, purpose: str) -> str:
    about = f"acuerdo {purpose}:{name}".encode()
    made = hmac.digest(settings.SECRET_KEY.encode(), about, "sha256")
    return base64.b32encode(made[:10]).decode().lower()
