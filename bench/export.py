"""The register taken out: csv against one COPY of the same join, xlsx against XlsxWriter.

The floors read the stored codes as they are, neutralise no formula and ask for nobody's
rights. Each variant runs in a process of its own, in turns.
"""

import json
import resource
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import django
from django.db import connection

ROUNDS = 3
AT = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)
SELECT = """
SELECT i.at, c.first_name || ' ' || c.last_name, c.document_type, c.document_number, i.channel,
    i.direction, i.status, i.fact, i.origin, i.source, i.template, i.recipient, i.summary,
    i.reason_text, i.amount, i.currency, p.name, a.name, u.name, i.sent_at
FROM interactions_interaction i
JOIN customers_customer c ON c.id = i.customer_id
LEFT JOIN organization_portfolio p ON p.id = i.portfolio_id
LEFT JOIN organization_user a ON a.id = i.adviser_id
LEFT JOIN organization_user u ON u.id = i.by_id
WHERE i.kind <> 'note' ORDER BY i.at DESC, i.id DESC
"""


def main(customers: int) -> dict[str, Any]:
    portfolio = __import__("bench.portfolio", fromlist=["portfolio"])
    portfolio.lay(customers, at=AT, today=date(2026, 6, 10))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE organization_user SET role = 'administrator' WHERE id ="
                       " (SELECT min(id) FROM organization_user)")  # fmt: skip
    found: dict[str, list[dict[str, float]]] = {name: [] for name in VARIANTS}
    with TemporaryDirectory() as folder:
        for _round in range(ROUNDS):
            for name in VARIANTS:
                found[name].append(measured(name, Path(folder) / name))
    rates = {
        name: round(median(run["rows"] / run["seconds"] for run in runs))
        for name, runs in found.items()
    }
    rows = {run["rows"] for runs in found.values() for run in runs}
    assert len(rows) == 1, rows
    return {
        "bench": "export",
        "customers": customers,
        "ours": rates["csv"],
        "floor": rates["copy"],
        "unit": "rows/s",
        "ratio": round(rates["csv"] / rates["copy"], 3),
        "rows": rows.pop(),
        "xlsx_ours": rates["xlsx"],
        "xlsx_floor": rates["xlsxwriter"],
        "xlsx_ratio": round(rates["xlsx"] / rates["xlsxwriter"], 3),
        "first_byte_ms": round(median(run["first_ms"] for run in found["csv"])),
        "peak_mb": max(run["peak_mb"] for run in found["csv"] + found["xlsx"]),
    }


def measured(name: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.export", name, str(path)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def _parts() -> tuple[Any, Any, Any]:
    writing = __import__("acuerdo.spreadsheets.writing", fromlist=["writing"])
    registry = __import__("acuerdo.spreadsheets.registry", fromlist=["registry"])
    models = __import__("acuerdo.organization.models", fromlist=["models"])
    by = models.User.objects.get(role="administrator")
    return writing, registry.export_sheet("interactions"), by


def csv(path: Path) -> dict[str, float]:
    writing, sheet, by = _parts()
    started = time.perf_counter()
    first = 0.0
    lines = 0
    with path.open("wb") as file:
        for place, block in enumerate(writing.csv(sheet, {}, by=by)):
            # The mark comes at once; what counts is the first block of the database.
            if place == 1:
                first = time.perf_counter() - started
            file.write(block)
            lines += block.count(b"\n")
    return {"rows": lines - 1, "seconds": time.perf_counter() - started, "first_ms": first * 1000}


def copy(path: Path) -> dict[str, float]:
    started = time.perf_counter()
    with path.open("wb") as file, connection.cursor() as cursor:
        with cursor.copy(f"COPY ({SELECT}) TO STDOUT (FORMAT csv)") as blocks:
            for block in blocks:
                file.write(block)
        rows = cursor.rowcount
    return {"rows": rows, "seconds": time.perf_counter() - started}


def xlsx(path: Path) -> dict[str, float]:
    writing, sheet, by = _parts()
    started = time.perf_counter()
    target = path.with_suffix(".xlsx")
    rows = writing.write_xlsx(target, sheet, {}, by=by)
    return {"rows": rows, "seconds": time.perf_counter() - started}


def xlsxwriter(path: Path) -> dict[str, float]:
    writer = __import__("xlsxwriter")
    started = time.perf_counter()
    options = {"constant_memory": True, "remove_timezone": True, "strings_to_formulas": False}
    rows = 0
    with writer.Workbook(str(path.with_suffix(".xlsx")), options) as book:
        page = book.add_worksheet()
        with connection.chunked_cursor() as cursor:
            cursor.execute(SELECT)
            for rows, row in enumerate(cursor, 1):
                page.write_row(rows, 0, row)
    return {"rows": rows, "seconds": time.perf_counter() - started}


VARIANTS = {"copy": copy, "csv": csv, "xlsxwriter": xlsxwriter, "xlsx": xlsx}


if __name__ == "__main__":
    django.setup()
    figures = VARIANTS[sys.argv[1]](Path(sys.argv[2]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({**figures, "peak_mb": peak}))
