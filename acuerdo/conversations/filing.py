"""Puts a received message into a customer's conversation, once by the provider's id."""

from datetime import datetime

from django.db import IntegrityError, transaction

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations import attachments, inbox
from acuerdo.conversations.models import Message
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Direction, Interaction, Kind, Origin, Status


def is_stored(account: ChannelAccount, message: InboundMessage) -> bool:
    return Message.objects.filter(account=account, provider_id=message.provider_id).exists()


def file(
    customer: Customer, account: ChannelAccount, message: InboundMessage, *, at: datetime
) -> Interaction | None:
    """Put it in the conversation of ``customer``; None when another was quicker."""
    try:
        with transaction.atomic():
            row = _insert(customer, account, message, at=at)
    except IntegrityError:
        if is_stored(account, message):
            return None
        raise
    if message.is_automatic:
        # A machine answered: nobody waits for us.
        inbox.touch_many([row.pk])
    else:
        inbox.arrived(row)
    log.record(
        "message.received",
        customer_id=customer.pk,
        subject=row.message,
        at=at,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
        channel=account.channel,
    )
    return row


def _insert(
    customer: Customer, account: ChannelAccount, message: InboundMessage, *, at: datetime
) -> Interaction:
    entry = lifecycle.Entry(
        kind=Kind.MESSAGE,
        channel=account.channel,
        direction=Direction.INCOMING,
        status=Status.RECEIVED,
        # What a program sent by itself is no answer of theirs to the contact policy either.
        origin=Origin.EVENT if message.is_automatic else Origin.MANUAL,
        at=at,
        recipient=message.sender,
        summary=message.body or message.subject,
    )
    row = lifecycle.open_entry(customer, entry, created_at=at)
    stored = Message.objects.create(
        interaction=row,
        account=account,
        address=message.sender,
        subject=message.subject[:200],
        body=message.body,
        html=message.html,
        kind=message.kind,
        content=message.content or None,
        quotes=(message.answers[0] if message.answers else "")[:200],
        is_automatic=message.is_automatic,
        provider_id=message.provider_id,
    )
    attachments.receive(message.files, message=stored, at=at)
    return row
