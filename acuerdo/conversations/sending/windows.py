"""The time after a person's message in which a provider takes free text for them.

It is counted from the person's own clock of the message, so that an old one that arrives
late opens nothing. It opens no closed hours and adds to no cap: the policy is asked besides.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from acuerdo.channels import registry
from acuerdo.channels.adapter import HasServiceWindow
from acuerdo.channels.models import ChannelAccount
from acuerdo.customers import contact_points
from acuerdo.customers.models import Customer
from acuerdo.primitives.arrays import literal

Place = tuple[int, str]
# Whoever hides the number wrote from one of the customer's, we cannot tell which.
HIDDEN = ""


class Window(NamedTuple):
    """``closes_at`` is None for somebody who never wrote to the account."""

    closes_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        return self.closes_at is not None and at < self.closes_at


def length(account: ChannelAccount) -> timedelta | None:
    """None where the provider takes free text at any time."""
    adapter = registry.adapter(account)
    return adapter.service_window if isinstance(adapter, HasServiceWindow) else None


def of(account: ChannelAccount, customer: Customer, address: str) -> Window | None:
    """The window of one person; None where the provider knows none."""
    return many(account, [(customer.pk, address)]).get((customer.pk, address))


def many(account: ChannelAccount, places: Sequence[Place]) -> dict[Place, Window]:
    """The window of each (customer, address), in one query; empty where there are none."""
    lasting = length(account)
    if lasting is None or not places:
        return {}
    heard = _last_heard(account, {customer_id for customer_id, _address in places})
    found: dict[Place, Window] = {}
    for customer_id, address in places:
        last = _latest(
            heard.get((customer_id, _key(account, address))), heard.get((customer_id, HIDDEN))
        )
        found[customer_id, address] = Window(last + lasting if last else None)
    return found


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)


def _last_heard(account: ChannelAccount, customer_ids: Iterable[int]) -> dict[Place, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [literal(customer_ids), account.channel, account.pk])
        rows = cursor.fetchall()
    heard: dict[Place, datetime] = {}
    for customer_id, address, at in rows:
        is_hidden = address.startswith(contact_points.SCOPED_ID)
        place = customer_id, HIDDEN if is_hidden else _key(account, address)
        heard[place] = max(at, heard.get(place, at))
    return heard


# News of the provider about a person are no words of theirs.
_LAST = """
SELECT entry.customer_id, message.address, max(entry.at)
FROM interactions_interaction AS entry
JOIN conversations_message AS message ON message.interaction_id = entry.id
WHERE entry.customer_id = ANY(%s::bigint[]) AND entry.kind = 'message'
    AND entry.direction = 'incoming' AND entry.channel = %s
    AND message.account_id = %s AND NOT message.is_automatic
GROUP BY entry.customer_id, message.address
"""


def _key(account: ChannelAccount, address: str) -> str:
    return contact_points.canonical_key(
        contact_points.KINDS_OF_CHANNEL[account.channel][0], address
    )
