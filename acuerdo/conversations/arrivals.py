"""A person wrote to us: stored once by the provider's id, under the one who wrote."""

from datetime import datetime

from django.db import transaction

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations import filing, stopping, unknown_senders
from acuerdo.customers import contact_points


@transaction.atomic
def receive_message(account: ChannelAccount, message: InboundMessage, *, at: datetime) -> None:
    """File a message; the same one again does nothing.

    An address that belongs to nobody, or to several, is never guessed: somebody links it.
    """
    if filing.is_stored(account, message):
        return
    owners = contact_points.find_owners(account.channel, message.sender)
    for owner in owners:
        # Whoever of them it was, that address asked for silence.
        stopping.heed(owner, account, message.body, at=at)
    if len(owners) == 1:
        filing.file(owners[0], account, message, at=at)
    else:
        unknown_senders.receive(account, message, at=at)
