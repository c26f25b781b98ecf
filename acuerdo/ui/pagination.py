"""Pages that never count and never skip rows: a place in a list is the last (value, id) seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model, Q, QuerySet
from django.http import QueryDict

Row = TypeVar("Row", bound=Model)

PAGE_SIZE = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    next: str
    previous: str

    @property
    def is_whole(self) -> bool:
        return not (self.next or self.previous)


def paginate(
    queryset: QuerySet[Row],
    params: QueryDict | dict[str, str],
    *,
    by: str,
    descending: bool = True,
    size: int = PAGE_SIZE,
) -> Page[Row]:
    """The page that `after` or `before` in params names; a cursor that is not ours gives the first.

    `by` is a column that is never null (relations with __ may be crossed); ties are told apart by id.
    """
    backwards = bool(params.get("before"))
    token = str(params.get("before") or params.get("after") or "")
    place = _read(queryset, by, token)
    backwards = backwards and place is not None
    falling = descending != backwards
    if place is not None:
        queryset = queryset.filter(_beyond(by, place, falling=falling))
    sign = "-" if falling else ""
    rows = list(queryset.order_by(f"{sign}{by}", f"{sign}pk")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next = backwards or more
    has_previous = more if backwards else place is not None
    return Page(
        rows=rows,
        next=_write(rows[-1], by) if rows and has_next else "",
        previous=_write(rows[0], by) if rows and has_previous else "",
    )


def _beyond(by: str, place: tuple[Any, Any], *, falling: bool) -> Q:
    value, pk = place
    side = "lt" if falling else "gt"
    # Said this way round the index on (by, id) bounds the scan; a bare OR would not.
    return Q(**{f"{by}__{side}e": value}) & (
        Q(**{f"{by}__{side}": value}) | Q(**{f"pk__{side}": pk})
    )


def _write(row: Model, by: str) -> str:
    value: Any = row
    for part in by.split("__"):
        value = getattr(value, part)
    text = value.isoformat() if isinstance(value, date | datetime) else str(value)
    return signing.dumps([text, str(row.pk)], salt=_salt(type(row), by))


def _read(queryset: QuerySet[Row], by: str, token: str) -> tuple[Any, Any] | None:
    # Signed, so that nobody's own values reach the database, nor another list's.
    try:
        text, pk = signing.loads(token, salt=_salt(queryset.model, by))
    except signing.BadSignature:
        return None
    return _field(queryset.model, by).to_python(text), queryset.model._meta.pk.to_python(pk)


def _salt(model: type[Model], by: str) -> str:
    return f"page:{model._meta.label_lower}:{by}"


def _field(model: type[Model], by: str) -> Field[Any, Any]:
    field: Any = None
    for part in by.split("__"):
        field = model._meta.get_field(part)
        if field.is_relation:
            model = field.related_model
    if field is None or field.is_relation:
        raise FieldDoesNotExist(f"{by} is no plain column")
    found: Field[Any, Any] = field
    return found
