"""How the state of an entry is said: an icon, a word, a colour and a time; and what to do about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.channels import explanations
from acuerdo.channels.models import Channel
from acuerdo.interactions.models import Direction, FactKind, Interaction, Kind, Status
from acuerdo.ui import formatting

Words = str | Promise


@dataclass(frozen=True, slots=True)
class State:
    label: Words
    icon: str
    tone: str
    # It leaves within moments: to be changed, it has to be taken back first.
    is_soon: bool = False


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about a message that did not arrive: write it again, by ``channel``."""

    label: str
    channel: str


# Word, icon and tone of each state of a message.
MESSAGE: dict[str, tuple[Words, str, str]] = {
    Status.SCHEDULED: (gettext_lazy("Programado"), "clock", "neutral"),
    Status.PROCESSING: (gettext_lazy("Procesando"), "loader-2", "neutral"),
    Status.NOT_SENT: (gettext_lazy("No enviado"), "ban", "bad"),
    Status.SENT: (gettext_lazy("Enviado"), "check", "neutral"),
    Status.DELIVERED: (gettext_lazy("Entregado"), "checks", "neutral"),
    Status.OPENED: (gettext_lazy("Abierto"), "checks", "info"),
    Status.FAILED: (gettext_lazy("Fallido"), "alert-circle", "bad"),
    Status.UNCERTAIN: (gettext_lazy("Por resolver"), "alert-triangle", "warn"),
    Status.CANCELLED: (gettext_lazy("Cancelado"), "x", "neutral"),
}
CALL: dict[str, tuple[Words, str, str]] = {
    Status.PENDING_CALL: (gettext_lazy("Llamada por hacer"), "phone", "warn"),
    Status.CONTACTED: (gettext_lazy("Contactado"), "phone-call", "ok"),
    Status.NOT_CONTACTED: (gettext_lazy("No contactado"), "phone-off", "warn"),
    Status.CANCELLED: (gettext_lazy("Llamada cancelada"), "phone-x", "neutral"),
}
FACT: dict[str, tuple[str, str]] = {
    FactKind.PROMISE: ("calendar-check", "primary"),
    FactKind.PROMISE_KEPT: ("circle-check", "ok"),
    FactKind.PROMISE_BROKEN: ("alert-triangle", "bad"),
    FactKind.PROMISE_CANCELLED: ("calendar-off", "neutral"),
    FactKind.PAYMENT: ("cash", "ok"),
    FactKind.PARTIAL_PAYMENT: ("cash", "ok"),
    FactKind.REVERSAL: ("receipt-refund", "warn"),
    FactKind.REPORT: ("receipt", "info"),
    FactKind.REPORT_VERIFIED: ("circle-check", "ok"),
    FactKind.REPORT_REJECTED: ("circle-x", "bad"),
    FactKind.ADJUSTMENT: ("adjustments-horizontal", "neutral"),
    FactKind.CLAIM: ("message-report", "warn"),
    FactKind.CLAIM_CLOSED: ("circle-check", "ok"),
    FactKind.UNCOLLECTIBLE: ("archive", "neutral"),
    FactKind.PAUSE: ("player-pause", "warn"),
    FactKind.RESUME: ("player-play", "ok"),
    FactKind.ALERT: ("alert-triangle", "warn"),
    FactKind.ALERT_CLEARED: ("circle-check", "neutral"),
    FactKind.SKIPPED: ("check", "neutral"),
    FactKind.REOPENED: ("mail", "neutral"),
    FactKind.PORTAL_LOGIN: ("login-2", "neutral"),
    FactKind.PORTAL_PAY: ("credit-card", "primary"),
    FactKind.PORTAL_METHOD: ("wallet", "neutral"),
    FactKind.PORTAL_ADVISER: ("headset", "warn"),
    FactKind.PORTAL_LATER: ("clock-pause", "neutral"),
    FactKind.PORTAL_PROMISE: ("calendar-check", "primary"),
    FactKind.PORTAL_RECEIPT: ("receipt", "info"),
    FactKind.PORTAL_INSTRUCTIONS: ("list-details", "neutral"),
    FactKind.PORTAL_STATEMENT: ("download", "neutral"),
}
STAMPS = {Status.DELIVERED: "delivered_at", Status.OPENED: "opened_at"}
# What a provider or our own rules answered, in words for the adviser.
REASONS: dict[str, Words] = {
    "address_unusable": gettext_lazy("La dirección dejó de ser utilizable."),
    "window_closed": gettext_lazy("Pasaron 24 horas desde su último mensaje."),
    "card_number": gettext_lazy("El mensaje lleva el número completo de una tarjeta: quítelo."),
    "document_number": gettext_lazy(
        "El mensaje lleva el documento completo del cliente: use la etiqueta, que lo enmascara."
    ),
    "no_opt_in": gettext_lazy("No consta que el cliente acepte que le escriban por WhatsApp."),
    "no_marketing_opt_in": gettext_lazy("No consta que el cliente acepte ofertas por WhatsApp."),
    "marketing_blocked": gettext_lazy("WhatsApp no entrega ofertas a números de EE. UU. y Canadá."),
    "third_party_collection": gettext_lazy(
        "Twilio no lleva cobranza por cuenta de terceros a EE. UU. y Canadá."
    ),
    "template_unusable": gettext_lazy("El proveedor detuvo la plantilla."),
    "quality_red": gettext_lazy("El proveedor calificó mal los envíos de esta cuenta."),
    "recipient_limit": gettext_lazy("Se llegó al límite de personas en 24 horas."),
    "too_late": gettext_lazy("Pasó la hora hasta la que tenía sentido enviarlo."),
    "promise_pending": gettext_lazy("Hay un compromiso de pago vigente."),
    "report_pending": gettext_lazy("Hay un pago por verificar."),
    "paused": gettext_lazy("Las comunicaciones están pausadas."),
    "alert_refuses": gettext_lazy("Tiene la alerta «No quiere pagar»."),
    "alert_cannot": gettext_lazy("Tiene la alerta «No puede pagar»."),
    "alert_restructuring": gettext_lazy("Está en reestructuración."),
    "alert_refinancing": gettext_lazy("Está en refinanciación."),
    "nothing_owed": gettext_lazy("El cliente no debe nada."),
    "charged_off": gettext_lazy("La cartera está castigada."),
    "inactive": gettext_lazy("El cliente no está activo."),
}
OTHER: dict[str, Channel] = {Channel.WHATSAPP: Channel.SMS, Channel.SMS: Channel.WHATSAPP}
# What stands for the code where a provider gave none.
OUTCOMES = ("failed", "not_sent", "uncertain")
# What leaves within moments is on its way, not scheduled.
SOON = timedelta(seconds=30)
TROUBLED = (Status.FAILED, Status.NOT_SENT, Status.UNCERTAIN)


# What each word under an entry means, in the order in which a message goes through them.
MEANINGS: tuple[tuple[str, Words], ...] = (
    (Status.SCHEDULED, gettext_lazy("Tiene fecha y hora, o espera su turno. Aún se puede editar o cancelar.")),
    (Status.PROCESSING, gettext_lazy("Se está entregando al proveedor en este momento.")),
    (Status.SENT, gettext_lazy("El proveedor lo tomó y va en camino.")),
    (Status.DELIVERED, gettext_lazy("Llegó al teléfono o al buzón; todavía no se abrió.")),
    (Status.OPENED, gettext_lazy("La persona lo abrió, hasta donde su aplicación lo informa.")),
    (Status.FAILED, gettext_lazy("El proveedor no pudo entregarlo. Debajo está el motivo y qué hacer.")),
    (Status.NOT_SENT, gettext_lazy("No salió: una regla, una pausa o la hora lo impidieron. Debajo está el motivo.")),
    (Status.UNCERTAIN, gettext_lazy("El proveedor no respondió: pudo llegar o no. Nunca se reenvía solo.")),
    (Status.CANCELLED, gettext_lazy("Alguien lo canceló antes de que saliera.")),
    (Status.RECEIVED, gettext_lazy("Lo escribió el cliente.")),
    (Status.PENDING_CALL, gettext_lazy("Una llamada que espera en la bandeja de Llamadas.")),
    (Status.CONTACTED, gettext_lazy("En la llamada se habló con alguien.")),
    (Status.NOT_CONTACTED, gettext_lazy("Se llamó y no se habló con nadie.")),
    (Status.GENERATED, gettext_lazy("Quedó registrado: un pago, un compromiso, un ajuste, una nota.")),
)  # fmt: skip
REST: dict[str, tuple[str, str]] = {
    Status.RECEIVED: ("arrow-down-left", "info"),
    Status.GENERATED: ("circle-check", "ok"),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A word of the glossary as it looks under an entry."""

    state: State
    words: Words


def glossary() -> list[Meaning]:
    return [Meaning(_named(status), words) for status, words in MEANINGS]


def _named(status: str) -> State:
    label = Status(status).label
    icon, tone = REST.get(status) or {**CALL, **MESSAGE}[status][1:]
    return State(label, icon, tone)


def in_short(direction: str, status: str) -> State | None:
    """Of what came last of a conversation, without its time; None for what is no message of ours."""
    found = MESSAGE.get(status) if direction == Direction.OUTGOING else None
    return State(*found) if found else None


def of(row: Interaction, *, now: datetime, zone: str) -> State | None:
    if row.kind == Kind.FACT:
        icon, tone = FACT.get(row.fact, ("info-circle", "neutral"))
        return State(row.get_fact_display(), icon, tone)
    if row.kind == Kind.CALL:
        return State(*CALL.get(row.status, (row.get_status_display(), "phone", "neutral")))
    if row.kind != Kind.MESSAGE or row.direction == Direction.INCOMING:
        return None
    if row.status == Status.SCHEDULED and row.at > now + SOON:
        when = formatting.local_time(row.at, zone)
        return State(_("Programado: %s") % when, "calendar-event", "neutral")
    if row.status == Status.SCHEDULED and row.at > now - SOON:
        return State(_("En camino"), "clock", "neutral", is_soon=True)
    label, icon, tone = MESSAGE.get(row.status, (row.get_status_display(), "point", "neutral"))
    moment = getattr(row, STAMPS.get(Status(row.status), ""), None)
    return State(f"{label} {_hour(moment, row.at, zone)}" if moment else label, icon, tone)


def _hour(moment: datetime, said_at: datetime, zone: str) -> str:
    """Only the hour when it is the day of the message itself."""
    there = ZoneInfo(zone)
    local = moment.astimezone(there)
    if local.date() == said_at.astimezone(there).date():
        return f"{local:%H:%M}"
    return formatting.local_time(moment, zone)


def remedy(row: Interaction) -> Remedy | None:
    """Nothing for an uncertain one: sent again, the customer could have it twice."""
    if row.status == Status.NOT_SENT:
        return Remedy(_("Escribirlo de nuevo"), row.channel)
    if row.status != Status.FAILED:
        return None
    other = OTHER.get(row.channel, Channel.WHATSAPP)
    return Remedy(_("Usar %s") % other.label, other)


def trouble(row: Interaction) -> str:
    """Why a message did not arrive, in words; empty when nothing is wrong."""
    if row.status not in TROUBLED:
        return ""
    if row.status == Status.UNCERTAIN:
        return _("El proveedor no respondió: no se sabe si llegó. No se reenvía solo.")
    if row.status == Status.FAILED and row.reason and row.reason not in REASONS:
        told = explanations.explain(row.message.account.adapter, row.reason)
        if told.is_known or not row.reason_text:
            return f"{told.sentence} {told.remedy}"
    return str(row.reason_text or REASONS.get(row.reason, "") or _("No se pudo entregar."))
