"""The accounts that messages leave and arrive by, and everything they were told, raw."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from acuerdo.organization.models import User


class Channel(models.TextChoices):
    """A medium that reaches a person."""

    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("Correo")
    CALL = "call", _("Llamada")


class ChannelAccount(models.Model):
    """One line, number or mailbox at a provider.

    ``key`` is the unguessable part of its webhook address. ``secrets`` is sealed with
    the installation's key (see ``channels.secrets``). ``per_second`` is the provider's
    pace; zero means unlimited, and ``paced_until`` (database clock) is its next turn, after
    ``throttles`` pauses in a row that the provider asked for. A non-empty ``stopped_reason`` holds every send.
    """

    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=8, choices=Channel)
    adapter = models.CharField(max_length=40)
    key = models.CharField(max_length=60, unique=True)
    sender = models.CharField(max_length=200, blank=True)
    config = models.JSONField(default=dict)
    secrets = models.TextField(blank=True)
    per_second = models.PositiveIntegerField(default=0)
    paced_until = models.DateTimeField(null=True)
    throttles = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The provider's own word on how people take what this account sends: GREEN, YELLOW, RED.
    quality = models.CharField(max_length=10, blank=True, db_default="")
    # What the provider said of the account before somebody put it right is of the past; and of
    # two limits, or two qualities, the one that it said last counts, whichever is read last.
    settled_at = models.DateTimeField(null=True)
    limited_at = models.DateTimeField(null=True)
    judged_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    stopped_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["channel", "id"]

    def __str__(self) -> str:
        return self.name


class ClauseAcknowledgement(models.Model):
    """Somebody read the provider's clause on debt collection and answers for going on.

    ``clause`` is the text as it was shown; rows are only ever added.
    """

    account = models.ForeignKey(ChannelAccount, models.CASCADE, related_name="acknowledgements")
    tenant_type = models.CharField(max_length=8, blank=True)
    clause = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.account_id} {self.at:%Y-%m-%d}"


class SecretProposal(models.Model):
    """New keys of an account that wait for a second person; ``sealed`` is emptied with the answer.

    ``names`` are those of the settings, never their values.
    """

    account = models.ForeignKey(ChannelAccount, models.CASCADE, related_name="secret_proposals")
    sealed = models.TextField(blank=True)
    names = models.JSONField(default=list)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account"],
                name="one_open_secret_proposal",
                condition=Q(settled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.at:%Y-%m-%d}"


class WebhookReceipt(models.Model):
    """A body that a provider posted, kept as it came, once per ``event_key``.

    One that was set aside and whose ``handled_at`` is set was dismissed by a person.
    """

    id = models.BigAutoField(primary_key=True)
    # The unique key begins with it.
    account = models.ForeignKey(
        ChannelAccount, models.PROTECT, related_name="receipts", db_index=False
    )
    event_key = models.CharField(max_length=80)
    body = models.BinaryField()
    content_type = models.CharField(max_length=100, blank=True)
    query = models.CharField(max_length=500, blank=True, db_default="")
    received_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    set_aside_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "event_key"], name="one_receipt"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                name="receipt_unhandled",
                condition=Q(handled_at=None, set_aside_reason=""),
            ),
            models.Index(
                fields=["-id"],
                name="receipt_set_aside",
                condition=Q(handled_at=None) & ~Q(set_aside_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.event_key}"


class MailboxCursor(models.Model):
    """How far a folder was read: ``last_uid`` under ``validity``, the server's own numbering.

    The connection broke ``stuck_tries`` times over ``stuck_uid``. ``fault`` is empty while
    the mailbox can be read.
    """

    account = models.ForeignKey(ChannelAccount, models.CASCADE, related_name="cursors")
    folder = models.CharField(max_length=200)
    validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    stuck_uid = models.BigIntegerField(default=0)
    stuck_tries = models.PositiveSmallIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "folder"], name="one_mailbox_cursor"),
        ]

    def __str__(self) -> str:
        return f"{self.folder} {self.validity}/{self.last_uid}"


class ProviderTemplate(models.Model):
    """A template that a provider keeps and approves: we copy its list, we never write it.

    ``status`` and ``category`` are the provider's words (APPROVED, PAUSED; UTILITY,
    MARKETING, AUTHENTICATION), and GONE is ours for one that is no longer listed.
    ``components`` is the provider's own description; ``reason`` says why it was stopped.
    """

    account = models.ForeignKey(ChannelAccount, models.CASCADE, related_name="templates")
    name = models.CharField(max_length=512)
    language = models.CharField(max_length=20)
    category = models.CharField(max_length=30, blank=True)
    status = models.CharField(max_length=30, blank=True)
    quality = models.CharField(max_length=10, blank=True, db_default="")
    reason = models.CharField(max_length=200, blank=True, db_default="")
    components = models.JSONField(default=list)
    provider_id = models.CharField(max_length=100, blank=True)
    synced_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name", "language"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "name", "language"], name="one_provider_template"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class RateCategory(models.TextChoices):
    """What a provider prices apart: WhatsApp by category, SMS by part, e-mail by letter."""

    MARKETING = "marketing", _("Marketing")
    UTILITY = "utility", _("Utilidad")
    AUTHENTICATION = "authentication", _("Autenticación")
    SERVICE = "service", _("Servicio")
    SEGMENT = "segment", _("Parte de un SMS")
    MESSAGE = "message", _("Correo")


class Rate(models.Model):
    """What the organisation's own contract charges from a day on; see ``rates``.

    ``country`` is that of the recipient's number, in two letters; empty for any other.
    """

    account = models.ForeignKey(
        ChannelAccount, models.CASCADE, related_name="rates", db_index=False
    )
    category = models.CharField(max_length=14, choices=RateCategory)
    country = models.CharField(max_length=2, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=6)
    currency = models.CharField(max_length=3)
    valid_from = models.DateField()
    note = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["category", "country", "-valid_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "category", "country", "valid_from"], name="one_rate_a_day"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.country} {self.valid_from} {self.amount} {self.currency}"
