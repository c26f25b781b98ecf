"""Who works here, and which portfolios they may reach."""

from datetime import date, timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TenantType(models.TextChoices):
    """On whose behalf this organisation collects; some providers' rules depend on it."""

    CREDITOR = "creditor", _("Cobra sus propias deudas")
    AGENCY = "agency", _("Cobra por encargo de otros")
    BUYER = "buyer", _("Compra carteras de deuda")


class ReplyRule(models.TextChoices):
    """Who may write to a customer; a note is open to everybody who reaches the customer."""

    ANYONE = "anyone", _("Cualquiera que alcance al cliente")
    TAKE_FIRST = "take_first", _("Quien lo haya tomado")
    OWNER_ONLY = "owner_only", _("Solo su asesor")


class Organization(models.Model):
    """The one row of settings of this installation. ``tenant_type`` is empty until it is told."""

    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, default="PE")
    currency = models.CharField(max_length=3, default="PEN")
    time_zone = models.CharField(max_length=64, default="America/Lima")
    unregistered_inbox = models.BooleanField(default=True)
    advisers_see_unregistered = models.BooleanField(default=False, db_default=False)
    call_tray = models.BooleanField(default=True)
    advisers_see_unassigned = models.BooleanField(default=True)
    advisers_see_team = models.BooleanField(default=False)
    report_hold_business_days = models.PositiveSmallIntegerField(default=3)
    promise_grace_days = models.PositiveSmallIntegerField(default=0)
    call_attempts_per_step = models.PositiveSmallIntegerField(default=3)
    tenant_type = models.CharField(max_length=8, choices=TenantType, blank=True, db_default="")
    reply_rule = models.CharField(
        max_length=10,
        choices=ReplyRule,
        default=ReplyRule.ANYONE,
        db_default=ReplyRule.ANYONE,
    )
    contingency_channel = models.BooleanField(default=True, db_default=True)
    sending_paused_at = models.DateTimeField(null=True, blank=True)
    sending_paused_reason = models.CharField(max_length=200, blank=True)
    # Shown to customers on their own page: accounts, addresses, hours.
    how_to_pay = models.TextField(blank=True, db_default="", default="")
    clock_offset = models.DurationField(default=timedelta(0))

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="one_organization"),
        ]

    def __str__(self) -> str:
        return self.name


class PortfolioKind(models.TextChoices):
    CURRENT = "current", _("Vigente")
    CHARGED_OFF = "charged_off", _("Castigada")


class Portfolio(models.Model):
    """A creditor's book of debts; the unit of access."""

    name = models.CharField(max_length=120, unique=True)
    code = models.SlugField(max_length=60, unique=True)
    creditor = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=12, choices=PortfolioKind, default=PortfolioKind.CURRENT)
    # Where its customers agreed to be written to by WhatsApp; empty until somebody tells.
    whatsapp_consent = models.CharField(max_length=200, blank=True, db_default="", default="")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    name = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrador")
    SUPERVISOR = "supervisor", _("Supervisor")
    ADVISER = "adviser", _("Asesor")
    AUDITOR = "auditor", _("Auditor")


class Accounts(BaseUserManager["User"]):
    """Looks users up by e-mail without regard to case, as people type it."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody of the team. ``external_id`` is the adviser code that files carry.

    ``language`` is empty for the installation's own; ``columns`` holds, per screen, the columns that this person chose to see;
    ``own_keys`` what is pressed in place of a key of ``ui.keys``.
    """

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=14, choices=Role, default=Role.ADVISER)
    external_id = models.CharField(max_length=40, unique=True, null=True, blank=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="users")
    is_active = models.BooleanField(default=True)
    theme = models.CharField(
        max_length=6,
        choices=[("system", _("Sistema")), ("light", _("Claro")), ("dark", _("Oscuro"))],
        default="system",
    )
    density = models.CharField(
        max_length=11,
        choices=[("comfortable", _("Cómoda")), ("compact", _("Compacta"))],
        default="comfortable",
    )
    language = models.CharField(
        max_length=2, choices=[("es", "Español"), ("en", "English")], blank=True, default=""
    )
    has_shortcuts = models.BooleanField(default=True)
    sends_by_enter = models.BooleanField(default=False, db_default=False)
    own_keys = models.JSONField(
        default=dict, blank=True, db_default=models.Value({}, models.JSONField())
    )
    columns = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Accounts] = Accounts()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role"),
        ]

    def __str__(self) -> str:
        return self.name


class PortfolioGrant(models.Model):
    """The right of a user to work a portfolio, from a day and perhaps until another."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="grants")
    starts_on = models.DateField(default=date(2000, 1, 1))
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "portfolio"], name="one_grant"),
        ]

    def __str__(self) -> str:
        return f"{self.user} > {self.portfolio}"


class Holiday(models.Model):
    """A closed day that the organisation adds to its country's calendar."""

    country = models.CharField(max_length=2)
    on = models.DateField()
    name = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["country", "on"], name="one_holiday"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"


class SentForm(models.Model):
    """A form that somebody sent, by the digest of its token and content; see ``once``."""

    key = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(db_index=True)
    is_done = models.BooleanField(default=False)
    answer = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.key
