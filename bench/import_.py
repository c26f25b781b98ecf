"""Import of debts from xlsx: ours, checked and applied, against calamine + COPY + one upsert.

The floor trusts every cell, knows no rejects, posts no entries and keeps no standings; it
writes to a copy of the table with its keys. Both leave the same debts, and that is compared.
Each variant runs in a process of its own, in turns, so that its memory is its own too.
"""

import json
import resource
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import django
from django.core.files import File
from django.db import connection

from bench import disk

ROUNDS = 3
AT = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)
HEADERS = (
    "Tipo de documento", "Número de documento", "Código de deuda", "Moneda", "Monto",
    "Fecha de emisión", "Vencimiento", "Producto",
)  # fmt: skip
# Most of them have one debt, half of them two: the shares of the other benches.
DEBTS_PER_CUSTOMER = 1.5
MOST_ROWS = 490_000


def main(customers: int) -> dict[str, Any]:
    lay(customers)
    rows = min(int(customers * DEBTS_PER_CUSTOMER), MOST_ROWS)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "debts.xlsx"
        write(path, rows, customers)
        floors, ours = [], []
        for _round in range(ROUNDS):
            empty()
            floors.append(measured("floor", path))
            ours.append(measured("ours", path))
            differences = compared()
        again = measured("ours", path)
    floor = median(run["seconds"] for run in floors)
    our = median(run["seconds"] for run in ours)
    return {
        "bench": "import",
        "customers": customers,
        "ours": round(rows / our),
        "floor": round(rows / floor),
        "unit": "rows/s",
        "ratio": round(floor / our, 3),
        "rows": rows,
        "differences": differences,
        "check_share": round(median(run["checked"] / run["seconds"] for run in ours), 3),
        "second_time_ratio": round(again["seconds"] / our, 3),
        "second_time_changed": again["written"],
        "peak_mb": max(run["peak_mb"] for run in ours),
        "floor_peak_mb": max(run["peak_mb"] for run in floors),
    }


def lay(customers: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO organization_portfolio (name, code, creditor, kind, is_active)"
            " VALUES ('Cartera', 'bench', '', 'current', true)"
        )
        cursor.execute(CUSTOMERS, {"count": customers, "at": AT})
        cursor.execute(STANDINGS)
        cursor.execute("CREATE TABLE bench_debt (LIKE ledger_debt INCLUDING ALL)")
        cursor.execute(
            "ALTER TABLE bench_debt ADD FOREIGN KEY (customer_id)"
            " REFERENCES customers_customer (id) DEFERRABLE INITIALLY DEFERRED"
        )
        # By name: the shared catalogues may be in other hands on a server that is not ours alone.
        cursor.execute("VACUUM ANALYZE customers_customer, customers_standing")


def write(path: Path, rows: int, customers: int) -> None:
    # Made where it is needed, so that the measured processes do not carry the writer.
    writer = __import__("rustpy_xlsxwriter")
    first = date(2026, 1, 1)
    writer.write_worksheet(
        (
            dict(
                zip(
                    HEADERS,
                    (
                        "CODIGO",
                        f"B{1 + place % customers}",
                        f"D-{place:08}",
                        "PEN",
                        100 + place % 90_000 / 100,
                        first + timedelta(days=place % 90),
                        first + timedelta(days=90 + place % 200),
                        "Tarjeta",
                    ),
                    strict=True,
                )
            )
            for place in range(rows)
        ),
        str(path),
        sheet_name="Deudas",
    )


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_debt, ledger_debt, customers_balance CASCADE")
    disk.checkpoint()


def measured(variant: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.import_", variant, str(path)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


def compared() -> int:
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES)
        return int(cursor.fetchone()[0])


def floor(path: Path) -> dict[str, float]:
    calamine = __import__("python_calamine")
    started = time.perf_counter()
    sheet = calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    rows = sheet.iter_rows()
    next(rows)
    with connection.cursor() as cursor:
        cursor.execute(FLOOR_STAGE)
        with cursor.copy("COPY bench_stage FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(FLOOR_UPSERT, {"at": AT})
    return {"seconds": time.perf_counter() - started}


def ours(path: Path) -> dict[str, float]:
    processing = __import__("acuerdo.spreadsheets.processing", fromlist=["processing"])
    requests = __import__("acuerdo.spreadsheets.requests", fromlist=["requests"])
    started = time.perf_counter()
    with path.open("rb") as file:
        run = requests.store(
            sheet="debts", upload=File(file), filename=path.name, mapping=None, by=None, at=AT
        )
    processing.check(run, at=AT)
    checked = time.perf_counter() - started
    processing.apply(requests.start_applying(run), at=AT)
    assert run.rejected == 0, run.sample_rejects
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "checked": checked, "written": run.new + run.changed}


CUSTOMERS = """
INSERT INTO customers_customer (portfolio_id, document_type, document_number, document_key,
    first_name, last_name, sort_key, is_company, country, subdivision, time_zone, status, custom,
    created_at, updated_at)
SELECT p.id, 'CODIGO', 'B' || n, 'B' || n, 'Cliente', n::text, 'cliente ' || n, false, 'PE', '',
    '', 'active', '{}', %(at)s, %(at)s
FROM generate_series(1, %(count)s) n CROSS JOIN organization_portfolio p
"""
STANDINGS = """
INSERT INTO customers_standing (customer_id, portfolio_id, currency, open_amount,
    overdue_amount, open_debts)
SELECT id, portfolio_id, '', 0, 0, 0 FROM customers_customer
"""
FLOOR_STAGE = """
CREATE TEMP TABLE bench_stage (kind text, number text, code text, currency text,
    amount numeric(18, 2), issued_on date, due_on date, product text)
"""
FLOOR_UPSERT = """
INSERT INTO bench_debt (customer_id, code, product, currency, amount, balance, issued_on, due_on,
    status, status_note, custom, created_at, updated_at)
SELECT c.id, s.code, s.product, s.currency, s.amount, s.amount, s.issued_on, s.due_on, 'open', '',
    '{}', %(at)s, %(at)s
FROM bench_stage s
JOIN customers_customer c ON c.document_type = s.kind AND c.document_key = s.number
ON CONFLICT (code) DO UPDATE SET amount = excluded.amount, due_on = excluded.due_on
"""
SAME = "customer_id, code, product, currency, amount, balance, issued_on, due_on, status"
DIFFERENCES = f"""
SELECT (SELECT count(*) FROM (SELECT {SAME} FROM bench_debt EXCEPT SELECT {SAME}
        FROM ledger_debt) missing)
     + (SELECT count(*) FROM (SELECT {SAME} FROM ledger_debt EXCEPT SELECT {SAME}
        FROM bench_debt) extra)
"""


if __name__ == "__main__":
    django.setup()
    figures = {"floor": floor, "ours": ours}[sys.argv[1]](Path(sys.argv[2]))
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({**figures, "peak_mb": (own + child) // 1024}))
