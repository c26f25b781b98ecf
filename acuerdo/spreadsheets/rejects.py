"""The workbook of what did not go in: row, column, value, reason, remedy and the row itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rustpy_xlsxwriter
from django.utils.translation import gettext as _

from acuerdo.spreadsheets.cells import as_text
from acuerdo.spreadsheets.mapping import Plan
from acuerdo.spreadsheets.rows import Fault, Table
from acuerdo.spreadsheets.sheet import Cell, ImportSheet

SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Reject:
    """A fault with the cell it is about, as the person wrote it."""

    row: int
    key: str
    column: str
    value: str
    reason: str
    remedy: str
    cells: list[Cell]


def match(table: Table, faults: Iterator[Fault], sheet: ImportSheet) -> Iterator[Reject]:
    """Pair each fault with its row; both come in the order of the file."""
    rows = iter(table.rows)
    number, cells = 0, list[Cell]()
    key = _place(table.plan, sheet.identity_column)
    for fault in faults:
        while number < fault.row:
            number, cells = next(rows)
        place = _place(table.plan, fault.column)
        column = sheet.column(fault.column)
        header = str(column.header) if column else fault.column
        yield Reject(
            row=number,
            key=as_text(cells[key]) if key is not None else "",
            column=header if place is None else table.plan.headers[place],
            value=as_text(cells[place]) if place is not None else "",
            reason=fault.reason,
            remedy=fault.remedy,
            cells=cells,
        )


def write(path: Path, rejects: Iterator[Reject], plan: Plan) -> list[dict[str, Any]]:
    """Stream the workbook to ``path``; answers the first rejects, for the screen."""
    sample: list[dict[str, Any]] = []
    headers = _distinct(plan.headers)

    def records() -> Iterator[dict[str, Any]]:
        for reject in rejects:
            if len(sample) < SAMPLE:
                sample.append(_shown(reject))
            yield {
                _("Fila"): reject.row,
                _("Columna"): reject.column,
                _("Valor"): reject.value,
                _("Motivo"): reject.reason,
                _("Remedio"): reject.remedy,
                **{name: as_text(cell) for name, cell in zip(headers, reject.cells, strict=False)},
            }

    rustpy_xlsxwriter.write_worksheet(
        records(),
        str(path),
        sheet_name=_("Rechazadas"),
        bold_headers=True,
        freeze_row=1,
        column_widths={
            _("Fila"): 8,
            _("Columna"): 22,
            _("Valor"): 24,
            _("Motivo"): 48,
            _("Remedio"): 48,
        },
    )
    return sample


def _shown(reject: Reject) -> dict[str, Any]:
    return {
        "row": reject.row,
        "key": reject.key[:80],
        "column": reject.column,
        "value": reject.value[:80],
        "reason": reject.reason,
        "remedy": reject.remedy,
    }


def _place(plan: Plan, column: str) -> int | None:
    return next((place for taken, place in plan.taken if taken.name == column), None)


def _distinct(headers: tuple[str, ...]) -> list[str]:
    """Headers as keys of a record: none empty, none twice, none of ours."""
    taken = {_("Fila"), _("Columna"), _("Valor"), _("Motivo"), _("Remedio")}
    names: list[str] = []
    for place, header in enumerate(headers, 1):
        name = header or f"({place})"
        while name in taken:
            name += " *"
        taken.add(name)
        names.append(name)
    return names
