"""What saving a result will do, said before it is saved."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from acuerdo.calls import scheduling
from acuerdo.calls.dispositions import DISPOSITIONS
from acuerdo.calls.models import Call
from acuerdo.customers.models import Customer
from acuerdo.ledger import instalments
from acuerdo.organization import settings
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui.formatting import day_of_week
from acuerdo.ui.formatting import money as written
from acuerdo.ui.typing import plain


def sentences(
    customer: Customer, result: str, data: Mapping[str, Any], *, call: Call | None, at: datetime
) -> list[str]:
    """For the box «Al guardar»; an unfinished form gives the general wording."""
    disposition = DISPOSITIONS.get(result)
    if disposition is None:
        return []
    said = _of_result(customer, disposition.effect, data, call, at)
    # Who did not answer is still to be called.
    answered = (
        [] if disposition.effect == "retry" else [_("La conversación deja de estar en negrita.")]
    )
    return [_("Sale de la bandeja de hoy."), *said, *answered]


def afterwards(customer: Customer, result: str, data: Mapping[str, Any], *, call: Call) -> str:
    """The weightiest of what saving ``call`` did, once it is saved."""
    at = call.registered_at or call.created_at
    said = _of_result(customer, DISPOSITIONS[result].effect, data, call, at)
    return said[0] if said else _("La conversación deja de estar en negrita.")


def _of_result(
    customer: Customer, effect: str, data: Mapping[str, Any], call: Call | None, at: datetime
) -> list[str]:
    if effect == "retry":
        return _retry(customer, call, at)
    return _of_effect(effect, data) + (_in_parts(data) if effect == "promise" else [])


def _of_effect(effect: str, data: Mapping[str, Any]) -> list[str]:
    due_on, until = _day(data, "due_on"), _day(data, "until")
    wordings = {
        "promise": [
            _("Detiene el flujo principal hasta %s; siguen los eventos.") % due_on,
            _("Si vence sin pago, aparece la alerta «Compromiso incumplido»."),
        ],
        "report": [
            _("Registra un pago a verificar; no cambia el saldo hasta que se verifique."),
            _("Detiene el flujo principal mientras se verifica."),
        ],
        "call_back": [_("Vuelve a la bandeja %s.") % due_on],
        "refuses": [_silenced(_("No quiere pagar"))],
        "cannot": [_silenced(_("No puede pagar"))],
        "restructuring": [_silenced(_("Reestructuración"))],
        "refinancing": [_silenced(_("Refinanciación"))],
        "reminder": [_("Guarda una nota interna en la conversación.")],
        "complaint": [_("Abre un reclamo; no detiene el flujo.")],
        "pause": [_("Ningún mensaje automático hasta %s.") % until],
        "wrong_number": [
            _("El número queda marcado y no se usará."),
            _("Crea la alerta «Contacto fallido»."),
        ],
    }
    return wordings.get(effect, [])


def _in_parts(data: Mapping[str, Any]) -> list[str]:
    """The parts that would be registered; an unfinished form gives none."""
    try:
        count = int(str(data.get("parts") or 1))
        currency = str(data.get("currency") or "")
        total = Money(Decimal(plain(str(data.get("amount")), currency)), currency)
        first_on = date.fromisoformat(str(data.get("due_on")))
    except (ValueError, InvalidOperation, ValidationError):
        return []
    if not 1 < count <= instalments.MOST or not total.amount.is_finite():
        return []
    every = str(data.get("every") or instalments.MONTH)
    found = instalments.split(total, into=count, first_on=first_on, every=every)
    listed = [
        f"{day_of_week(part.due_on)} {written(part.amount.amount, total.currency)}"
        for part in found
    ]
    return [_("En %(n)s partes: %(list)s.") % {"n": count, "list": "; ".join(listed)}]


def _silenced(alert: str) -> str:
    return _("Crea la alerta «%s» y detiene el flujo principal hasta que alguien la quite.") % alert


def _retry(customer: Customer, call: Call | None, at: datetime) -> list[str]:
    tries = settings.current().call_attempts_per_step
    try:
        following = scheduling.retry(customer, call, at=at)
    except Refusal as refusal:
        return [refusal.sentence]
    if following is None:
        return [_("Era el último intento (%(n)s de %(n)s): no se vuelve a llamar.") % {"n": tries}]
    day, attempt = following
    return [
        _("Reintento el %(day)s (%(next)s de %(tries)s).")
        % {"day": day_of_week(day), "next": attempt, "tries": tries}
    ]


def _day(data: Mapping[str, Any], name: str) -> str:
    """Read from an unfinished form too: what is no date yet is not named."""
    value = data.get(name)
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value or ""))
    except ValueError:
        return _("la fecha elegida")
    return _("el %s") % day_of_week(day)
