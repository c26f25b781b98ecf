"""What can come of a call: the catalogue that the form, the results and reports share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext_lazy as _

from acuerdo.interactions.models import Direction, Status

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Lazy

Group = Literal["outgoing_contact", "outgoing_no_contact", "incoming"]
FieldKind = Literal[
    "money", "date", "open_day", "hour", "text", "long_text", "file", "number", "claim", "parts"
]

GROUPS: dict[Group, "Lazy"] = {
    "outgoing_contact": _("Saliente · con contacto"),
    "outgoing_no_contact": _("Saliente · sin contacto"),
    "incoming": _("Entrante"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One value that a result needs. ``money`` fills ``amount`` and ``currency``, ``parts`` also ``every``.

    ``open_day`` is a date on which the customer may be called; ``number`` is one of the
    customer's contact points; ``claim`` a category of claims.
    """

    name: str
    label: "Lazy"
    kind: FieldKind
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Disposition:
    """One result. ``effect`` names the function of ``results`` that carries it out."""

    code: str
    label: "Lazy"
    short_label: "Lazy"
    group: Group
    effect: str = ""
    fields: tuple[Field, ...] = ()
    asks_note: bool = False

    @property
    def status(self) -> Status:
        """Incoming calls are contacts too (their direction keeps them apart)."""
        return Status.NOT_CONTACTED if self.group == "outgoing_no_contact" else Status.CONTACTED

    @property
    def direction(self) -> Direction:
        return Direction.INCOMING if self.group == "incoming" else Direction.OUTGOING


_AMOUNT = Field("amount", _("Monto"), "money")
_UNTIL = Field("until", _("Hasta"), "date")
_PAID = (
    _AMOUNT,
    Field("paid_on", _("Fecha del pago"), "date"),
    Field("method", _("Medio de pago"), "text", is_required=False),
    Field("reference", _("Referencia"), "text", is_required=False),
    Field("receipt", _("Comprobante"), "file", is_required=False),
)
_TERMS = (Field("terms", _("Nuevas condiciones"), "long_text"),)

_ALL = (
    Disposition(
        "promise", _("Compromiso de pago"), _("Compromiso"), "outgoing_contact", "promise",
        (
            Field("due_on", _("Fecha del compromiso"), "date"),
            _AMOUNT,
            Field("parts", _("En cuántas partes"), "parts", is_required=False),
        ),
    ),
    Disposition(
        "payment_to_verify", _("Dice que ya pagó"), _("A verificar"), "outgoing_contact",
        "report", _PAID,
    ),
    Disposition(
        "call_back", _("Volver a llamar"), _("Volver a llamar"), "outgoing_contact", "call_back",
        (
            Field("due_on", _("Día"), "open_day"),
            Field("due_time", _("Hora"), "hour", is_required=False),
        ),
    ),
    Disposition(
        "refuses", _("No quiere pagar"), _("No quiere pagar"), "outgoing_contact", "refuses",
        asks_note=True,
    ),
    Disposition(
        "cannot", _("No puede pagar"), _("No puede pagar"), "outgoing_contact", "cannot",
        asks_note=True,
    ),
    Disposition(
        "restructuring", _("Reestructuración"), _("Reestructuración"), "outgoing_contact",
        "restructuring", _TERMS,
    ),
    Disposition(
        "refinancing", _("Refinanciación"), _("Refinanciación"), "outgoing_contact", "refinancing",
        _TERMS,
    ),
    Disposition(
        "paid", _("Pago realizado"), _("Pago realizado"), "outgoing_contact", "report", _PAID
    ),
    Disposition(
        "reminder", _("Recordatorio"), _("Recordatorio"), "outgoing_contact", "reminder",
        (Field("fact", _("Qué recordar"), "long_text"),),
    ),
    Disposition(
        "pause", _("Pausar comunicaciones"), _("Pausar"), "outgoing_contact", "pause", (_UNTIL,)
    ),
    Disposition(
        "no_answer", _("No contesta / Ocupado"), _("No contesta"), "outgoing_no_contact", "retry"
    ),
    Disposition(
        "wrong_number", _("Equivocado / Suspendido"), _("Equivocado"), "outgoing_no_contact",
        "wrong_number", (Field("contact_point", _("Número"), "number", is_required=False),),
    ),
    Disposition(
        "voicemail", _("Mensaje en buzón"), _("Buzón de voz"), "outgoing_no_contact"
    ),
    Disposition(
        "third_party", _("Contacto con tercero"), _("Con un tercero"), "outgoing_no_contact"
    ),
    Disposition(
        "pause_no_contact", _("Pausar comunicaciones"), _("Pausar"), "outgoing_no_contact",
        "pause", (_UNTIL,),
    ),
    Disposition(
        "information", _("Solicitud de información"), _("Pide información"), "incoming", "",
        (
            Field("description", _("Qué pide"), "long_text"),
            Field("code", _("Orden de pago"), "text", is_required=False),
        ),
    ),
    Disposition(
        "complaint", _("Reclamo"), _("Reclamo"), "incoming", "complaint",
        (
            Field("category", _("Categoría"), "claim"),
            Field("reason", _("Motivo"), "long_text"),
        ),
    ),
    Disposition(
        "pause_incoming", _("Pausar comunicaciones"), _("Pausar"), "incoming", "pause", (_UNTIL,)
    ),
)  # fmt: skip

DISPOSITIONS: dict[str, Disposition] = {each.code: each for each in _ALL}


def by_group() -> list[tuple[Group, "Lazy", list[Disposition]]]:
    """The catalogue in the order of the form."""
    return [
        (group, label, [each for each in _ALL if each.group == group])
        for group, label in GROUPS.items()
    ]
