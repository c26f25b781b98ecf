"""The thread: every message, call, note and fact of one customer, oldest above.

Pages go backwards, or forwards from a day. The last one is asked for again from where it
began, so that what arrives or changes meanwhile never leaves a gap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict

from acuerdo.channels.models import Channel
from acuerdo.conversations.composer import challenge
from acuerdo.conversations.sending import states
from acuerdo.conversations.sending.states import Remedy, State
from acuerdo.conversations.timeline import beside
from acuerdo.conversations.timeline.beside import Beside, NoteBeside
from acuerdo.customers import zones
from acuerdo.customers.models import Customer
from acuerdo.interactions import timeline
from acuerdo.interactions.models import Direction, Interaction, Kind
from acuerdo.interactions.timeline import GROUPS, TimelinePage
from acuerdo.primitives import clock
from acuerdo.ui import filtering

# What a page that stays open may grow to; beyond it the oldest fall off until asked for.
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks of the thread: some kinds alone, a day to begin at, or another page."""

    kinds: tuple[str, ...] = ()
    day: date | None = None
    before: str = ""
    after: str = ""

    @classmethod
    def parse(cls, query: QueryDict) -> "Wanted":
        return cls(
            known(query.getlist("hilo")),
            filtering.day(query, "dia"),
            query.get("before", ""),
            query.get("after", ""),
        )

    @property
    def query(self) -> str:
        """The kinds, for the addresses of other pages of the same thread."""
        return "".join(f"&hilo={kind}" for kind in self.kinds)

    @property
    def groups(self) -> list["Choice"]:
        return [
            Choice(kind, group, kind in self.kinds, self._without(kind))
            for kind, group in GROUPS.items()
        ]

    def _without(self, kind: str) -> str:
        return "".join(f"&hilo={each}" for each in self.kinds if each != kind)


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind in the menu; ``without`` is the address' query once it is taken away."""

    kind: str
    group: timeline.Group
    is_chosen: bool
    without: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the thread. ``starts_day`` puts a heading before it.

    ``agreed`` is the hour of a call that was promised to a customer who lives by another clock.
    """

    row: Interaction
    day: date
    starts_day: bool
    state: State | None
    beside: Beside | None = None
    note: NoteBeside | None = None
    agreed: str = ""

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
    """``since`` asks for this page again, ``before`` and ``after`` for its neighbours.

    ``is_end``: what arrives belongs below it. ``missed`` is the day that was asked for, where
    nothing happened on it. ``seen`` is how far a send from this page has read; see ``challenge``.
    ``kinds`` are the only ones that it shows. ``land`` is the day to begin reading at: the one
    that was asked for, or the next with something on it.
    """

    entries: list[Entry]
    since: str = ""
    before: str = ""
    after: str = ""
    is_end: bool = True
    missed: date | None = None
    seen: int = 0
    kinds: Sequence[str] = ()
    land: date | None = None


def page(customer: Customer, *, zone: str, now: datetime, wanted: Wanted | None = None) -> Page:
    """The end of the thread, or the page that ``wanted`` names."""
    wanted, seen = wanted or Wanted(), challenge.newest(customer)
    found = _page(customer, wanted, zone=zone)
    entries = list(_entries(found.entries, customer, zone=zone, now=now))
    since = _token(timeline.place_of(found.entries[0]) if found.entries else "", wanted.kinds)
    is_end = not (wanted.before or found.after)
    is_there = wanted.day is None or any(entry.day == wanted.day for entry in entries)
    missed = None if is_there or wanted.before or wanted.after else wanted.day
    return Page(
        entries,
        since,
        found.before,
        found.after,
        is_end,
        missed,
        seen,
        wanted.kinds,
        land=_first_from(wanted.day, entries),
    )


def _first_from(day: date | None, entries: Sequence[Entry]) -> date | None:
    days = (entry.day for entry in entries)
    return next((each for each in days if each >= day), None) if day else None


def _page(customer: Customer, wanted: Wanted, *, zone: str) -> TimelinePage:
    if wanted.after:
        return timeline.newer(customer, after=wanted.after, kinds=wanted.kinds)
    if wanted.day and not wanted.before:
        begin = clock.midnight(wanted.day, zone)
        found = timeline.begun_at(customer, at=begin, kinds=wanted.kinds)
        if found.entries:
            return found
    return timeline.page(customer, before=wanted.before, kinds=wanted.kinds)


def again(customer: Customer, *, since: str, zone: str, now: datetime, seen: int = 0) -> Page:
    """The end of the thread from ``since`` on; the page above was offered already.

    A page that leaves the messages out has read no further than ``seen``, where it was before.
    """
    place, kinds = _read(since)
    if not kinds or {"mensajes", "llamadas"} <= set(kinds):
        seen = challenge.newest(customer)
    rows = timeline.since(customer, place, limit=LONGEST, kinds=kinds)
    entries = list(_entries(rows, customer, zone=zone, now=now))
    return Page(entries, _token(place, kinds), seen=seen, kinds=kinds)


def alone(row: Interaction, *, zone: str, now: datetime) -> Entry:
    """An entry by itself, with what hangs on it."""
    found, day = beside.of([row]), row.at.astimezone(ZoneInfo(zone)).date()
    state = states.of(row, now=now, zone=zone)
    return Entry(row, day, True, state, found.by_id.get(row.pk), found.notes.get(row.pk))


def known(kinds: Sequence[str]) -> tuple[str, ...]:
    return tuple(kind for kind in GROUPS if kind in kinds)


def _token(place: str, kinds: Sequence[str]) -> str:
    """Where a page began and what it shows, in one value: whatever includes it keeps both."""
    return f"{place}~~{'.'.join(kinds)}" if kinds else place


def _read(since: str) -> tuple[str, tuple[str, ...]]:
    place, _tildes, kinds = since.partition("~~")
    return place, known(kinds.split("."))


def _entries(
    rows: Sequence[Interaction], customer: Customer, *, zone: str, now: datetime
) -> Iterator[Entry]:
    there = ZoneInfo(zone)
    last: date | None = None
    found = beside.of(rows)
    for row in rows:
        if row.pk in found.hung:
            continue
        day = row.at.astimezone(there).date()
        state = states.of(row, now=now, zone=zone)
        hangs, noted = found.by_id.get(row.pk), found.notes.get(row.pk)
        promised = row.call.due_at if row.kind == Kind.CALL else None
        agreed = zones.hour_in_both(customer, promised, ours=zone) if promised else ""
        yield Entry(row, day, day != last, state, hangs, noted, agreed)
        last = day
