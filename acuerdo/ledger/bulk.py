"""Debts and payments by the thousand, as files bring them: part of the ledger's one writer.

What it leaves is what ``entries.post`` would have left row by row: every amount is an entry,
a balance is the sum of them and never below zero, and nothing left settles a debt. A value
that a file does not give leaves what is stored as it is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from acuerdo.customers import standing
from acuerdo.customers.bulk import declare_fields, reach
from acuerdo.interactions.bulk import record_imported_facts
from acuerdo.ledger import promises, standings
from acuerdo.spreadsheets.sheet import Chunk, Stage

_CHUNK = "s.row > %(after)s AND s.row <= %(upto)s AND s.outcome <> 'unchanged'"
# With the type, a document is one customer at most; without it, it may be several.
_TYPED = """
LEFT JOIN customers_customer c
  ON c.document_type = s.document_type AND c.document_key = s.document_key
"""
_UNTYPED = """
LEFT JOIN LATERAL (
    SELECT min(o.id) AS id, count(*) > 1 AS is_several FROM customers_customer o
    WHERE o.document_key = s.document_key
      AND (s.document_type IS NULL OR o.document_type = s.document_type)
) found ON true
LEFT JOIN customers_customer c ON c.id = found.id
"""
_DEBT_DIFFERS = """(
    (s.amount IS NOT NULL AND s.amount <> d.amount)
    OR (s.balance IS NOT NULL AND s.balance <> d.balance)
    OR s.due_on <> d.due_on
    OR (s.issued_on IS NOT NULL AND s.issued_on IS DISTINCT FROM d.issued_on)
    OR (s.product IS NOT NULL AND s.product <> d.product)
    OR (s.custom IS NOT NULL AND NOT d.custom @> s.custom))"""
_DELTA = """
CASE WHEN s.balance IS NOT NULL THEN s.balance - d.balance
     WHEN s.amount IS NOT NULL THEN s.amount - d.amount ELSE 0 END"""
_CLASSIFY_DEBTS = """
SELECT s.row, c.id AS customer_id, s.code, coalesce(s.currency, d.currency, %(currency)s) AS currency,
       s.amount, s.balance, s.issued_on, s.due_on, s.product, s.custom,
       CASE WHEN d.id IS NULL THEN 'new' WHEN {differs} THEN 'changed' ELSE 'unchanged' END
           AS outcome,
       CASE WHEN {several} THEN 'several_customers'
            WHEN c.id IS NULL OR NOT {reach} THEN 'no_customer'
            WHEN d.customer_id <> c.id THEN 'other_customer'
            WHEN d.currency <> s.currency THEN 'other_currency'
            WHEN d.id IS NULL AND coalesce(s.amount, s.balance) = 0 THEN 'nothing_owed'
            WHEN d.status IN ('cancelled', 'uncollectible') AND {delta} <> 0 THEN 'closed'
            WHEN d.balance + {delta} < 0 THEN 'below_paid'
            END AS problem
FROM {raw} s {owner}
LEFT JOIN ledger_debt d ON d.code = s.code
"""
_NEW_DEBTS = """
WITH born AS (
    INSERT INTO ledger_debt
        (customer_id, code, product, currency, amount, balance, issued_on, due_on, status,
         status_note, custom, created_at, updated_at)
    SELECT s.customer_id, s.code, coalesce(s.product, ''), s.currency,
           coalesce(s.amount, s.balance), coalesce(s.balance, s.amount), s.issued_on, s.due_on,
           CASE WHEN coalesce(s.balance, s.amount) = 0 THEN 'settled' ELSE 'open' END, '',
           coalesce(s.custom, '{{}}'), %(at)s, %(at)s
    FROM {table} s WHERE {chunk} AND s.outcome = 'new' ORDER BY s.row
    ON CONFLICT (code) DO NOTHING
    RETURNING id, amount, balance, issued_on
)
INSERT INTO ledger_entry (debt_id, kind, amount, effective_on, posted_at, by_id, note)
SELECT id, 'principal', amount, coalesce(issued_on, %(on)s), %(at)s, %(by)s::bigint, '' FROM born
UNION ALL
SELECT id, 'adjustment', balance - amount, %(on)s, %(at)s, %(by)s::bigint, %(note)s
FROM born WHERE balance <> amount
"""
_CHANGED_DEBTS = """
WITH given AS (
    SELECT d.id, greatest({delta}, -d.balance) AS delta, s.amount, s.due_on, s.issued_on,
           s.product, s.custom
    FROM {table} s JOIN ledger_debt d ON d.code = s.code
    WHERE {chunk} AND d.status IN ('open', 'settled') AND {differs}
    FOR UPDATE OF d
), changed AS (
    UPDATE ledger_debt d SET
        amount = coalesce(g.amount, d.amount),
        balance = d.balance + g.delta,
        status = CASE WHEN d.balance + g.delta = 0 THEN 'settled' ELSE 'open' END,
        due_on = g.due_on,
        issued_on = coalesce(g.issued_on, d.issued_on),
        product = coalesce(g.product, d.product),
        custom = d.custom || coalesce(g.custom, '{{}}'),
        updated_at = %(at)s
    FROM given g WHERE d.id = g.id
)
INSERT INTO ledger_entry (debt_id, kind, amount, effective_on, posted_at, by_id, note)
SELECT id, 'adjustment', delta, %(on)s, %(at)s, %(by)s::bigint, %(note)s FROM given WHERE delta <> 0
"""
_CLASSIFY_PAYMENTS = """
SELECT s.row, o.id AS customer_id, d.id AS debt_id, s.code,
       coalesce(s.currency, d.currency, %(currency)s) AS currency,
       s.amount, s.paid_on, s.method, s.reference, s.custom,
       CASE WHEN p.id IS NULL THEN 'new' ELSE 'unchanged' END AS outcome,
       CASE WHEN {several} THEN 'several_customers'
            WHEN s.debt_code IS NOT NULL AND d.id IS NULL THEN 'no_debt'
            WHEN (s.document_key IS NOT NULL AND c.id IS NULL)
                 OR o.id IS NULL OR NOT {reach} THEN 'no_customer'
            WHEN d.customer_id <> c.id THEN 'other_customer'
            WHEN d.currency <> s.currency THEN 'other_currency'
            WHEN (p.customer_id, p.amount, p.paid_on, p.currency) IS DISTINCT FROM
                 (o.id, s.amount, s.paid_on, coalesce(s.currency, p.currency))
                 AND p.id IS NOT NULL THEN 'code_taken'
            END AS problem
FROM {raw} s {owner}
LEFT JOIN ledger_debt d ON d.code = s.debt_code
LEFT JOIN customers_customer o ON o.id = coalesce(c.id, d.customer_id)
LEFT JOIN ledger_payment p ON p.code = s.code
"""
_NEW_PAYMENTS = """
CREATE TEMP TABLE import_paid AS
WITH born AS (
    INSERT INTO ledger_payment
        (customer_id, code, currency, amount, unapplied, paid_on, method, reference, status,
         by_id, created_at)
    SELECT s.customer_id, s.code, s.currency, s.amount, s.amount, s.paid_on,
           coalesce(s.method, ''), coalesce(s.reference, ''), 'posted', %(by)s::bigint, %(at)s
    FROM {table} s WHERE {chunk} ORDER BY s.row
    ON CONFLICT (code) DO NOTHING
    RETURNING id, code
)
SELECT s.row, b.id, s.customer_id, s.debt_id, s.currency, s.amount, s.paid_on, s.reference
FROM born b JOIN {table} s ON s.code = b.code WHERE {chunk}
"""
# A named debt takes what it can of the payments that name it, in the order of the file.
_NAMED_PARTS = """
CREATE TEMP TABLE import_parts AS
SELECT id AS payment_id, debt_id, least(amount, owed - before) AS amount
FROM (
    SELECT p.id, p.debt_id, p.amount, d.balance AS owed,
           coalesce(sum(p.amount) OVER (PARTITION BY p.debt_id ORDER BY p.row
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM import_paid p
    JOIN ledger_debt d ON d.id = p.debt_id AND d.status = 'open' AND d.currency = p.currency
) named WHERE owed > before
"""
# The rest goes to the oldest due date first. Payments and debts of a customer are laid end
# to end on two rulers; where two intervals overlap, that payment pays that debt.
_OLDEST_FIRST = """
WITH paying AS (
    SELECT id, customer_id, currency, upto - spare AS since, upto FROM (
        SELECT p.id, p.customer_id, p.currency, p.amount - coalesce(n.amount, 0) AS spare,
               sum(p.amount - coalesce(n.amount, 0)) OVER (
                   PARTITION BY p.customer_id, p.currency ORDER BY p.row) AS upto
        FROM import_paid p LEFT JOIN import_parts n ON n.payment_id = p.id
    ) spares WHERE spare > 0
), owing AS (
    SELECT id, customer_id, currency, upto - owed AS since, upto FROM (
        SELECT d.id, d.customer_id, d.currency, d.balance - coalesce(n.amount, 0) AS owed,
               sum(d.balance - coalesce(n.amount, 0)) OVER (
                   PARTITION BY d.customer_id, d.currency ORDER BY d.due_on, d.id) AS upto
        FROM ledger_debt d
        LEFT JOIN (SELECT debt_id, sum(amount) AS amount FROM import_parts GROUP BY debt_id) n
          ON n.debt_id = d.id
        WHERE d.status = 'open' AND d.customer_id IN (SELECT customer_id FROM paying)
    ) debts WHERE owed > 0
)
INSERT INTO import_parts
SELECT p.id, d.id, least(p.upto, d.upto) - greatest(p.since, d.since)
FROM paying p JOIN owing d USING (customer_id, currency)
WHERE least(p.upto, d.upto) > greatest(p.since, d.since)
"""
_PAYMENT_ENTRIES = """
INSERT INTO ledger_entry
    (debt_id, kind, amount, effective_on, posted_at, payment_id, by_id, note)
SELECT n.debt_id, 'payment', -n.amount, p.paid_on, %(at)s, p.id, %(by)s::bigint, ''
FROM import_parts n JOIN import_paid p ON p.id = n.payment_id ORDER BY p.row
"""
_PAID_DEBTS = """
UPDATE ledger_debt d SET
    balance = d.balance - n.amount,
    status = CASE WHEN d.balance = n.amount THEN 'settled' ELSE d.status END,
    updated_at = %(at)s
FROM (SELECT debt_id, sum(amount) AS amount FROM import_parts GROUP BY debt_id) n
WHERE d.id = n.debt_id
"""
_APPLIED = """
UPDATE ledger_payment p SET unapplied = p.amount - n.amount
FROM (SELECT payment_id, sum(amount) AS amount FROM import_parts GROUP BY payment_id) n
WHERE p.id = n.payment_id
"""
_PAYMENT_FACTS = """
SELECT p.customer_id, p.amount, p.currency, p.id AS subject_id, coalesce(p.reference, '') AS summary,
       CASE WHEN EXISTS (SELECT 1 FROM import_parts n JOIN ledger_debt d ON d.id = n.debt_id
                         WHERE n.payment_id = p.id AND d.status = 'open')
            THEN 'partial_payment' ELSE 'payment' END AS fact
FROM import_paid p
"""


def classify_debts(stage: Stage) -> str:
    """The SELECT that says what each cleaned row of debts would do."""
    return _classified(_CLASSIFY_DEBTS, stage, reach("c", stage.terms))


def classify_payments(stage: Stage) -> str:
    """The same for payments: a code that is known is unchanged, or a problem if it differs."""
    return _classified(_CLASSIFY_PAYMENTS, stage, reach("o", stage.terms))


def upsert_debts(chunk: Chunk) -> None:
    """Write one chunk of debts; the same chunk again changes nothing."""
    words, values = _words(chunk), _values(chunk)
    values["note"] = "Carga de archivo"
    standing.lock(_touched(chunk), values)
    _run(_NEW_DEBTS.format(**words), values)
    _run(_CHANGED_DEBTS.format(**words), values)
    standings.refresh_locked(_customers(chunk, values), on=chunk.on)


def post_payments(chunk: Chunk) -> None:
    """Post one chunk of payments and share each out; a code already posted is left alone."""
    words, values = _words(chunk), _values(chunk)
    standing.lock(_touched(chunk), values)
    _drop_parts()
    _run(_NEW_PAYMENTS.format(**words), values)
    _run(_NAMED_PARTS, values)
    _run(_OLDEST_FIRST, values)
    for statement in (_PAYMENT_ENTRIES, _PAID_DEBTS, _APPLIED):
        _run(statement, values)
    record_imported_facts(_PAYMENT_FACTS, values)
    _drop_parts()
    _follow_up(_customers(chunk, values), chunk)


def declare_debt_fields(labels: Mapping[str, str]) -> None:
    declare_fields("debt", labels)


def _follow_up(customer_ids: list[int], chunk: Chunk) -> None:
    standings.refresh_locked(customer_ids, on=chunk.on)
    promises.weigh(customer_ids, at=chunk.at)


def _classified(template: str, stage: Stage, reachable: str) -> str:
    raw = connection.ops.quote_name(stage.raw)
    is_typed = not _has_untyped(raw)
    currency = stage.terms.organization.currency.replace("'", "''")
    return template.replace("%(currency)s", f"'{currency}'").format(
        raw=raw,
        owner=_TYPED if is_typed else _UNTYPED,
        several="false" if is_typed else "found.is_several",
        reach=reachable,
        differs=_DEBT_DIFFERS,
        delta=f"({_DELTA})",
    )


def _has_untyped(raw: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {raw} WHERE document_type IS NULL)")
        return bool(cursor.fetchone()[0])


def _words(chunk: Chunk) -> dict[str, str]:
    return {
        "table": connection.ops.quote_name(chunk.table),
        "chunk": _CHUNK,
        "differs": _DEBT_DIFFERS,
        "delta": _DELTA,
    }


def _values(chunk: Chunk) -> dict[str, Any]:
    by = chunk.by.pk if chunk.by else None
    return {"after": chunk.after, "upto": chunk.upto, "at": chunk.at, "on": chunk.on, "by": by}


def _touched(chunk: Chunk) -> str:
    words = _words(chunk)
    return f"SELECT s.customer_id FROM {words['table']} s WHERE {_CHUNK}"


def _customers(chunk: Chunk, values: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_touched(chunk), values)
        return list({row[0] for row in cursor.fetchall()})


def _drop_parts() -> None:
    _run("DROP TABLE IF EXISTS pg_temp.import_paid, pg_temp.import_parts", {})


def _run(statement: str, values: dict[str, Any] | dict[str, datetime]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
