"""What a file may carry: its columns, when two rows are the same, and where the rows go.

Each app declares the sheets of its nouns in ``<app>/sheets.py``; this package runs them
without knowing any of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from django.conf import settings as django_settings
from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.utils import translation

from acuerdo.organization.models import Organization, User

if TYPE_CHECKING:
    # Known to the stubs only: what gettext_lazy answers.
    from django.utils.functional import _StrPromise

Cell: TypeAlias = str | int | float | bool | date | None
Values: TypeAlias = dict[str, Any]
# Words for a person, perhaps translated only when shown.
Words: TypeAlias = "str | _StrPromise"


class BadCell(Exception):  # noqa: N818 - it is an answer about one cell, not an error of ours
    """A cell that cannot go in. ``column`` is filled where the cleaner does not know it."""

    def __init__(self, reason: str, remedy: str, *, column: str = "") -> None:
        super().__init__(reason)
        self.reason = str(reason)
        self.remedy = str(remedy)
        self.column = column


@dataclass(frozen=True, slots=True)
class Form:
    """How this file writes dates and amounts; empty means: recognise it."""

    date_format: str = ""
    decimal: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``clean`` gets a cell that is not empty, and answers or raises BadCell."""

    name: str
    header: str
    clean: Callable[[Cell, Form], Any]
    help: Words
    example: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """Under whose rights and in what organisation a file is read.

    ``portfolios`` is None when every portfolio may be touched.
    """

    organization: Organization
    portfolios: frozenset[int] | None
    by: User | None
    at: datetime
    on: date


@dataclass(frozen=True, slots=True)
class Stage:
    """The tables of one run: ``raw`` holds the cleaned rows, ``table`` what becomes of each."""

    raw: str
    table: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Chunk:
    """The rows of ``table`` with ``after < row <= upto`` whose outcome is new or changed."""

    table: str
    after: int
    upto: int
    by: User | None
    at: datetime
    on: date


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row that reads well is turned down when compared with what is stored."""

    column: str
    reason: Words
    remedy: Words


@dataclass(frozen=True)
class ImportSheet:
    """A kind of file that comes in.

    ``stage`` names the columns of the raw table with their database types (``row`` and
    ``custom`` are added). ``finish`` is made once per run from its Terms and turns the
    cleaned values of a row into the stage's values, in its order, or raises BadCell.
    ``classify`` answers a SELECT over ``raw`` that adds ``outcome`` (new, changed,
    unchanged) and ``problem`` (NULL, or a key of ``problems``). ``identity_column``
    is the column named when two rows of a file are the same. ``apply`` writes one
    chunk inside the caller's transaction and can be run twice.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    stage: tuple[tuple[str, str], ...]
    identity: tuple[str, ...]
    finish: Callable[[Terms], Callable[[Values], Sequence[Any]]]
    classify: Callable[[Stage], str]
    apply: Callable[[Chunk], None]
    event: str
    identity_column: str
    problems: Mapping[str, Problem] = field(default_factory=dict)
    declare_custom: Callable[[Mapping[str, str]], None] | None = None

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


Kind: TypeAlias = Literal["text", "amount", "integer", "date", "moment"]


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of a file that goes out; ``value`` is a field path or an expression."""

    header: str
    value: str | Combinable
    kind: Kind = "text"
    width: int = 18


@dataclass(frozen=True)
class ExportSheet:
    """A kind of file that goes out: the rows a user may reach, in the page's own order."""

    name: str
    title: str
    columns: tuple[ExportColumn, ...]
    rows: Callable[[Mapping[str, Any], User], QuerySet[Any]]


def labelled(path: str, choices: Iterable[tuple[Any, Any]]) -> Case:
    """The words that the screen shows for the codes in ``path``; another code as it is.

    In the language of files, whoever happens to be the first to ask for the sheet.
    """
    with translation.override(django_settings.LANGUAGE_CODE):
        words = [(code, str(label)) for code, label in choices if code]
    return Case(
        *[When(**{path: code}, then=Value(word)) for code, word in words],
        default=F(path),
        output_field=CharField(),
    )
