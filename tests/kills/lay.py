"""Fills the installation under test: many customers, all due on one day.

Run inside it: ``acuerdo shell -c "from tests.kills import lay; lay.everything(...)"``.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from acuerdo.channels import accounts
from acuerdo.flows import files
from acuerdo.ledger import standings
from acuerdo.organization import portfolios, settings
from acuerdo.primitives import clock
from tests.kills import installation

ZONE = ZoneInfo("America/Lima")
FLOW = """
flows:
  - name: Vencimientos
    steps:
      - key: hoy
        name: Vence hoy
        offset_days: 0
        channel: whatsapp
        hour: "10:00"
        template:
          name: Vence hoy
          body: "{{nombre}}, su cuota de {{saldo_total}} vence hoy."
"""
CUSTOMERS = """
INSERT INTO customers_customer (portfolio_id, document_type, document_number, document_key,
  first_name, last_name, sort_key, is_company, country, subdivision, time_zone, status, custom,
  created_at, updated_at)
SELECT %(portfolio)s, 'DNI', n::text, n::text, 'Cliente', n::text, 'cliente ' || n, false, 'PE', '',
  'America/Lima', 'active', '{}', %(at)s, %(at)s
FROM generate_series(20000001, 20000000 + %(count)s) n
"""
POINTS = """
INSERT INTO customers_contactpoint (customer_id, kind, role, value, key, position, is_usable,
  refused_channels, alert, created_at)
SELECT id, 'whatsapp', 'debtor', '+519' || document_number, '519' || document_number, 1, true, '[]',
  '', created_at FROM customers_customer
"""
DEBTS = """
INSERT INTO ledger_debt (customer_id, code, product, currency, amount, balance, due_on, status,
  status_note, custom, created_at, updated_at)
SELECT id, 'D-' || id, '', 'PEN', 120, 120, %(on)s, 'open', '', '{}', %(at)s, %(at)s
FROM customers_customer
"""
ENTRIES = """
INSERT INTO ledger_entry (debt_id, kind, amount, effective_on, posted_at, note)
SELECT id, 'principal', amount, due_on, created_at, '' FROM ledger_debt
"""


def everything(count: int) -> None:
    """Prints the day on which all of them are due: the demonstration's clock stands there."""
    on = _working_day(clock.today(str(ZONE)))
    settings.current()
    settings.move_clock(datetime.combine(on, time(10, 5), ZONE) - clock.now())
    at = clock.now()
    portfolio = portfolios.create(name="Consumo", code="consumo", by=None, at=at)
    accounts.create(
        name="Línea", channel="whatsapp", adapter="simulated", sender="+5117000000",
        secret_values={"secret": installation.SECRET}, at=at,
    )  # fmt: skip
    files.load(FLOW, by=None, at=at)
    _customers(count, portfolio=portfolio.pk, on=on, at=at)
    print(on.isoformat())  # noqa: T201 - the answer to whoever ran this


def _customers(count: int, *, portfolio: int, on: date, at: datetime) -> None:
    values = {"count": count, "portfolio": portfolio, "on": on, "at": at}
    with connection.cursor() as cursor:
        for statement in (CUSTOMERS, POINTS, DEBTS, ENTRIES):
            cursor.execute(statement, values)
        cursor.execute("SELECT id FROM customers_customer")
        ids = [row[0] for row in cursor.fetchall()]
    standings.refresh(ids, on=on)


def _working_day(today: date) -> date:
    """The first Tuesday from today: no pack closes it, unless it is a holiday."""
    return today + timedelta(days=(1 - today.weekday()) % 7)
