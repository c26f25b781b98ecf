"""The daily flow run: ours against one INSERT ... SELECT of the same rows into a copy of the table.

The floor knows beforehand what ours has to find out (addresses, hours, caps), writes to a
table with our keys and our foreign key, and both results are compared row by row.
"""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from statistics import median
from typing import Any

from django.db import connection

from acuerdo.flows import planning
from acuerdo.organization import settings
from bench import disk

# A Wednesday without a holiday, and noon of it in Lima.
ON = date(2026, 6, 10)
AT = datetime.fromisoformat("2026-06-10T17:00:00+00:00")
OFFSETS = (-3, 0, 1, 3, 5, 7, 10, 15, 20, 30, 45, 60)
CHANNELS = ("email", "whatsapp", "sms", "call")
ROUNDS = 3


def main(customers: int) -> dict[str, Any]:
    """Time both in turns, the second run of the day, and one that is killed half-way."""
    lay(customers)
    floors, ours, again = [], [], []
    for _round in range(ROUNDS):
        _empty("bench_floor")
        floors.append(_timed(_floor))
        _empty("flows_steprun")
        ours.append(_timed(_plan))
        again.append(_timed(_plan))
    rows, differences = _compared()
    killed = _killed(median(ours))
    return {
        "bench": "flow",
        "customers": customers,
        "ours": round(rows / median(ours)),
        "floor": round(rows / median(floors)),
        "unit": "rows/s",
        "ratio": round(median(floors) / median(ours), 3),
        "rows": rows,
        "differences": differences,
        "second_run_ratio": round(median(again) / median(ours), 3),
        **killed,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def lay(customers: int) -> None:
    """Customers in Lima with one and a half debts each; one in twenty is to be left alone."""
    settings.current()
    steps = [(number, offset, CHANNELS[number % 4]) for number, offset in enumerate(OFFSETS)]
    values = {"count": customers, "on": ON, "at": AT, "offsets": list(OFFSETS)}
    with connection.cursor() as cursor:
        cursor.execute(_TRUNCATE)
        for statement in _STATEMENTS:
            cursor.execute(statement, values)
        for number, offset, channel in steps:
            cursor.execute(
                _STEP, {"number": number, "offset": offset, "channel": channel, "at": AT}
            )
        cursor.execute("DROP TABLE IF EXISTS bench_floor")
        cursor.execute("CREATE TABLE bench_floor (LIKE flows_steprun INCLUDING ALL)")
        cursor.execute(
            "ALTER TABLE bench_floor ADD FOREIGN KEY (customer_id)"
            " REFERENCES customers_customer (id) DEFERRABLE INITIALLY DEFERRED"
        )
        # Named tables: a bare VACUUM waits for the catalogues that all databases share.
        cursor.execute(f"VACUUM ANALYZE {_TABLES}")


def _plan() -> None:
    planning.plan(on=ON, at=AT)


def _floor() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FLOOR, {"on": ON})


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _empty(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table}")
    disk.checkpoint()


def _compared() -> tuple[int, int]:
    """How many rows ours made, and how many are in one table and not in the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM flows_steprun")
        rows = int(cursor.fetchone()[0])
        cursor.execute(_DIFFERENCES)
        return rows, int(cursor.fetchone()[0])


def _killed(clean: float) -> dict[str, Any]:
    """Kill -9 a planner half-way, run it again, and compare with one clean run."""
    _empty("flows_steprun")
    code = (
        "import django; django.setup(); from bench import flow;"
        "print('go', flush=True); flow._plan()"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    started = time.perf_counter()
    time.sleep(clean / 2)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    _plan()
    took = time.perf_counter() - started
    _rows, differences = _compared()
    return {"killed_ratio": round(took / clean, 3), "killed_differences": differences}


_TRUNCATE = """
TRUNCATE flows_steprun, flows_step, flows_flow, conversations_messagetemplate,
    customers_customer, organization_portfolio CASCADE
"""
_TABLES = """organization_portfolio, customers_customer, customers_contactpoint,
    customers_standing, customers_alert, customers_pause, ledger_debt, ledger_promise,
    flows_step, flows_steprun"""
_BOOK = """
INSERT INTO organization_portfolio (name, code, creditor, kind, is_active)
VALUES ('Cartera', 'bench', 'Acreedor', 'current', true)
"""
_CUSTOMERS = """
INSERT INTO customers_customer (portfolio_id, document_type, document_number, document_key,
    first_name, last_name, sort_key, is_company, country, subdivision, time_zone, status, custom,
    created_at, updated_at)
SELECT p.id, 'CODIGO', 'B' || n, 'B' || n, 'Cliente', n::text, 'cliente ' || n, false, 'PE', '',
    'America/Lima', 'active', '{}', %(at)s, %(at)s
FROM generate_series(1, %(count)s) n CROSS JOIN organization_portfolio p
"""
_POINTS = """
INSERT INTO customers_contactpoint (customer_id, kind, role, value, key, position, is_usable,
    refused_channels, alert, created_at)
SELECT c.id, k.kind, 'debtor', k.kind || c.id, k.kind || c.id, 1, true, '[]', '', %(at)s
FROM customers_customer c CROSS JOIN (VALUES ('phone'), ('email')) AS k(kind)
"""
_DEBTS = """
INSERT INTO ledger_debt (customer_id, code, product, currency, amount, balance, due_on, status,
    status_note, custom, created_at, updated_at)
SELECT c.id, 'D' || c.id || '-' || k, '', 'PEN', 100, 100,
    %(on)s::date - (%(offsets)s::int[])[1 + c.id %% 12] + 40 * k, 'open', '', '{}', %(at)s, %(at)s
FROM customers_customer c CROSS JOIN generate_series(0, 1) k WHERE k = 0 OR c.id %% 2 = 0
"""
_STANDINGS = """
INSERT INTO customers_standing (customer_id, portfolio_id, currency, open_amount, overdue_amount,
    oldest_due_on, open_debts, as_of)
SELECT c.id, c.portfolio_id, 'PEN', d.total, 0, d.oldest, d.debts, %(on)s
FROM customers_customer c JOIN (
    SELECT customer_id, sum(balance) AS total, min(due_on) AS oldest, count(*) AS debts
    FROM ledger_debt GROUP BY customer_id) d ON d.customer_id = c.id
"""
_PROMISES = """
INSERT INTO ledger_promise (customer_id, currency, amount, paid, made_on, due_on, note, status,
    created_at)
SELECT id, 'PEN', 50, 0, %(on)s, %(on)s::date + 3, '', 'pending', %(at)s
FROM customers_customer WHERE id %% 100 IN (3, 4)
"""
_ALERTS = """
INSERT INTO customers_alert (customer_id, kind, note, raised_at)
SELECT id, 'refuses', '', %(at)s FROM customers_customer WHERE id %% 100 IN (5, 6)
"""
_PAUSES = """
INSERT INTO customers_pause (customer_id, until, note, started_at)
SELECT id, %(on)s::date + 9, '', %(at)s FROM customers_customer WHERE id %% 100 = 7
"""
_FLOW = """
INSERT INTO flows_flow (name, is_active, updated_at) VALUES ('Flujo', true, %(at)s)
"""
_STATEMENTS = (
    _BOOK, _CUSTOMERS, _POINTS, _DEBTS, _STANDINGS, _PROMISES, _ALERTS, _PAUSES, _FLOW
)  # fmt: skip
_STEP = """
WITH template AS (
    INSERT INTO conversations_messagetemplate
        (name, channel, subject, body, html, variables, version, is_active, updated_at)
    VALUES ('Plantilla ' || %(number)s, %(channel)s, '', 'Hola', '', '{}', 1, true, %(at)s)
    RETURNING id)
INSERT INTO flows_step
    (flow_id, key, name, offset_days, channel, template_id, hour, recipient, is_active)
SELECT f.id, 'paso-' || %(number)s, 'Paso', %(offset)s, %(channel)s, t.id, '10:00', 'debtor', true
FROM flows_flow f CROSS JOIN template t
"""
_FLOOR = """
INSERT INTO bench_floor
    (step_id, customer_id, anchor_on, planned_on, due_at, status, reason, rule, pack_version)
SELECT step.id, s.customer_id, s.oldest_due_on, %(on)s,
    (%(on)s::date + step.hour) AT TIME ZONE 'America/Lima',
    CASE WHEN held.reason IS NULL THEN 'planned' ELSE 'skipped' END,
    coalesce(held.reason, ''), '', ''
FROM customers_standing s
JOIN flows_step step ON s.oldest_due_on = %(on)s::date - step.offset_days
LEFT JOIN (
    SELECT customer_id, 'paused' AS reason FROM customers_pause
    UNION ALL SELECT customer_id, 'alert_refuses' FROM customers_alert
    UNION ALL SELECT customer_id, 'promise_pending' FROM ledger_promise
) AS held ON held.customer_id = s.customer_id
ON CONFLICT (customer_id, step_id, anchor_on) DO NOTHING
"""
_COLUMNS = "step_id, customer_id, anchor_on, planned_on, due_at, status, reason, rule, pack_version"
_DIFFERENCES = f"""
SELECT count(*) FROM (
    (SELECT {_COLUMNS} FROM flows_steprun EXCEPT SELECT {_COLUMNS} FROM bench_floor)
    UNION ALL
    (SELECT {_COLUMNS} FROM bench_floor EXCEPT SELECT {_COLUMNS} FROM flows_steprun)
) AS different
"""
