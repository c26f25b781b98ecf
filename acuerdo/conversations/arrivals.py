"""A person wrote to us: stored once by the provider's id, under the one who wrote."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations import answered, filing, stopping, unknown_senders
from acuerdo.conversations.models import Message
from acuerdo.customers import contact_points
from acuerdo.customers.models import Customer


@transaction.atomic
def receive_message(account: ChannelAccount, message: InboundMessage, *, at: datetime) -> None:
    """File a message; the same one again does nothing.

    An address that belongs to nobody, or to several, is never guessed: somebody links it.
    What a program sent is kept, and asks for nothing.
    """
    if filing.is_stored(account, message):
        return
    owners = contact_points.find_owners(account.channel, message.sender)
    if not message.is_automatic:
        stopping.obey(owners, account, message, at=at)
    ours = answered.by(account, message)
    pointing = _pointing(message, ours)
    writer = _writer(owners, ours)
    if writer is None:
        unknown_senders.receive(account, pointing, at=at)
    else:
        filing.file(writer, account, pointing, at=at)
        if message.sender_id and len(owners) == 1:
            contact_points.learn_scoped_id(writer, message.sender_id, at=at)


def _pointing(message: InboundMessage, ours: Message | None) -> InboundMessage:
    """With the message of ours that it answers first, under the name it is stored by."""
    if ours is None or not ours.provider_id:
        return message
    return replace(message, answers=tuple(dict.fromkeys([ours.provider_id, *message.answers])))


def _writer(owners: list[Customer], ours: Message | None) -> Customer | None:
    """Who shares an address is told apart by the message they answer; nobody else is by it.

    What comes from an address that is not theirs is never theirs, whatever it answers.
    """
    if len(owners) == 1:
        return owners[0]
    asked = ours.interaction.customer if ours else None
    return asked if asked in owners else None
