"""Finds the message of ours that somebody answers. It is a hint, and proves nobody's name."""

from django.db.models import Q

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations import references
from acuerdo.conversations.models import Message
from acuerdo.interactions.models import Direction


def by(account: ChannelAccount, message: InboundMessage) -> Message | None:
    """The first of ``message.answers`` that we wrote on this channel.

    A reference is signed, and holds for any account; a provider's id is one account's own.
    """
    if not message.answers:
        return None
    signed = {name: references.read(name) for name in message.answers}
    wanted = Q(pk__in=[id_ for id_ in signed.values() if id_])
    wanted |= Q(account=account, provider_id__in=message.answers)
    ours = Message.objects.filter(
        wanted, interaction__direction=Direction.OUTGOING, interaction__channel=account.channel
    )
    found = list(ours.select_related("interaction__customer"))
    for name in message.answers:
        for row in found:
            if row.pk == signed[name] or row.provider_id == name:
                return row
    return None
