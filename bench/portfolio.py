"""A portfolio of any size, laid by SQL: customers with standings, conversations and calls.

The shares are those of a busy desk: 8 in 100 wait for an answer, 4 in 100 carry an alert,
one in 20 has a call today. Values come from hashes of the row's number, so that every
run of one size measures the same rows.
"""

from django.db import connection

from acuerdo.organization.models import Portfolio, User

LETTERS = "abcdefghijklmnopqrstuvwxyz"
# A number of the row that looks random and is not: the same for the same row and salt.
DICE = "(('x' || substr(md5(n::text || '{salt}'), 1, 7))::bit(28)::int %% {sides})"

GRANTS = """
INSERT INTO organization_portfoliogrant (user_id, portfolio_id, starts_on)
SELECT u.id, p.id, '2000-01-01' FROM organization_user u CROSS JOIN organization_portfolio p
"""
CUSTOMERS = f"""
INSERT INTO customers_customer (portfolio_id, adviser_id, document_type, document_number,
  document_key, first_name, last_name, sort_key, is_company, country, subdivision, time_zone,
  status, custom, created_at, updated_at)
SELECT p[1 + {DICE.format(salt="p", sides=8)}],
  CASE WHEN {DICE.format(salt="free", sides=20)} > 0
    THEN u[1 + {DICE.format(salt="u", sides=40)}] END,
  'DNI', to_char(10000000 + n, 'FM00000000'), to_char(10000000 + n, 'FM00000000'),
  initcap(w.one), initcap(w.two), w.one || ' ' || w.two, false, 'PE', '', 'America/Lima', 'active',
  '{{}}', now() - interval '90 days', now() - interval '90 days'
FROM generate_series(1, %(count)s) n
CROSS JOIN (SELECT array_agg(id ORDER BY id) p FROM organization_portfolio) portfolios
CROSS JOIN (SELECT array_agg(id ORDER BY id) u FROM organization_user WHERE role = 'adviser') users
CROSS JOIN LATERAL (SELECT
  translate(substr(md5(n::text || 'one'), 1, 7), '0123456789', 'aeiourstln') one,
  translate(substr(md5(n::text || 'two'), 1, 9), '0123456789', 'aeiourstln') two) w
"""
POINTS = """
INSERT INTO customers_contactpoint (customer_id, kind, role, value, key, position, is_usable,
  refused_channels, alert, created_at)
SELECT id, 'whatsapp', 'debtor', '+519' || to_char(id, 'FM00000000'),
  '519' || to_char(id, 'FM00000000'), 1, true, '[]', '', created_at FROM customers_customer
"""
STANDINGS = f"""
INSERT INTO customers_standing (customer_id, portfolio_id, adviser_id, currency, open_amount,
  overdue_amount, oldest_due_on, open_debts, as_of)
SELECT id, portfolio_id, adviser_id, 'PEN', amount, CASE WHEN age > 0 THEN amount ELSE 0 END,
  %(today)s::date - age, 1 + n %% 4, %(today)s
FROM (SELECT c.*, id AS n, {DICE.format(salt="age", sides=240).replace("n::text", "id::text")} - 10
    AS age,
  (1000 + {DICE.format(salt="amount", sides=900000).replace("n::text", "id::text")}) / 100.0
    AS amount FROM customers_customer c) c
"""
BALANCES = """
INSERT INTO customers_balance (customer_id, currency, open_amount, overdue_amount, oldest_due_on)
SELECT customer_id, currency, open_amount, overdue_amount, oldest_due_on FROM customers_standing
"""
ALERTS = f"""
INSERT INTO customers_alert (customer_id, kind, note, raised_at)
SELECT id, (array['refuses', 'cannot', 'promise_broken', 'contact_failed'])[1 + id %% 4], '',
  %(at)s::timestamptz - interval '3 days' FROM customers_customer
WHERE {DICE.format(salt="alert", sides=25).replace("n::text", "id::text")} = 0
"""
INTERACTIONS = f"""
INSERT INTO interactions_interaction (customer_id, kind, fact, channel, direction, status, origin,
  source, template, recipient, summary, reason, reason_text, currency, portfolio_id, adviser_id, at,
  created_at)
SELECT id, 'message', '', 'whatsapp', CASE WHEN waits THEN 'incoming' ELSE 'outgoing' END,
  CASE WHEN waits THEN 'received' ELSE 'delivered' END, CASE WHEN waits THEN 'system' ELSE 'flow'
  END, '', '', '', 'Mensaje de prueba', '', '', '', portfolio_id, adviser_id, moment, moment
FROM (SELECT c.*, {DICE.format(salt="waits", sides=100).replace("n::text", "id::text")} < 8 AS waits,
  %(at)s::timestamptz - make_interval(secs => 60 +
    {DICE.format(salt="last", sides=5000000).replace("n::text", "id::text")}) AS moment
  FROM customers_customer c) c
"""
CONVERSATIONS = """
INSERT INTO conversations_conversation (customer_id, portfolio_id, adviser_id, pending_since,
  unanswered, last_at, last_channel, last_direction, last_status, last_interaction_id, preview,
  last_inbound_at)
SELECT customer_id, portfolio_id, adviser_id, CASE WHEN direction = 'incoming' THEN at END,
  CASE WHEN direction = 'incoming' THEN 1 ELSE 0 END, at, channel, direction, status, id, summary,
  CASE WHEN direction = 'incoming' THEN at END FROM interactions_interaction
"""
CALL_ROWS = f"""
INSERT INTO interactions_interaction (customer_id, kind, fact, channel, direction, status, origin,
  source, template, recipient, summary, reason, reason_text, currency, portfolio_id, adviser_id, at,
  created_at)
SELECT id, 'call', '', 'call', 'outgoing', 'pending_call', 'flow', '', '', '', 'Llamada', '', '', '',
  portfolio_id, adviser_id, %(at)s, %(at)s FROM customers_customer
WHERE {DICE.format(salt="call", sides=20).replace("n::text", "id::text")} = 0
"""
CALLS = """
INSERT INTO calls_call (customer_id, interaction_id, portfolio_id, adviser_id, source, due_on,
  attempt, script, status, result, note, created_at)
SELECT customer_id, id, portfolio_id, adviser_id,
  (array['flow', 'call_back', 'retry', 'manual'])[1 + id %% 4], %(today)s, 1, '', 'pending', '', '',
  created_at FROM interactions_interaction WHERE kind = 'call'
"""
STATEMENTS = (
    GRANTS, CUSTOMERS, POINTS, STANDINGS, BALANCES, ALERTS, INTERACTIONS,
    CONVERSATIONS, CALL_ROWS, CALLS,
)  # fmt: skip


def lay(count: int, *, at: object, today: object) -> None:
    """Fill an empty database; statistics are gathered, as autovacuum would have."""
    _people()
    values = {"count": count, "at": at, "today": today}
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE")


def _people() -> None:
    Portfolio.objects.bulk_create(
        [Portfolio(name=f"Cartera {n}", code=f"cartera-{n}", creditor="Acreedor") for n in range(8)]
    )
    User.objects.bulk_create(
        [User(email=f"adviser{n}@bench.example", name=f"Adviser {n}") for n in range(40)]
    )
