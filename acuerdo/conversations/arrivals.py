"""A person wrote to us: stored once by the provider's id, under the one who wrote."""

import re
import unicodedata
from datetime import datetime

from django.db import transaction

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.contact_policy import opt_outs
from acuerdo.conversations import filing, unknown_senders
from acuerdo.customers import contact_points

# The whole message, without accents and punctuation, is one of these.
OPT_OUT_WORDS = frozenset(
    {"stop", "baja", "alto", "salir", "parar", "unsubscribe", "no molestar", "no contactar",
     "dar de baja", "darme de baja", "quitar", "no mas mensajes"}
)  # fmt: skip


@transaction.atomic
def receive_message(account: ChannelAccount, message: InboundMessage, *, at: datetime) -> None:
    """File a message; the same one again does nothing.

    An address that belongs to nobody, or to several, is never guessed: somebody links it.
    """
    if filing.is_stored(account, message):
        return
    owners = contact_points.find_owners(account.channel, message.sender)
    if len(owners) != 1:
        unknown_senders.receive(account, message, at=at)
        return
    row = filing.file(owners[0], account, message, at=at)
    if row is not None and asks_to_stop(message.body):
        opt_outs.record(
            owners[0], channel=account.channel, source=f"«{message.body[:40]}»", by=None, at=at
        )


def asks_to_stop(body: str) -> bool:
    letters = unicodedata.normalize("NFKD", body.lower())
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z]+", bare)) in OPT_OUT_WORDS
