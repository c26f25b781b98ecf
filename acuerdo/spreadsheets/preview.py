"""The first lines of a file, so that a person can say which column is which."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from acuerdo.spreadsheets import mapping, reading
from acuerdo.spreadsheets.cells import as_text, is_empty
from acuerdo.spreadsheets.models import ImportRun
from acuerdo.spreadsheets.sheet import Cell, ImportSheet

SAMPLE = 40


@dataclass(frozen=True)
class Head:
    """One column of the file: its header and the first value below it."""

    header: str
    sample: str


def heads(run: ImportRun, sheet: ImportSheet) -> list[Head]:
    """The named columns of ``run``'s file; raises Refusal when it cannot be read."""
    source = reading.Source(Path(run.file.path), reading.extension_of(run.filename))
    with_cells = (cells for _number, cells in reading.rows(source) if not all(map(is_empty, cells)))
    lines = list(islice(with_cells, mapping.HEADER_WITHIN + 1))
    at = next((at for at, cells in enumerate(lines) if mapping.is_header(cells, sheet, None)), None)
    start = at if at is not None else _widest(lines)
    header = lines[start] if lines else []
    below = lines[start + 1] if len(lines) > start + 1 else []
    return [
        Head(name, as_text(below[place])[:SAMPLE] if place < len(below) else "")
        for place, cell in enumerate(header)
        if (name := as_text(cell).strip())
    ]


def _widest(lines: list[list[Cell]]) -> int:
    """A title has one filled cell; the line of headers has the most."""
    filled = [sum(not is_empty(cell) for cell in cells) for cells in lines]
    return filled.index(max(filled)) if filled else 0
