"""The register: one row per contact of any channel, ledger fact or portal step."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import Customer
from acuerdo.organization.models import User


class Kind(models.TextChoices):
    MESSAGE = "message", _("Mensaje")
    CALL = "call", _("Llamada")
    NOTE = "note", _("Nota")
    FACT = "fact", _("Evento")


class Direction(models.TextChoices):
    OUTGOING = "outgoing", _("Saliente")
    INCOMING = "incoming", _("Entrante")


class Status(models.TextChoices):
    SCHEDULED = "scheduled", _("Programado")
    PROCESSING = "processing", _("Procesando")
    NOT_SENT = "not_sent", _("No enviado")
    SENT = "sent", _("Enviado")
    DELIVERED = "delivered", _("Entregado")
    OPENED = "opened", _("Abierto")
    FAILED = "failed", _("Fallido")
    UNCERTAIN = "uncertain", _("Por resolver")
    RECEIVED = "received", _("Recibido")
    PENDING_CALL = "pending_call", _("Por gestionar")
    CONTACTED = "contacted", _("Contactado")
    NOT_CONTACTED = "not_contacted", _("No contactado")
    CANCELLED = "cancelled", _("Cancelado")
    GENERATED = "generated", _("Generado")


MESSAGE_MOVES = {
    "scheduled": ("processing", "not_sent", "cancelled"),
    "processing": ("sent", "failed", "uncertain", "scheduled", "not_sent"),
    "sent": ("delivered", "opened", "failed"),
    "delivered": ("opened",),
    "failed": ("delivered", "opened"),
    "uncertain": ("sent", "delivered", "opened", "failed"),
}
CALL_MOVES = {"pending_call": ("contacted", "not_contacted", "cancelled")}


class Origin(models.TextChoices):
    """What made the contact happen. Flow, event and campaign are automatic."""

    FLOW = "flow", _("Flujo")
    EVENT = "event", _("Evento")
    CAMPAIGN = "campaign", _("Campaña")
    MANUAL = "manual", _("Manual")
    IMPORT = "import", _("Carga")
    SYSTEM = "system", _("Sistema")


AUTOMATIC_ORIGINS = ("flow", "event", "campaign")


class FactKind(models.TextChoices):
    """What a row of kind ``fact`` records."""

    PROMISE = "promise", _("Compromiso de pago")
    PROMISE_KEPT = "promise_kept", _("Compromiso cumplido")
    PROMISE_BROKEN = "promise_broken", _("Compromiso incumplido")
    PROMISE_CANCELLED = "promise_cancelled", _("Compromiso anulado")
    PAYMENT = "payment", _("Pago")
    PARTIAL_PAYMENT = "partial_payment", _("Pago parcial")
    REVERSAL = "reversal", _("Anulación de pago")
    REPORT = "report", _("Pago a verificar")
    REPORT_VERIFIED = "report_verified", _("Pago verificado")
    REPORT_REJECTED = "report_rejected", _("Pago no verificado")
    ADJUSTMENT = "adjustment", _("Ajuste")
    CLAIM = "claim", _("Reclamo")
    CLAIM_CLOSED = "claim_closed", _("Reclamo cerrado")
    UNCOLLECTIBLE = "uncollectible", _("Deuda incobrable")
    PAUSE = "pause", _("Comunicaciones pausadas")
    RESUME = "resume", _("Comunicaciones reanudadas")
    ALERT = "alert", _("Alerta")
    ALERT_CLEARED = "alert_cleared", _("Alerta quitada")
    SKIPPED = "skipped", _("Omitido")
    REOPENED = "reopened", _("Vuelve a estar por gestionar")
    PORTAL_LOGIN = "portal_login", _("Inicio de sesión en la web")
    PORTAL_PAY = "portal_pay", _("Botón «Pagar»")
    PORTAL_METHOD = "portal_method", _("Selección de método de pago")
    PORTAL_ADVISER = "portal_adviser", _("Pidió hablar con un asesor")
    PORTAL_LATER = "portal_later", _("Botón «Puedo pagar después»")
    PORTAL_PROMISE = "portal_promise", _("Compromiso generado en la web")
    PORTAL_RECEIPT = "portal_receipt", _("Envío de información de pago")
    PORTAL_INSTRUCTIONS = "portal_instructions", _("Envío de instrucciones")
    PORTAL_STATEMENT = "portal_statement", _("Descarga del estado de cuenta")


# Steps that a debtor takes by themselves on the web page.
PORTAL_STEPS = (
    FactKind.PORTAL_LOGIN,
    FactKind.PORTAL_PAY,
    FactKind.PORTAL_METHOD,
    FactKind.PORTAL_ADVISER,
    FactKind.PORTAL_LATER,
    FactKind.PORTAL_PROMISE,
    FactKind.PORTAL_RECEIPT,
    FactKind.PORTAL_INSTRUCTIONS,
    FactKind.PORTAL_STATEMENT,
)


class NoteChannel(models.TextChoices):
    """Where what a note tells of may have happened."""

    CALL = "call", _("Llamada")
    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("Correo")
    VISIT = "visit", _("Visita")
    PORTAL = "portal", _("Web de cobranzas")
    OTHER = "other", _("Otro")


class Handling(models.TextChoices):
    """What a note tells of: who called whom, and whether somebody was reached."""

    OUT_CONTACT = "out_contact", _("Saliente, con contacto")
    OUT_NO_CONTACT = "out_none", _("Saliente, sin contacto")
    IN_CONTACT = "in_contact", _("Entrante, con contacto")
    IN_NO_CONTACT = "in_none", _("Entrante, sin contacto")


class Interaction(models.Model):
    """One contact or fact.

    ``at`` is the moment by which lists order it: the planned time until it happens,
    then the real one. ``portfolio_id`` and ``adviser_id`` are those of the customer at
    that time. ``summary`` is a plain-text line; bodies live with the message.
    ``source`` names the flow, campaign or event rule and ``source_id`` its step;
    ``subject_id`` is the id of the call, note, promise, payment ... of this kind.
    """

    id = models.BigAutoField(primary_key=True)
    # The timeline's index begins with it.
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="interactions", db_index=False
    )
    kind = models.CharField(max_length=8, choices=Kind)
    fact = models.CharField(max_length=20, choices=FactKind, blank=True)
    channel = models.CharField(max_length=10)
    direction = models.CharField(max_length=8, choices=Direction)
    status = models.CharField(max_length=13, choices=Status)
    origin = models.CharField(max_length=8, choices=Origin)
    source = models.CharField(max_length=120, blank=True)
    source_id = models.BigIntegerField(null=True)
    template = models.CharField(max_length=120, blank=True)
    recipient = models.CharField(max_length=254, blank=True)
    summary = models.CharField(max_length=240, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    reason_text = models.CharField(max_length=300, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    subject_id = models.BigIntegerField(null=True)
    portfolio_id = models.BigIntegerField()
    adviser_id = models.BigIntegerField(null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="interaction_status"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "-at", "-id"], name="interaction_timeline"),
            models.Index(fields=["-at", "-id"], name="interaction_register"),
            models.Index(fields=["portfolio_id", "-at", "-id"], name="interaction_by_portfolio"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"
