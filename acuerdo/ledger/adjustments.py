"""A correction of what is owed, up or down, with its reason."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.customers import facts
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import FactKind
from acuerdo.ledger import amounts, days, entries, standings
from acuerdo.ledger.models import Debt, DebtStatus
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal


@transaction.atomic
def post(debt: Debt, amount: Decimal, *, note: str, by: User | None, at: datetime) -> entries.Entry:
    """Positive: more is owed. Down to zero settles the debt; up from zero opens it again."""
    amounts.check(Money(amount, debt.currency))
    if amount == 0:
        raise Refusal("amount_zero", _("El ajuste no puede ser cero."), field="amount")
    if not note.strip():
        raise Refusal("no_note", _("Escriba el motivo del ajuste."), field="note")
    standings.lock([debt.customer_id])
    debt.refresh_from_db(fields=["balance", "status"])
    if debt.status not in {DebtStatus.OPEN, DebtStatus.SETTLED}:
        sentence = _("La deuda está anulada o es incobrable: reábrala antes de ajustarla.")
        raise Refusal("debt_closed", sentence, status=409)
    entry = entries.post(
        debt,
        entries.EntryKind.ADJUSTMENT,
        amount,
        effective_on=days.of(at),
        note=note.strip(),
        by=by,
        at=at,
    )
    standings.refresh([debt.customer_id], on=days.of(at))
    money = Money(amount, debt.currency)
    lifecycle.record_fact(
        debt.customer,
        FactKind.ADJUSTMENT,
        at=at,
        by=by,
        summary=note,
        money=money,
        subject_id=entry.pk,
    )
    facts.record("debt.adjusted", debt.customer, subject=debt, by=by, at=at, entry_id=entry.pk)
    return entry
