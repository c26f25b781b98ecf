"""What the policy needs to know of many customers, in a fixed number of queries."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection

from acuerdo.contact_policy import calendars, zones
from acuerdo.contact_policy.calendars import Added
from acuerdo.contact_policy.hours import Place
from acuerdo.contact_policy.rules import Pack
from acuerdo.contact_policy.verdicts import Verdict
from acuerdo.customers.models import SILENCING_ALERTS
from acuerdo.interactions.models import Status
from acuerdo.primitives.arrays import literal

# The longest window of any pack is a week; a margin covers the zones.
HISTORY = timedelta(days=10)
REPLY_WINDOW = timedelta(hours=24)

# What left, or may have left: an unclear outcome counts until it is proven not to have.
ATTEMPTED = (
    Status.PROCESSING,
    Status.SENT,
    Status.DELIVERED,
    Status.OPENED,
    Status.UNCERTAIN,
    Status.CONTACTED,
    Status.NOT_CONTACTED,
)


class Contact(NamedTuple):
    at: datetime
    channel: str


@dataclass(slots=True)
class Facts:
    """One customer as the policy sees it."""

    customer_id: int
    country: str
    place: Place
    status: str
    owes: bool | None = None
    opt_outs: dict[str, datetime] = field(default_factory=dict)
    paused_until: date | None = None
    silenced_by: str = ""
    contacts: list[Contact] = field(default_factory=list)
    last_inbound: datetime | None = None


@dataclass(slots=True)
class Known:
    """The facts of a batch. ``by_hours`` is for the caller: what it found out once per place."""

    by_customer: dict[int, Facts]
    added: Added
    by_hours: dict[tuple[Pack, Place, str, bool], Verdict] = field(default_factory=dict)


def load(
    customer_ids: Collection[int],
    *,
    at: datetime,
    locked: bool,
    without: Collection[int] = (),
) -> Known:
    """Facts of the customers at ``at``; ``without`` are interactions still being asked for.

    ``locked`` holds the customers until the end of the transaction, so that two workers
    asking about one person see each other's answers.
    """
    ids = literal(customer_ids)
    if locked:
        _lock(ids)
    found = {facts.customer_id: facts for facts in _customers(ids)}
    _add_marks(found, ids, at)
    _add_contacts(found, ids, at, without)
    return Known(found, calendars.added_closures())


def _lock(ids: str) -> None:
    """In a statement of its own: what is read next sees what the wait was for."""
    with connection.cursor() as cursor:
        # The order keeps two batches from waiting for each other in a ring.
        cursor.execute(
            "SELECT FROM customers_customer WHERE id = ANY(%s::bigint[])"
            " ORDER BY id FOR NO KEY UPDATE",
            [ids],
        )


def _customers(ids: str) -> Iterable[Facts]:
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, {"ids": ids})
        rows = cursor.fetchall()
    # One object per place: a batch has a handful, and they are keys of caches.
    places: dict[tuple[str, str, str], Place] = {}
    for pk, country, subdivision, zone, status, owes in rows:
        where = (country, subdivision, zone)
        if where not in places:
            places[where] = Place(zones.candidates(country, zone), subdivision)
        yield Facts(pk, country, places[where], status, owes)


_CUSTOMERS = """
SELECT c.id, c.country, c.subdivision, c.time_zone, c.status, standing.open_debts > 0
FROM customers_customer c LEFT JOIN customers_standing standing ON standing.customer_id = c.id
WHERE c.id = ANY(%(ids)s::bigint[])
"""


def _add_marks(found: dict[int, Facts], ids: str, at: datetime) -> None:
    """What a few customers have: opt-outs, pauses, silencing alerts, words of the last day."""
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, {"ids": ids, "at": at, "since": at - REPLY_WINDOW})
        rows = cursor.fetchall()
    for what, customer_id, name, moment, until in rows:
        one = found[customer_id]
        if what == "opt_out":
            one.opt_outs[name] = moment
        elif what == "inbound":
            one.last_inbound = moment
        elif what == "alert":
            one.silenced_by = name
        elif one.place.day_of(at) < until:
            one.paused_until = until


_SILENCING = ", ".join(f"'{kind}'" for kind in SILENCING_ALERTS)
_MARKS = f"""
SELECT 'opt_out', customer_id, channel, at, NULL::date FROM contact_policy_optout
WHERE customer_id = ANY(%(ids)s::bigint[]) AND lifted_at IS NULL
UNION ALL
SELECT 'pause', customer_id, '', NULL, until FROM customers_pause
WHERE customer_id = ANY(%(ids)s::bigint[]) AND resumed_at IS NULL
UNION ALL
SELECT 'alert', customer_id, kind, NULL, NULL FROM customers_alert
WHERE customer_id = ANY(%(ids)s::bigint[]) AND cleared_at IS NULL AND kind IN ({_SILENCING})
UNION ALL
SELECT 'inbound', customer_id, '', max(at), NULL FROM interactions_interaction
WHERE customer_id = ANY(%(ids)s::bigint[]) AND at > %(since)s AND at <= %(at)s
    AND kind = 'message' AND direction = 'incoming' AND origin <> 'event'
GROUP BY customer_id
"""


def _add_contacts(
    found: dict[int, Facts], ids: str, at: datetime, without: Collection[int]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CONTACTS, {"ids": ids, "since": at - HISTORY, "without": literal(without)})
        for customer_id, moment, channel in cursor.fetchall():
            found[customer_id].contacts.append(Contact(moment, channel))


# Outgoing contacts that count: a failure counts too, unless it never left.
_ATTEMPTED = ", ".join(f"'{status}'" for status in ATTEMPTED)
_CONTACTS = f"""
SELECT customer_id, coalesce(sent_at, at), channel FROM interactions_interaction
WHERE customer_id = ANY(%(ids)s::bigint[]) AND at >= %(since)s
    AND kind IN ('message', 'call') AND direction = 'outgoing'
    AND (status IN ({_ATTEMPTED}) OR (status = 'failed' AND sent_at IS NOT NULL))
    AND id <> ALL(%(without)s::bigint[])
"""
