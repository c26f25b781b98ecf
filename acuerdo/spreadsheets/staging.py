"""The tables of a run: cleaned rows as they were read, then what each would do.

The raw rows and their faults live in temporary tables of the connection that checks the
file. The stage outlives it, because a run is confirmed later and resumed after a crash.
"""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import Any, Literal

from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from acuerdo.spreadsheets.models import ImportRun
from acuerdo.spreadsheets.rows import Fault
from acuerdo.spreadsheets.sheet import ImportSheet, Stage, Terms

RAW, FAULTS = "import_raw", "import_faults"
Repeats = Literal["reject", "identical", "last"]


@dataclass(frozen=True, slots=True)
class Counts:
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    rejected: int = 0


def table_of(run: ImportRun) -> str:
    return f"import_stage_{run.pk}"


def exists(run: ImportRun) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table_of(run)])
        return bool(cursor.fetchone()[0])


def drop(run: ImportRun) -> None:
    _run(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table_of(run))))


def begin(sheet: ImportSheet) -> None:
    """Empty temporary tables for a file of ``sheet``."""
    forget()
    columns = [("row", "integer"), *sheet.stage, ("custom", "jsonb")]
    listed = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns
    )
    _run(sql.SQL("CREATE TEMP TABLE {} ({})").format(sql.Identifier(RAW), listed))
    _run(
        sql.SQL("CREATE TEMP TABLE {} (row integer, col text, reason text, remedy text)").format(
            sql.Identifier(FAULTS)
        )
    )


def forget() -> None:
    _run(sql.SQL("DROP TABLE IF EXISTS pg_temp.import_raw, pg_temp.import_faults"))


def add(rows: list[list[Any]], faults: list[Fault]) -> None:
    _copy(RAW, rows)
    _copy(FAULTS, (astuple(fault) for fault in faults))


def _copy(table: str, rows: Iterable[Any]) -> None:
    statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def settle_repeats(sheet: ImportSheet, repeats: Repeats) -> int:
    """Leave one row of each identity; the others are faults or, where asked, just gone.

    Answers how many rows went without being a fault.
    """
    _run(sql.SQL("ANALYZE {}").format(sql.Identifier(RAW)))
    keys = sql.SQL(", ").join(map(sql.Identifier, sheet.identity))
    keep = sql.SQL("max" if repeats == "last" else "min")
    _run(
        sql.SQL(
            "CREATE TEMP TABLE import_repeats AS"
            " SELECT r.row, g.kept, (to_jsonb(r) - 'row') = (to_jsonb(k) - 'row') AS same"
            " FROM (SELECT {keys}, {keep}(row) AS kept FROM {raw} GROUP BY {keys}"
            "       HAVING count(*) > 1) g"
            " JOIN {raw} r USING ({keys}) JOIN {raw} k ON k.row = g.kept WHERE r.row <> g.kept"
        ).format(keys=keys, keep=keep, raw=sql.Identifier(RAW))
    )
    try:
        return _remove_repeats(sheet, repeats)
    finally:
        _run(sql.SQL("DROP TABLE pg_temp.import_repeats"))


def _remove_repeats(sheet: ImportSheet, repeats: Repeats) -> int:
    wrong = {"reject": "true", "identical": "NOT same", "last": "false"}[repeats]
    _run(
        sql.SQL(
            "INSERT INTO {faults} SELECT row, %s, format(%s, kept), %s FROM import_repeats"
            " WHERE {wrong}"
        ).format(faults=sql.Identifier(FAULTS), wrong=sql.SQL(wrong)),
        [
            sheet.identity_column,
            _("Repetida: es la misma clave que la fila %s"),
            _("Deje una sola fila, o cargue con la opción de repetidas"),
        ],
    )
    removed = _run(
        sql.SQL("DELETE FROM {} r USING import_repeats p WHERE p.row = r.row").format(
            sql.Identifier(RAW)
        )
    )
    count = sql.SQL("SELECT count(*) FROM import_repeats WHERE {}").format(sql.SQL(wrong))
    return removed - int(_one(count))


def classify(run: ImportRun, sheet: ImportSheet, terms: Terms) -> Counts:
    """Make the stage: every good row with its outcome against what is stored now."""
    drop(run)
    table = sql.Identifier(table_of(run))
    query = sheet.classify(Stage(RAW, table_of(run), terms))
    _run(sql.SQL("CREATE TABLE {} AS ").format(table) + sql.SQL(query))
    _fault_problems(run, sheet)
    _run(sql.SQL("DELETE FROM {} WHERE problem IS NOT NULL").format(table))
    _run(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (row)").format(table))
    _run(sql.SQL("ANALYZE {}").format(table))
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT outcome, count(*) FROM {} GROUP BY outcome").format(table))
        found = dict(cursor.fetchall())
    return Counts(
        **found,
        rejected=_one(sql.SQL("SELECT count(DISTINCT row) FROM {}").format(sql.Identifier(FAULTS))),
    )


def _fault_problems(run: ImportRun, sheet: ImportSheet) -> None:
    statement = sql.SQL("INSERT INTO {} SELECT row, %s, %s, %s FROM {} WHERE problem = %s").format(
        sql.Identifier(FAULTS), sql.Identifier(table_of(run))
    )
    for key, problem in sheet.problems.items():
        _run(statement, [problem.column, str(problem.reason), str(problem.remedy), key])


def faults() -> Iterator[Fault]:
    """Every fault in the order of the file, read as it is asked for."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT row, col, reason, remedy FROM {FAULTS} ORDER BY row")
        for row in cursor:
            yield Fault(*row)


def fault_counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT reason, count(*) FROM {FAULTS} GROUP BY reason ORDER BY count(*) DESC LIMIT 20"
        )
        return dict(cursor.fetchall())


def next_bound(run: ImportRun, size: int) -> int | None:
    """The last row of the next ``size`` rows to write after the run's cursor."""
    statement = sql.SQL(
        "SELECT max(row) FROM (SELECT row FROM {} WHERE row > %s AND outcome <> 'unchanged'"
        " ORDER BY row LIMIT %s) next"
    ).format(sql.Identifier(table_of(run)))
    bound = _one(statement, [run.applied_rows, size])
    return None if bound is None else int(bound)


def _run(statement: sql.Composable, parameters: list[Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def _one(statement: sql.Composable, parameters: list[Any] | None = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]
