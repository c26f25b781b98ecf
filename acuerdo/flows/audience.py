"""Whom each step would reach on a day, and why it would leave the others alone."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_lazy as _

from acuerdo.flows import planning
from acuerdo.flows.models import RunStatus
from acuerdo.organization.access import scope
from acuerdo.organization.models import User

REASONS = {
    "promise_pending": _("Compromiso vigente"),
    "report_pending": _("Pago a verificar"),
    "paused": _("Comunicaciones pausadas"),
    "alert_refuses": _("No quiere pagar"),
    "alert_cannot": _("No puede pagar"),
    "alert_restructuring": _("En reestructuración"),
    "alert_refinancing": _("En refinanciación"),
    "nothing_owed": _("Sin deuda"),
    "charged_off": _("Cartera castigada"),
    "inactive": _("Cliente inactivo"),
    "opted_out": _("Pidió no recibir mensajes"),
    "no_contact_point": _("Sin dato de contacto para el canal"),
    "cap_reached": _("Límite de contactos alcanzado"),
    "holiday": _("Día feriado"),
    "closed_hours": _("Fuera del horario permitido"),
    "no_window": _("Sin horario permitido ese día"),
    "later_step_due": _("Ya le toca un paso posterior"),
}


@dataclass
class Audience:
    """``reached`` counts those who would get it, some of them later than planned."""

    reached: int = 0
    blocked: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.reached + self.blocked

    @property
    def bar(self) -> list[tuple[str, int]]:
        return [("ok", self.reached), ("warn", self.blocked)]

    @property
    def lines(self) -> list[tuple[str, int]]:
        return [(str(REASONS.get(key, key)), n) for key, n in self.reasons.most_common()]

    def add(self, outcome: str, reason: str, customers: int) -> None:
        if outcome == RunStatus.SKIPPED:
            self.blocked += customers
            self.reasons[reason] += customers
        else:
            self.reached += customers


def by_step(*, on: date, user: User) -> dict[int, Audience]:
    """The audience of every active step on the local date ``on``, of the portfolios of ``user``."""
    found: dict[int, Audience] = {}
    for step, outcome, reason, customers in planning.count(
        on=on, portfolios=scope(user).portfolios
    ):
        found.setdefault(step, Audience()).add(outcome, reason, customers)
    return found
