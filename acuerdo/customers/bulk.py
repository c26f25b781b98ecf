"""Customers by the thousand: compared and written set by set, never row by row.

A value that a file does not give (no such column, or an empty cell) leaves what is stored
as it is; contact points are added and never removed.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from acuerdo.customers import segmentation, standing
from acuerdo.customers.models import CustomField
from acuerdo.organization.models import Portfolio
from acuerdo.spreadsheets.sheet import Chunk, Stage, Terms

GIVEN = ("portfolio_id", "adviser_id", "first_name", "last_name", "is_company", "country",
         "time_zone")  # fmt: skip
_DIFFERS = " OR ".join(
    f"(s.{name} IS NOT NULL AND s.{name} IS DISTINCT FROM c.{name})" for name in GIVEN
)
# The document as it is written may change; what identifies it does not.
_DIFFERS += """
    OR s.document_number <> c.document_number
    OR (s.custom IS NOT NULL AND NOT c.custom @> s.custom)"""
_NEW_CONTACT = """
EXISTS (SELECT 1 FROM jsonb_to_recordset(s.contacts) AS x(kind text, value text, key text)
        WHERE NOT EXISTS (SELECT 1 FROM customers_contactpoint p
                          WHERE p.customer_id = c.id AND p.kind = x.kind AND p.key = x.key))"""
_CLASSIFY = """
SELECT s.row, coalesce(s.portfolio_id, CASE WHEN c.id IS NULL THEN {home} END) AS portfolio_id,
       s.adviser_id, s.document_type, s.document_number, s.document_key, s.first_name,
       s.last_name, s.sort_key, s.is_company,
       coalesce(s.country, CASE WHEN c.id IS NULL THEN {country} END) AS country,
       s.time_zone, s.contacts, s.custom,
       CASE WHEN c.id IS NULL THEN 'new'
            WHEN {differs} OR (s.contacts IS NOT NULL AND {new_contact}) THEN 'changed'
            ELSE 'unchanged' END AS outcome,
       CASE WHEN c.status = 'deleted' THEN 'deleted'
            WHEN c.id IS NOT NULL AND NOT ({reach}) THEN 'out_of_reach'
            WHEN c.id IS NULL AND s.first_name IS NULL THEN 'no_name'
            WHEN c.id IS NULL AND coalesce(s.portfolio_id, {home}) IS NULL THEN 'no_portfolio'
            END AS problem
FROM {raw} s
LEFT JOIN customers_customer c
  ON c.document_type = s.document_type AND c.document_key = s.document_key
"""
_CHUNK = "s.row > %(after)s AND s.row <= %(upto)s AND s.outcome <> 'unchanged'"
# Lower case without accents as profiles.sort_key makes it: decomposing first lets a database
# that sorts bytes lower the bare letters.
_BARE_LAST = "lower(regexp_replace(normalize(c.last_name, NFKD), '[\u0300-\u036f]', '', 'g'))"
_UPDATE = """
UPDATE customers_customer c SET
    portfolio_id = coalesce(s.portfolio_id, c.portfolio_id),
    adviser_id = coalesce(s.adviser_id, c.adviser_id),
    document_number = s.document_number,
    first_name = coalesce(s.first_name, c.first_name),
    last_name = coalesce(s.last_name, c.last_name),
    sort_key = CASE WHEN s.first_name IS NULL THEN c.sort_key
                    WHEN s.last_name IS NULL
                    THEN left(rtrim(s.sort_key || ' ' || {bare_last}), 250)
                    ELSE s.sort_key END,
    is_company = coalesce(s.is_company, c.is_company),
    country = coalesce(s.country, c.country),
    time_zone = coalesce(s.time_zone, c.time_zone),
    custom = c.custom || coalesce(s.custom, '{{}}'),
    updated_at = %(at)s
FROM {table} s
WHERE {chunk} AND c.document_type = s.document_type AND c.document_key = s.document_key
  AND ({differs})
"""
_INSERT = """
INSERT INTO customers_customer
    (portfolio_id, adviser_id, document_type, document_number, document_key, first_name,
     last_name, sort_key, is_company, country, subdivision, time_zone, status, custom,
     created_at, updated_at)
SELECT s.portfolio_id, s.adviser_id, s.document_type, s.document_number, s.document_key,
       s.first_name, coalesce(s.last_name, ''), s.sort_key, coalesce(s.is_company, false),
       s.country, '', coalesce(s.time_zone, ''), 'active', coalesce(s.custom, '{{}}'),
       %(at)s, %(at)s
FROM {table} s WHERE {chunk} AND s.outcome = 'new' ORDER BY s.row
ON CONFLICT (document_type, document_key) DO NOTHING
"""
_ADD_CONTACTS = """
INSERT INTO customers_contactpoint
    (customer_id, kind, role, value, key, position, is_usable, refused_channels, alert,
     created_at)
SELECT c.id, x.kind, 'debtor', x.value, x.key,
       coalesce((SELECT max(p.position) FROM customers_contactpoint p
                 WHERE p.customer_id = c.id AND p.kind = x.kind), 0)
       + row_number() OVER (PARTITION BY c.id, x.kind ORDER BY x.place),
       true, '[]', '', %(at)s
FROM {table} s
JOIN customers_customer c
  ON c.document_type = s.document_type AND c.document_key = s.document_key
CROSS JOIN LATERAL ROWS FROM (
    jsonb_to_recordset(s.contacts) AS (kind text, value text, key text)
) WITH ORDINALITY AS x(kind, value, key, place)
WHERE {chunk} AND s.contacts IS NOT NULL
ON CONFLICT (customer_id, kind, key) DO NOTHING
"""
_TOUCHED = """
SELECT c.id AS customer_id FROM {table} s JOIN customers_customer c
  ON c.document_type = s.document_type AND c.document_key = s.document_key
WHERE {chunk}
"""


def classify_customers(stage: Stage) -> str:
    """The SELECT that says what each cleaned row would do."""
    organization = stage.terms.organization
    home = _only_portfolio(stage.terms)
    return _CLASSIFY.format(
        raw=_quoted(stage.raw),
        differs=_DIFFERS,
        new_contact=_NEW_CONTACT,
        reach=reach("c", stage.terms),
        home=f"{home}::bigint" if home else "NULL::bigint",
        country=_literal(organization.country),
    )


def reach(alias: str, terms: Terms) -> str:
    """An SQL condition: the customer ``alias`` is in a portfolio that the run may touch."""
    if terms.portfolios is None:
        return "true"
    ids = ", ".join(str(int(pk)) for pk in sorted(terms.portfolios)) or "NULL"
    return f"coalesce({alias}.portfolio_id IN ({ids}), false)"


def upsert_customers(chunk: Chunk) -> None:
    """Write one chunk of the stage; the same chunk again changes nothing."""
    values = {"after": chunk.after, "upto": chunk.upto, "at": chunk.at}
    words = {
        "table": _quoted(chunk.table),
        "chunk": _CHUNK,
        "differs": _DIFFERS,
        "bare_last": _BARE_LAST,
    }
    touched = _TOUCHED.format(**words)
    # In the order in which everybody takes them.
    _run(f"{touched} ORDER BY c.id FOR NO KEY UPDATE OF c", values)
    _run(_UPDATE.format(**words), values)
    _run(_INSERT.format(**words), values)
    _run(_ADD_CONTACTS.format(**words), values)
    standing.lock(touched, values)
    standing.copy_owners(touched, values)
    segmentation.place(_ids(touched, values))


def _ids(scope: str, values: Mapping[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(scope, values)
        return [pk for (pk,) in cursor.fetchall()]


def declare_customer_fields(labels: Mapping[str, str]) -> None:
    declare_fields("customer", labels)


def declare_fields(level: str, labels: Mapping[str, str]) -> None:
    """Make the custom fields that a file brings; one that exists keeps its label."""
    CustomField.objects.bulk_create(
        [CustomField(level=level, key=key, label=label[:120]) for key, label in labels.items()],
        ignore_conflicts=True,
    )


def _only_portfolio(terms: Terms) -> int | None:
    """Where new customers go when the file does not say: the only portfolio there is."""
    found = Portfolio.objects.filter(is_active=True)
    if terms.portfolios is not None:
        found = found.filter(pk__in=terms.portfolios)
    ids = list(found.values_list("pk", flat=True)[:2])
    return ids[0] if len(ids) == 1 else None


def _run(statement: str, values: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
