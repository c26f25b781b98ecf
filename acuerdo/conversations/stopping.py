"""Somebody writes STOP: from then on nothing goes out to them by that channel."""

import re
import unicodedata
from datetime import datetime

from acuerdo.channels.models import ChannelAccount
from acuerdo.contact_policy import opt_outs
from acuerdo.customers.models import Customer

# The whole message, without accents and punctuation, is one of these.
OPT_OUT_WORDS = frozenset(
    {"stop", "baja", "alto", "salir", "parar", "unsubscribe", "no molestar", "no contactar",
     "dar de baja", "darme de baja", "quitar", "no mas mensajes"}
)  # fmt: skip


def heed(customer: Customer, account: ChannelAccount, body: str, *, at: datetime) -> None:
    if asks_to_stop(body):
        opt_outs.record(customer, channel=account.channel, source=f"«{body[:40]}»", by=None, at=at)


def asks_to_stop(body: str) -> bool:
    letters = unicodedata.normalize("NFKD", body.lower())
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z]+", bare)) in OPT_OUT_WORDS
