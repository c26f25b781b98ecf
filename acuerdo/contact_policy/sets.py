"""The policy over a whole portfolio at once, for planning: the same rules as ``decide``.

Hours are worked out in Python once per place (country, region, zone) and channel; caps
are counted in the database. Whatever is planned is asked for again at the hand-off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from acuerdo.contact_policy import hours, rules, zones
from acuerdo.contact_policy.calendars import Added
from acuerdo.contact_policy.facts import ATTEMPTED
from acuerdo.contact_policy.hours import Place
from acuerdo.contact_policy.rules import CapRule
from acuerdo.primitives import clock

CAPPED = "contact_policy_capped"


class Where(NamedTuple):
    """What customers have in common as far as clocks and calendars go."""

    country: str
    subdivision: str
    time_zone: str

    @property
    def place(self) -> Place:
        return Place(zones.candidates(self.country, self.time_zone), self.subdivision)


@dataclass(frozen=True, slots=True)
class Slot:
    """When a contact due at ``due_at`` may be made. ``blocked`` means never, and why."""

    due_at: datetime
    blocked: str = ""
    is_postponed: bool = False
    reason: str = ""
    rule: str = ""
    pack_version: str = ""


def whereabouts() -> list[Where]:
    """The distinct places of all customers: a few hundred at most."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT country, subdivision, time_zone FROM customers_customer"
            " WHERE status = 'active'"
        )
        return [Where(*row) for row in cursor.fetchall()]


def slot(where: Where, channel: str, due_at: datetime, added: Added) -> Slot:
    """The first lawful moment from ``due_at`` on, with the rule that moved it."""
    pack, place = rules.pack_for(where.country), where.place
    if pack is None:
        return Slot(due_at, blocked="no_pack")
    opens = hours.next_open(pack, place, channel, due_at, added)
    if opens == due_at:
        return Slot(due_at)
    holiday, rule = hours.closing_rule(pack, place, channel, due_at, added)
    moved = Slot(
        opens or due_at,
        is_postponed=True,
        reason="holiday" if holiday else "closed_hours",
        rule=rule,
        pack_version=pack.pack_version,
    )
    return moved if opens else replace(moved, blocked="no_window", is_postponed=False, reason="")


def opted_out_sql(customer: str, channel: str) -> str:
    """An SQL condition: the customer asked us to stop. Both arguments are SQL expressions."""
    return (
        "EXISTS (SELECT 1 FROM contact_policy_optout o"
        f" WHERE o.customer_id = {customer} AND o.lifted_at IS NULL"
        f" AND o.channel IN ('', {channel}))"
    )


def collect_capped(places: Iterable[Where], channels: Sequence[str], *, on: date) -> None:
    """Fill the session's temporary table ``CAPPED`` (customer_id, channel, rule).

    It holds whom one more contact on the local date ``on`` would take over a cap.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{CAPPED}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {CAPPED} (customer_id bigint, channel text, rule text,"
            " PRIMARY KEY (customer_id, channel))"
        )
        for channel in channels:
            counted = [row for where in places for row in _counted(where, channel, on)]
            if counted:
                cursor.execute(_COLLECT, _parameters(counted, channel))
        cursor.execute(f"ANALYZE {CAPPED}")


class _Count(NamedTuple):
    """One cap in one place: at most ``limit`` contacts of ``media`` in [since, until)."""

    country: str
    time_zone: str
    rule: str
    media: str
    since: datetime
    until: datetime
    limit: int
    is_distinct: bool


def _counted(where: Where, channel: str, on: date) -> Iterable[_Count]:
    pack = rules.pack_for(where.country)
    for cap in pack.caps_for(channel) if pack else ():
        if cap.window and cap.max is not None:
            days = cap.window.days - 1
            yield _count(where, cap, on, days, cap.max)
        if cap.min_full_days_between is not None:
            yield _count(where, cap, on, cap.min_full_days_between, 1)


def _count(where: Where, cap: CapRule, on: date, days: int, limit: int) -> _Count:
    zone = where.place.zones[0]
    since = clock.midnight(on - timedelta(days=days), zone)
    until = clock.midnight(on + timedelta(days=1), zone)
    return _Count(
        where.country,
        where.time_zone,
        cap.id,
        ",".join(cap.media),
        since.astimezone(UTC),
        until.astimezone(UTC),
        limit,
        cap.measure == "distinct_media",
    )


def _parameters(counted: Sequence[_Count], channel: str) -> dict[str, Any]:
    distinct = sorted(set(counted))
    columns = dict(zip(_Count._fields, map(list, zip(*distinct, strict=True)), strict=True))
    return {
        **columns,
        "channel": channel,
        "attempted": [str(status) for status in ATTEMPTED],
        "earliest": min(row.since for row in distinct) - timedelta(days=2),
    }


# A row's moment is when it left; "at" is the index that finds the window.
_COLLECT = f"""
INSERT INTO {CAPPED} (customer_id, channel, rule)
SELECT customer_id, %(channel)s, min(rule) FROM (
    SELECT i.customer_id, cap.rule
    FROM interactions_interaction i
    JOIN customers_customer c ON c.id = i.customer_id
    JOIN unnest(
        %(country)s::text[], %(time_zone)s::text[], %(rule)s::text[], %(media)s::text[],
        %(since)s::timestamptz[], %(until)s::timestamptz[], %(limit)s::int[],
        %(is_distinct)s::bool[]
    ) AS cap(country, time_zone, rule, media, since, until, maximum, is_distinct)
      ON cap.country = c.country AND cap.time_zone = c.time_zone
    WHERE i.at >= %(earliest)s
      AND i.kind IN ('message', 'call') AND i.direction = 'outgoing'
      AND (i.status = ANY(%(attempted)s) OR (i.status = 'failed' AND i.sent_at IS NOT NULL))
      AND coalesce(i.sent_at, i.at) >= cap.since AND coalesce(i.sent_at, i.at) < cap.until
      AND (cap.media = 'all' OR i.channel = ANY(string_to_array(cap.media, ',')))
    GROUP BY i.customer_id, cap.rule, cap.maximum, cap.is_distinct
    HAVING CASE WHEN cap.is_distinct
        THEN count(DISTINCT i.channel) FILTER (WHERE i.channel <> %(channel)s) >= cap.maximum
        ELSE count(*) >= cap.maximum END
) AS broken
GROUP BY customer_id
"""
