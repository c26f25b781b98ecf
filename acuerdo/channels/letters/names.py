"""The names that a letter carries so that its answers and bounces find their way back.

A reference is opaque here and verified by the conversations, which sign it. Mail servers
may fold the case of an address, so a reference is lower case throughout.
"""

import re
from email.utils import parseaddr

from acuerdo.channels.adapter import Parcel
from acuerdo.channels.models import ChannelAccount

REPLY, BOUNCES, UNSUBSCRIBE = "reply", "bounces", "unsubscribe"
REFERENCE = re.compile(r"[0-9a-z]{1,13}-[a-z2-7]{16}")
_TAGGED = re.compile(r"([^\s<>@,+]+)\+([0-9a-z]{1,13}-[a-z2-7]{16})@", re.IGNORECASE)


def message_id(account: ChannelAccount, parcel: Parcel) -> str:
    """The same over every attempt, so that a mail that arrived twice is recognised as one."""
    return f"<{parcel.reference or parcel.token}@{domain_of(account)}>"


def domain_of(account: ChannelAccount) -> str:
    return parseaddr(account.sender)[1].rpartition("@")[2] or "localhost"


def on_the_wire(address: str) -> str:
    """``address`` in ASCII; UnicodeError for a name that few servers could deliver to."""
    local, _at, domain = address.rpartition("@")
    local.encode("ascii")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"


def bounce_address(account: ChannelAccount, parcel: Parcel) -> str:
    """Where the mail servers tell of a failure: one address for each communication."""
    return _tagged(account, "bounce_domain", BOUNCES, parcel) or parseaddr(account.sender)[1]


def reply_address(account: ChannelAccount, parcel: Parcel) -> str:
    return _tagged(account, "reply_domain", REPLY, parcel)


def unsubscribe_address(account: ChannelAccount, parcel: Parcel) -> str:
    return _tagged(account, "reply_domain", UNSUBSCRIBE, parcel, is_fixed=True)


def _tagged(
    account: ChannelAccount, setting: str, box: str, parcel: Parcel, *, is_fixed: bool = False
) -> str:
    """``acme.example`` gives ``reply+REF@acme.example``; ``hola@acme.example``, ``hola+REF@...``.

    Who has one mailbox with tags, and no whole domain, cannot have ``unsubscribe+REF``.
    """
    written = str(account.config.get(setting) or "").strip()
    own, _at, domain = written.rpartition("@")
    if not domain or not parcel.reference or (own and is_fixed):
        return ""
    return f"{own or box}+{parcel.reference}@{domain}"


def tags(addresses: str) -> list[tuple[str, str]]:
    """Box and reference of each address of ours in the text of a header."""
    return [(box.lower(), name.lower()) for box, name in _TAGGED.findall(addresses)]
