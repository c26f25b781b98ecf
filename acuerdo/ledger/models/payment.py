"""Money received, and money that the debtor says was paid."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import Customer
from acuerdo.organization.models import User


class PaymentStatus(models.TextChoices):
    POSTED = "posted", _("Registrado")
    VOIDED = "voided", _("Anulado")


PAYMENT_MOVES = {"posted": ("voided",)}


class Payment(models.Model):
    """Received money. ``code`` is the payer system's own number: the same one never posts twice.

    ``unapplied`` is what no debt was left to take.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="payments")
    code = models.CharField(max_length=80, unique=True)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    unapplied = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    paid_on = models.DateField()
    method = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=6, choices=PaymentStatus, default=PaymentStatus.POSTED)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(status__in=PaymentStatus.values), name="payment_status"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ReportStatus(models.TextChoices):
    REPORTED = "reported", _("Por verificar")
    VERIFIED = "verified", _("Verificado")
    REJECTED = "rejected", _("No verificado")


REPORT_MOVES = {"reported": ("verified", "rejected")}


class PaymentReport(models.Model):
    """The debtor says it paid. It silences the main flow until ``holds_until`` (local date)."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="payment_reports")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    paid_on = models.DateField()
    method = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)
    receipt = models.FileField(upload_to="receipts/", null=True, blank=True)
    status = models.CharField(max_length=8, choices=ReportStatus, default=ReportStatus.REPORTED)
    holds_until = models.DateField()
    alerted_at = models.DateTimeField(null=True)
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, related_name="report")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="report_amount_positive"),
            models.CheckConstraint(
                condition=Q(status__in=ReportStatus.values), name="report_status"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer"], name="report_open", condition=Q(status="reported")),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"
