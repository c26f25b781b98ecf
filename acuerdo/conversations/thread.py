"""The thread: every message, call, note and fact of one customer, oldest above.

Pages go backwards. The last one is asked for again from where it began, so that what
arrives or changes meanwhile never leaves a gap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from acuerdo.channels.models import Channel
from acuerdo.conversations import beside, states
from acuerdo.conversations.beside import Beside
from acuerdo.conversations.states import Remedy, State
from acuerdo.customers.models import Customer
from acuerdo.interactions import timeline
from acuerdo.interactions.models import Direction, Interaction

# What a page that stays open may grow to; beyond it the oldest fall off until asked for.
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the thread. ``starts_day`` puts a heading before it."""

    row: Interaction
    day: date
    starts_day: bool
    state: State | None
    beside: Beside | None = None

    @property
    def template(self) -> str:
        return f"conversations/thread/_{self.row.kind}.html"

    @property
    def is_incoming(self) -> bool:
        return self.row.direction == Direction.INCOMING

    @property
    def can_be_quoted(self) -> bool:
        """Only where the provider knows the message by a name."""
        message = self.row.message
        return self.row.channel == Channel.WHATSAPP and bool(message.provider_id)

    @property
    def trouble(self) -> str:
        return states.trouble(self.row)

    @property
    def remedy(self) -> Remedy | None:
        return states.remedy(self.row)


@dataclass(frozen=True, slots=True)
class Page:
    """``since`` names the first entry, to ask for this page again; ``before`` the older page."""

    entries: list[Entry]
    since: str
    before: str


def page(customer: Customer, *, zone: str, now: datetime, before: str = "") -> Page:
    """The end of the thread, or the page above ``before``."""
    found = timeline.page(customer, before=before)
    since = timeline.place_of(found.entries[0]) if found.entries else ""
    return Page(list(_entries(found.entries, zone=zone, now=now)), since, found.before)


def again(customer: Customer, *, since: str, zone: str, now: datetime) -> Page:
    """The end of the thread from ``since`` on; the page above was offered already."""
    rows = timeline.since(customer, since, limit=LONGEST)
    return Page(list(_entries(rows, zone=zone, now=now)), since, "")


def _entries(rows: Sequence[Interaction], *, zone: str, now: datetime) -> Iterator[Entry]:
    there = ZoneInfo(zone)
    last: date | None = None
    found = beside.of(rows)
    for row in rows:
        if row.pk in found.hung:
            continue
        day = row.at.astimezone(there).date()
        state = states.of(row, now=now, zone=zone)
        yield Entry(row, day, day != last, state, found.by_id.get(row.pk))
        last = day
