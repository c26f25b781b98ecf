"""Puts received messages into their customers' conversations, each once by the provider's id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations import attachments, inbox
from acuerdo.conversations.models import Message
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.events.log import Fact
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Direction, Interaction, Kind, Origin, Status
from acuerdo.primitives.arrays import literal


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that an account received, and the moment that counts for it."""

    account: ChannelAccount
    message: InboundMessage
    at: datetime

    @property
    def name(self) -> tuple[int, str]:
        return self.account.pk, self.message.provider_id


Filing = tuple[Customer, Arrival]


def fresh(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Those that no conversation has yet, each once. Call it within a transaction.

    Whoever brings one of them meanwhile waits here for the commit, and then finds it stored.
    """
    named = {arrival.name: arrival for arrival in reversed(arrivals)}
    columns = [literal(part) for part in zip(*sorted(named), strict=True)] if named else ["{}"] * 2
    with connection.cursor() as cursor:
        # In the order of their names, so that two batches cannot wait for each other crosswise.
        cursor.execute(_ALONE, columns)
        cursor.execute(_STORED, columns)
        stored = set(cursor.fetchall())
    return [each for each in arrivals if each is named[each.name] and each.name not in stored]


_ALONE = """
SELECT count(pg_advisory_xact_lock(hashtextextended(one.provider_id, one.account_id)))
FROM unnest(%s::bigint[], %s::text[]) AS one (account_id, provider_id)
"""
_STORED = """
SELECT account_id, provider_id
FROM unnest(%s::bigint[], %s::text[]) AS one (account_id, provider_id)
JOIN conversations_message USING (account_id, provider_id)
"""


def file(
    customer: Customer, account: ChannelAccount, message: InboundMessage, *, at: datetime
) -> Interaction:
    """Put one in the conversation of ``customer``."""
    return file_many([(customer, Arrival(account, message, at))])[0]


def file_many(filings: Sequence[Filing]) -> list[Interaction]:
    """Put each in its customer's conversation, in a few statements. They are ``fresh``."""
    if not filings:
        return []
    rows = lifecycle.open_many([_interaction(*filing) for filing in filings])
    pairs = list(zip(filings, rows, strict=True))
    stored = Message.objects.bulk_create([_message(*pair) for pair in pairs])
    for (_customer, arrival), message in zip(filings, stored, strict=True):
        attachments.receive(arrival.message.files, message=message, at=arrival.at)
    inbox.touch_many(row.pk for row in rows)
    # Where a machine answered nobody waits for us.
    inbox.arrived_many(
        row.pk for (_customer, arrival), row in pairs if not arrival.message.is_automatic
    )
    log.append([_fact(*pair) for pair in pairs], at=filings[-1][1].at)
    return rows


def _interaction(customer: Customer, arrival: Arrival) -> Interaction:
    message = arrival.message
    entry = lifecycle.Entry(
        kind=Kind.MESSAGE,
        channel=arrival.account.channel,
        direction=Direction.INCOMING,
        status=Status.RECEIVED,
        # What a program sent by itself is no answer of theirs to the contact policy either.
        origin=Origin.EVENT if message.is_automatic else Origin.MANUAL,
        at=arrival.at,
        recipient=message.sender,
        summary=message.body or message.subject,
    )
    return lifecycle.build(customer, entry, created_at=arrival.at, by=None)


def _message(filing: Filing, row: Interaction) -> Message:
    account, message = filing[1].account, filing[1].message
    return Message(
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


def _fact(filing: Filing, row: Interaction) -> Fact:
    customer, arrival = filing
    return Fact(
        "message.received",
        customer_id=customer.pk,
        subject_type="message",
        subject_id=row.pk,
        at=arrival.at,
        data={
            "portfolio_id": customer.portfolio_id,
            "adviser_id": customer.adviser_id,
            "channel": arrival.account.channel,
        },
    )
