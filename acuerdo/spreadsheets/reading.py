"""Rows of a file that somebody sent, whatever it turns out to be.

The file is opened by another process (``unpacking``); a file that cannot be read is a
``Refusal`` with a sentence that says what to do about it.
"""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets.sheet import Cell

UNPACKING = Path(__file__).with_name("unpacking.py")
EXTENSIONS = ("xlsx", "csv")
MAX_COLUMNS = 150
# Enough for the largest sheet allowed; a hostile one ends here instead of in the server.
CHILD_MEMORY = 2 * 1024**3
CHILD_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: where it is, what it is called, and which worksheet is wanted."""

    path: Path
    extension: str
    worksheet: str = ""
    title: str = ""


def extension_of(filename: str) -> str:
    """``xlsx`` or ``csv``; any other name is refused."""
    extension = filename.rsplit(".", 1)[-1].lower() if "." in filename else ""
    if extension in ("txt", "tsv"):
        return "csv"
    if extension not in EXTENSIONS:
        raise Refusal(
            "bad_extension",
            _("El archivo «%(name)s» no es .xlsx ni .csv. Guárdelo en uno de esos formatos.")
            % {"name": filename[:100]},
            field="upload",
        )
    return extension


def rows(source: Source) -> Iterator[tuple[int, list[Cell]]]:
    """Each row with the number that the spreadsheet program shows beside it.

    Raises Refusal when the file cannot be read, perhaps after some rows.
    """
    with tempfile.TemporaryFile() as complaints:
        child = _start(source, complaints)
        try:
            yield from _follow(child)
        finally:
            child.kill()
            child.wait()
            if child.stdout:
                child.stdout.close()


def _start(source: Source, complaints: IO[bytes]) -> "subprocess.Popen[bytes]":
    options = {
        "path": str(source.path),
        "extension": source.extension,
        "worksheet": source.worksheet,
        "title": source.title,
        "memory": CHILD_MEMORY,
        "seconds": CHILD_SECONDS,
        "unpacked": settings.IMPORT_MAX_UNPACKED_BYTES,
        "rows": settings.IMPORT_MAX_ROWS,
        "columns": MAX_COLUMNS,
    }
    return subprocess.Popen(
        [sys.executable, "-I", str(UNPACKING), json.dumps(options)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env={"LANG": "C.UTF-8"},
    )


def _follow(child: "subprocess.Popen[bytes]") -> Iterator[tuple[int, list[Cell]]]:
    assert child.stdout is not None  # noqa: S101 - it was started with a pipe
    number = 0
    for line in child.stdout:
        document = json.loads(line)
        if isinstance(document, list):
            for row in document:
                yield number, [_cell(cell) if cell.__class__ is list else cell for cell in row]
                number += 1
        elif "error" in document:
            raise _refusal(document)
        elif "end" in document:
            return
        else:
            number = document["first_row"]
    raise _died(child.wait())


def _cell(tagged: list[str]) -> date:
    written = tagged[0]
    if "T" in written:
        return datetime.fromisoformat(written)
    return date.fromisoformat(written)


def _died(code: int) -> Refusal:
    if code == -signal.SIGXCPU:
        return _refusal({"error": "too_slow"})
    return _refusal({"error": "too_big"})


def _refusal(answer: dict[str, Any]) -> Refusal:
    code = answer["error"]
    sentence = _sentences()[code] % {
        key: ", ".join(value) if isinstance(value, list) else value for key, value in answer.items()
    }
    return Refusal(code, sentence, field="upload")


def _sentences() -> dict[str, str]:
    return {
        "empty": _("El archivo está vacío."),
        "empty_sheet": _("La hoja «%(sheet)s» está vacía."),
        "no_sheets": _("El libro no tiene hojas."),
        "no_such_sheet": _("El libro no tiene la hoja «%(wanted)s». Tiene: %(sheets)s."),
        "locked": _("El archivo tiene contraseña. Guárdelo sin ella y cárguelo otra vez."),
        "old_xls": _("El archivo es de un Excel antiguo (.xls). Guárdelo como .xlsx."),
        "not_xlsx": _("El archivo se llama .xlsx pero no es un libro de Excel."),
        "not_csv": _("El archivo se llama .csv pero no es texto. Si es de Excel, use .xlsx."),
        "other_zip": _("El archivo es un zip con otro nombre, no un libro de Excel."),
        "broken": _("El archivo está dañado. Ábralo en Excel, guárdelo y cárguelo otra vez."),
        "broken_line": _("La línea %(line)s del archivo no se puede leer: revise sus comillas."),
        "bomb": _("El archivo ocupa demasiado una vez descomprimido. Divídalo en partes."),
        "too_big": _("El archivo es demasiado grande para leerlo. Divídalo o guárdelo como .csv."),
        "too_slow": _("El archivo tarda demasiado en leerse. Divídalo o guárdelo como .csv."),
        "too_many_rows": _(
            "La hoja llega hasta la fila %(rows)s y el máximo es %(most)s. "
            "Divida el archivo, o borre las filas vacías del final."
        ),
        "too_many_columns": _(
            "La hoja tiene %(columns)s columnas y el máximo es %(most)s. "
            "Deje solo las que se cargan."
        ),
        "formula_without_value": _(
            "La celda %(cell)s tiene una fórmula sin valor guardado. "
            "Abra el archivo en Excel, guárdelo y cárguelo otra vez."
        ),
    }
