"""Who owes, how to reach them, and what holds us back from doing so."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from acuerdo.organization.models import Portfolio, User


class CustomerStatus(models.TextChoices):
    ACTIVE = "active", _("Activo")
    INACTIVE = "inactive", _("Inactivo")
    DELETED = "deleted", _("Eliminado")


class Segment(models.Model):
    """Customers alike, named by a rule. In the order of ``position`` the first that fits wins.

    ``rule`` is what ``segment_rules.Rule.as_json`` gave. Whom no rule fits has no segment.
    """

    name = models.CharField(max_length=60)
    position = models.PositiveIntegerField()
    rule = models.JSONField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), name="one_segment_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Segmentation(models.Model):
    """The one row that says what the last computation found; written by ``segmentation`` only.

    ``counts`` are customers by the id of their segment and of their portfolio; under "" those
    without a segment. ``is_stale`` since a segment changed that no computation has seen. ``at`` is
    when the last one ended, ``failed_at`` when the last one did not. ``asked_at`` until it is done.
    """

    is_stale = models.BooleanField(default=False)
    at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    failed_at = models.DateTimeField(null=True)
    moved = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.at}"


class Customer(models.Model):
    """A person or company that owes.

    ``document_key`` is the document number without punctuation, in capitals: two
    spellings of one document are one customer. ``sort_key`` is the name without
    accents in lower case, because the embedded database sorts bytes.
    ``time_zone`` is the IANA zone of the customer's address; empty means unknown,
    and then every zone of the country has to be open.
    ``segment`` is written by ``segmentation`` only; empty for whom no rule fits, or not yet.
    """

    id = models.BigAutoField(primary_key=True)
    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="customers")
    adviser = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    segment = models.ForeignKey(
        Segment, models.SET_NULL, null=True, related_name="customers", db_index=False
    )
    document_type = models.CharField(max_length=20)
    document_number = models.CharField(max_length=40)
    document_key = models.CharField(max_length=40)
    first_name = models.CharField(max_length=120)
    last_name = models.CharField(max_length=120, blank=True)
    sort_key = models.CharField(max_length=250, db_index=False)
    is_company = models.BooleanField(default=False)
    country = models.CharField(max_length=2)
    subdivision = models.CharField(max_length=6, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=8, choices=CustomerStatus, default=CustomerStatus.ACTIVE)
    custom = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document_type", "document_key"], name="one_customer_per_document"
            ),
            models.CheckConstraint(
                condition=Q(status__in=CustomerStatus.values), name="customer_status"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["sort_key", "id"], name="customer_by_name"),
            models.Index(
                fields=["document_key"], name="customer_by_document", opclasses=["text_pattern_ops"]
            ),
            GinIndex(fields=["sort_key"], name="customer_name_words", opclasses=["gin_trgm_ops"]),
            GinIndex(fields=["custom"], name="customer_custom", opclasses=["jsonb_path_ops"]),
            # Whoever has none is asked for too, and may be few among a million.
            models.Index(fields=["segment"], name="customer_by_segment"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class ContactKind(models.TextChoices):
    PHONE = "phone", _("Teléfono")
    WHATSAPP = "whatsapp", _("WhatsApp")
    EMAIL = "email", _("Correo")


class ContactRole(models.TextChoices):
    DEBTOR = "debtor", _("Titular")
    GUARANTOR = "guarantor", _("Garante")
    REFERENCE = "reference", _("Referencia")


class ContactPoint(models.Model):
    """One address of a customer. A phone serves calls, SMS and, unless refused, WhatsApp.

    ``key`` is the canonical form that inbound messages are matched by: digits of the
    national variants folded into one (see ``primitives.phone``), a lower-case e-mail,
    or a WhatsApp business-scoped user id (``bsuid:...``).
    ``refused_channels`` lists channels that this address has proved not to take.
    """

    id = models.BigAutoField(primary_key=True)
    # The unique key begins with it, here and in ``Balance``.
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="contact_points", db_index=False
    )
    kind = models.CharField(max_length=8, choices=ContactKind)
    role = models.CharField(max_length=9, choices=ContactRole, default=ContactRole.DEBTOR)
    value = models.CharField(max_length=254)
    key = models.CharField(max_length=254)
    position = models.PositiveSmallIntegerField(default=1)
    is_usable = models.BooleanField(default=True)
    refused_channels = models.JSONField(default=list)
    alert = models.CharField(max_length=200, blank=True)
    alerted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "kind", "key"], name="one_contact_point_per_key"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["key", "kind"], name="contact_by_key"),
            GinIndex(fields=["key"], name="contact_key_parts", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.value


class AlertKind(models.TextChoices):
    REFUSES = "refuses", _("No quiere pagar")
    CANNOT = "cannot", _("No puede pagar")
    PROMISE_BROKEN = "promise_broken", _("Compromiso incumplido")
    PAUSED = "paused", _("Comunicaciones pausadas")
    RESUMED = "resumed", _("Comunicaciones reanudadas")
    RESTRUCTURING = "restructuring", _("Reestructuración")
    REFINANCING = "refinancing", _("Refinanciación")
    CONTACT_FAILED = "contact_failed", _("Contacto fallido")
    REPORT_UNVERIFIED = "report_unverified", _("Pago sin verificar")


# Alerts that silence the main flow until somebody clears them (domain 6.2, defaults 7 and 16).
SILENCING_ALERTS = ("refuses", "cannot", "restructuring", "refinancing")


class Alert(models.Model):
    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=20, choices=AlertKind)
    note = models.TextField(blank=True)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=Q(cleared_at=None),
                name="one_open_alert_per_kind",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["kind", "customer"], name="alert_open", condition=Q(cleared_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Pause(models.Model):
    """No automatic message until ``until`` (a local date: sending resumes that day)."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="pauses")
    until = models.DateField()
    note = models.TextField(blank=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    resumed_at = models.DateTimeField(null=True, blank=True)
    resumed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(resumed_at=None), name="one_running_pause"
            ),
        ]

    def __str__(self) -> str:
        return f"until {self.until}"


class CustomField(models.Model):
    """An extra field that this organisation keeps on its customers or debts."""

    level = models.CharField(max_length=8, choices=[("customer", "customer"), ("debt", "debt")])
    key = models.SlugField(max_length=60)
    label = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["level", "label"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["level", "key"], name="one_custom_field_per_key"),
        ]

    def __str__(self) -> str:
        return self.label


class Standing(models.Model):
    """The narrow row that lists read; written by ``customers.standing`` only.

    Amounts are in ``currency``, the currency of the oldest open debt; the other
    currencies are in ``Balance``. ``overdue_amount`` is true on ``as_of`` (a date in the
    organisation's zone). Days past due are computed from ``oldest_due_on``, which is
    empty when nothing is owed. ``portfolio_id`` and ``adviser_id`` copy the customer's,
    for the indexes.
    """

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="standing"
    )
    portfolio_id = models.BigIntegerField()
    adviser_id = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    open_amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    overdue_amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    oldest_due_on = models.DateField(null=True)
    open_debts = models.PositiveIntegerField(default=0)
    as_of = models.DateField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["oldest_due_on", "customer"], name="standing_by_age"),
            models.Index(fields=["open_amount", "customer"], name="standing_by_amount"),
            models.Index(
                fields=["currency", "overdue_amount", "customer"],
                name="standing_by_money",
                condition=Q(overdue_amount__gt=0),
            ),
            models.Index(
                fields=["portfolio_id", "currency", "overdue_amount", "customer"],
                name="standing_by_portfolio_money",
                condition=Q(overdue_amount__gt=0),
            ),
            models.Index(
                fields=["portfolio_id", "open_amount", "customer"],
                name="standing_by_portfolio_amount",
            ),
            models.Index(
                fields=["adviser_id", "currency", "overdue_amount", "customer"],
                name="standing_by_adviser_money",
                condition=Q(overdue_amount__gt=0),
            ),
            models.Index(
                fields=["adviser_id", "oldest_due_on", "customer"], name="standing_by_adviser"
            ),
            models.Index(
                fields=["portfolio_id", "oldest_due_on", "customer"], name="standing_by_portfolio"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.open_amount}"


class Balance(models.Model):
    """What a customer owes in one currency; totals are never added across currencies."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="balances", db_index=False)
    currency = models.CharField(max_length=3)
    open_amount = models.DecimalField(max_digits=18, decimal_places=2)
    overdue_amount = models.DecimalField(max_digits=18, decimal_places=2)
    oldest_due_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "currency"], name="one_balance"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.open_amount}"
