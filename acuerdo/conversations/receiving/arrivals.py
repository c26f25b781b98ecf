"""People wrote to us: each message is stored once by the provider's id, under the one who wrote."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.models import Message
from acuerdo.conversations.receiving import answered, filing, stopping, unknown_senders
from acuerdo.conversations.receiving.filing import Arrival, Filing
from acuerdo.customers import contact_points
from acuerdo.customers.models import Customer

Address = tuple[str, str]


def receive_message(account: ChannelAccount, message: InboundMessage, *, at: datetime) -> None:
    """As ``receive_many``, for one."""
    receive_many([Arrival(account, message, at)])


@transaction.atomic
def receive_many(arrivals: Sequence[Arrival]) -> None:
    """File messages; the same ones again do nothing.

    An address that belongs to nobody, or to several, is never guessed: somebody links it.
    What a program sent is kept, and asks for nothing.
    """
    new = filing.fresh(arrivals)
    owners = _owners(new)
    strangers: list[Arrival] = []
    filings: list[Filing] = []
    for arrival, ours in zip(new, answered.by_many(new), strict=True):
        own = owners[_address(arrival)]
        if not arrival.message.is_automatic:
            stopping.obey(own, arrival.account, arrival.message, at=arrival.at)
        pointing = replace(arrival, message=_pointing(arrival.message, ours))
        writer = _writer(own, ours)
        if writer is None:
            strangers.append(pointing)
        else:
            filings.append((writer, pointing))
    # Before the conversations: whoever sends holds the customer first, and then the conversation.
    _learn_scoped_ids([one for one in filings if len(owners[_address(one[1])]) == 1])
    filing.file_many(filings)
    unknown_senders.receive_many(strangers)


def needs_care(message: InboundMessage) -> bool:
    """Whether it does more than be filed: it stops our writing, or brings files along."""
    return stopping.asks_to_stop(message.body) or any(
        file.content is not None for file in message.files
    )


def _address(arrival: Arrival) -> Address:
    return arrival.account.channel, arrival.message.sender


def _owners(arrivals: Sequence[Arrival]) -> dict[Address, list[Customer]]:
    by_channel: dict[str, set[str]] = defaultdict(set)
    for arrival in arrivals:
        by_channel[arrival.account.channel].add(arrival.message.sender)
    return {
        (channel, address): found
        for channel, addresses in by_channel.items()
        for address, found in contact_points.owners_of(channel, addresses).items()
    }


def _learn_scoped_ids(filings: Sequence[Filing]) -> None:
    """The first message that tells an id beside a number counts; in the order of customers."""
    told = {
        arrival.message.sender_id: (customer, arrival.at)
        for customer, arrival in reversed(filings)
        if arrival.message.sender_id
    }
    for scoped_id in sorted(
        contact_points.unknown_scoped_ids(told), key=lambda name: told[name][0].pk
    ):
        customer, at = told[scoped_id]
        contact_points.learn_scoped_id(customer, scoped_id, at=at)


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
