"""The answer of the policy, and how it is said to a person."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.channels.models import Channel
from acuerdo.contact_policy.hours import Window
from acuerdo.contact_policy.models import Answer
from acuerdo.customers.zones import place_of

REASONS = {
    "inactive": gettext_lazy("El cliente no está activo."),
    "unknown_customer": gettext_lazy("El cliente ya no existe."),
    "opted_out": gettext_lazy("El cliente pidió que no se le contacte por este canal."),
    "paused": gettext_lazy("Las comunicaciones automáticas están pausadas."),
    "silenced": gettext_lazy("Una alerta detiene los mensajes automáticos."),
    "nothing_owed": gettext_lazy("El cliente no debe nada."),
    "no_pack": gettext_lazy("No hay reglas de contacto para este país."),
    "no_window": gettext_lazy("Ninguna regla del país abre este canal."),
    "closed_hours": gettext_lazy("Está fuera del horario permitido."),
    "holiday": gettext_lazy("Es feriado."),
    "cap_reached": gettext_lazy("Ya se alcanzó el máximo de contactos permitido."),
}


@dataclass(frozen=True, slots=True)
class Count:
    """A limit and what it counted so far. ``channels`` are those it counts together; empty is all.

    ``is_of_channels``: it counts the channels that were used, not the contacts.
    """

    used: int
    most: int
    days: int
    channels: tuple[str, ...] = ()
    is_of_channels: bool = False

    @property
    def is_full(self) -> bool:
        return self.used >= self.most

    @property
    def words(self) -> str:
        """«hoy, por cualquier canal»: what is counted."""
        when = _("hoy") if self.days == 1 else _("en %(days)s días") % {"days": self.days}
        if self.is_of_channels:
            return _("canales distintos %(when)s") % {"when": when}
        if not self.channels:
            return _("%(when)s, por cualquier canal") % {"when": when}
        *others, last = (str(Channel(each).label) for each in self.channels)
        names = _(" y ").join(filter(None, (", ".join(others), last)))
        return _("%(when)s, por %(channels)s") % {"when": when, "channels": names}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allow, later (not before ``until``) or never, with the rule that decided.

    ``law`` is the text the rule rests on (empty for a house rule), ``detail`` the name
    of the holiday or the number reached. From ``used_this_week`` on ``preview`` fills them
    in; ``windows`` are the open stretches around a moment that is closed.
    """

    answer: Answer
    until: datetime | None = None
    reason: str = ""
    rule: str = ""
    pack: str = ""
    pack_version: str = ""
    law: str = ""
    detail: str = ""
    zone: str = "UTC"
    used_this_week: int = 0
    allowed_this_week: int | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    schedule: str = ""
    windows: tuple[Window, ...] = ()
    counts: tuple[Count, ...] = ()

    @property
    def is_beyond(self) -> bool:
        """Allowed although a limit is full: whoever wrote is answered."""
        return self.is_allowed and any(each.is_full for each in self.counts)

    @property
    def is_allowed(self) -> bool:
        return self.answer == Answer.ALLOW

    @property
    def sentence(self) -> str:
        """Why, under which rule, and from when: for a person who is about to write or call."""
        if self.is_allowed:
            return self._allowed()
        parts = [str(REASONS.get(self.reason, self.reason))]
        if self.detail:
            parts[0] = f"{parts[0][:-1]}: {self.detail}."
        if self.rule:
            parts.append(_("Según %(law)s.") % {"law": self._law()})
        if self.until:
            parts.append(_("Se podrá desde el %(when)s.") % {"when": self._local(self.until)})
        return " ".join(parts)

    def _allowed(self) -> str:
        if self.reason == "no_pack":
            return _(
                "No hay reglas de contacto cargadas para este país: confirme usted que se puede."
            )
        if self.closes_at:
            return _("Se puede contactar hasta el %(when)s.") % {
                "when": self._local(self.closes_at)
            }
        return _("Se puede contactar ahora.")

    def _law(self) -> str:
        return self.law or _("una regla de la casa")

    def _local(self, at: datetime) -> str:
        local = at.astimezone(ZoneInfo(self.zone))
        return formats.date_format(local, "D j M, H:i").lower() + f" ({place_of(self.zone)})"
