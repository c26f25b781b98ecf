"""A row of the file becomes a row of the stage, or the list of what is wrong with it."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets import mapping, reading
from acuerdo.spreadsheets.cells import as_text, is_empty
from acuerdo.spreadsheets.mapping import Plan, Spec
from acuerdo.spreadsheets.sheet import BadCell, Cell, ImportSheet, Values


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell of one row; ``column`` is our name for it."""

    row: int
    column: str
    reason: str
    remedy: str


class BadRow(Exception):  # noqa: N818 - it is an answer about a row of somebody's file
    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(len(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file: how its columns are taken, and its rows that are not empty."""

    plan: Plan
    rows: Iterator[tuple[int, list[Cell]]]


def open_table(source: reading.Source, sheet: ImportSheet, spec: Spec | None) -> Table:
    """Find the line of headers and leave the rows below it to be read."""
    rows = reading.rows(source)
    first: list[Cell] = []
    for seen, (_number, cells) in enumerate(rows):
        if all(map(is_empty, cells)):
            continue
        first = first or cells
        if mapping.is_header(cells, sheet, spec):
            first = cells
            break
        if seen >= mapping.HEADER_WITHIN:
            break
    if not first:
        raise Refusal("empty", _("El archivo no tiene ninguna fila."), field="upload")
    plan = mapping.plan(first, sheet, spec)
    return Table(plan, _filled(rows, len(plan.headers)))


def _filled(rows: Iterator[tuple[int, list[Cell]]], width: int) -> Iterator[tuple[int, list[Cell]]]:
    for number, cells in rows:
        if len(cells) < width:
            cells.extend([None] * (width - len(cells)))
        if not all(map(is_empty, cells)):
            yield number, cells


def is_skipped(plan: Plan, cells: list[Cell]) -> bool:
    return any(is_empty(cells[place]) for place in plan.skip)


def clean(
    number: int, cells: list[Cell], plan: Plan, finish: Callable[[Values], Sequence[Any]]
) -> list[Any]:
    """The row as the stage keeps it: its number, the sheet's values, custom fields as JSON."""
    values: Values = dict(plan.constants)
    faults: list[Fault] = []
    for name, place, clean_cell in plan.cleaners:
        cell = cells[place]
        if cell is None or cell == "" or (isinstance(cell, str) and cell.isspace()):
            continue
        try:
            values[name] = clean_cell(cell)
        except BadCell as bad:
            faults.append(Fault(number, name, bad.reason, bad.remedy))
    for column in plan.required:
        if column.name not in values and not any(f.column == column.name for f in faults):
            faults.append(_empty(number, column.name))
    if faults:
        raise BadRow(faults)
    try:
        return [number, *finish(values), _custom(cells, plan)]
    except BadCell as bad:
        fault = Fault(number, bad.column, bad.reason, bad.remedy)
        raise BadRow([fault]) from bad


def _empty(number: int, column: str) -> Fault:
    return Fault(number, column, _("La celda está vacía"), _("Complete el dato"))


def _custom(cells: list[Cell], plan: Plan) -> str | None:
    if not plan.custom:
        return None
    found = {
        key: as_text(cells[place])[:500] for key, place in plan.custom if not is_empty(cells[place])
    }
    return json.dumps(found, ensure_ascii=False) if found else None
