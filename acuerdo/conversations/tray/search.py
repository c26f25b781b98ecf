"""What is typed in the box of the list: who is meant, and which messages and notes say it."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchVector
from django.db.models import BigIntegerField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Left
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from acuerdo.conversations.models import BATCH, LONGEST_INDEXED, TOGETHER, WORDS, Message
from acuerdo.conversations.note_models import Note
from acuerdo.conversations.team import notes as written
from acuerdo.customers.filters import matching
from acuerdo.customers.models import Customer, CustomerStatus
from acuerdo.interactions.models import Kind
from acuerdo.ledger.models import Debt
from acuerdo.organization.access import scope
from acuerdo.organization.models import User
from acuerdo.primitives import clock

MOST_HITS = 10
# Two letters begin half of all words.
SHORTEST = 3
SHORTEST_CODE = 3
_MARKS = ("\x02", "\x03")
# How many batches back the words are looked for, before they are looked for everywhere: what all
# say is found among the newest, and what few say is not much in the whole.
REACH = (4, 200)


def people(text: str) -> QuerySet[Customer, Any]:
    """The ids of whom ``text`` names: by name, document, phone, e-mail or the code of a debt."""
    found = Customer.objects.filter(matching(text)).values("pk")
    code = text.strip()
    if len(code) < SHORTEST_CODE or not any(char.isdigit() for char in code):
        return found
    spelled = Q(code__startswith=code) | Q(code__startswith=code.upper())
    # A union of ids, because an OR over two tables would read the whole of the first.
    codes: QuerySet[Any, Any] = Debt.objects.filter(spelled).values("customer_id")
    return found.union(codes)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that says it; ``snippet`` is marked up and safe."""

    message: Message
    snippet: SafeString


def messages(user: User, text: str) -> list[Hit]:
    """The latest that ``user`` may read, of those that a person wrote: templates say it to all."""
    rows = saying(user, text)
    return [] if rows is None else [Hit(row, _marked(row.snippet)) for row in _nearest(rows)]


def saying(user: User, text: str) -> QuerySet[Any, Any] | None:
    """The messages with the words of ``text``; None when there are too few of them to ask."""
    query = _query(text)
    if query is None:
        return None
    words = SearchVector(Left("body", LONGEST_INDEXED), config=WORDS)
    rows = Message.objects.annotate(words=words, batch=BATCH)
    rows = rows.filter(words=query, template_version=None, interaction__kind=Kind.MESSAGE)
    return _latest(rows, user, query)


def since_batch(rows: QuerySet[Any, Any], batch: int) -> QuerySet[Any, Any]:
    # The index knows batches as big integers only.
    return rows.filter(batch__gte=Cast(Value(batch), BigIntegerField()))


def _nearest(rows: QuerySet[Any, Any]) -> list[Any]:
    """In few statements, whatever there is to look through."""
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for reach in REACH:
        found = list(since_batch(rows, newest // TOGETHER - reach + 1)[:MOST_HITS])
        if len(found) == MOST_HITS:
            return found
    return list(rows[:MOST_HITS])


@dataclass(frozen=True, slots=True)
class NoteHit:
    """A note that says it, and the day of the thread on which it stands."""

    note: Note
    snippet: SafeString
    day: date


def notes(user: User, text: str, *, zone: str) -> list[NoteHit]:
    """The latest that ``user`` may read; a word may be written in part and without its accents."""
    query = _query(text)
    if query is None:
        return []
    found = written.saying(text).select_related("author")
    return [
        NoteHit(row, _marked(row.snippet), clock.date_in(zone, row.interaction.at))
        for row in _latest(found, user, query)[:MOST_HITS]
    ]


def _latest(rows: QuerySet[Any, Any], user: User, query: SearchQuery) -> QuerySet[Any, Any]:
    """Of those in reach, with the customer and the words around what was found."""
    shown = SearchHeadline(
        Left("body", LONGEST_INDEXED), query, config=WORDS,
        start_sel=_MARKS[0], stop_sel=_MARKS[1], max_words=16, min_words=8,
    )  # fmt: skip
    rows = rows.filter(scope(user).condition("interaction__customer__"))
    rows = rows.exclude(interaction__customer__status=CustomerStatus.DELETED)
    rows = rows.select_related("interaction__customer").annotate(snippet=shown)
    # Not by the bare key: for a rare word the planner would walk all rows from the latest.
    return rows.order_by((F("pk") + 0).desc())


def _query(text: str) -> SearchQuery | None:
    """Every word, the last one perhaps not finished."""
    words = re.findall(r"\w+", text)
    if not words or len("".join(words)) < SHORTEST:
        return None
    told = " & ".join(f"'{word}'" for word in words)
    return SearchQuery(f"{told}:*", config=WORDS, search_type="raw")


def _marked(snippet: str) -> SafeString:
    text = escape(snippet)
    # Escaped above; only the two marks become markup.
    return mark_safe(text.replace(_MARKS[0], "<mark>").replace(_MARKS[1], "</mark>"))  # noqa: S308
