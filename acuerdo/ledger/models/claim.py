"""A claim: what a customer disputes about what we say is owed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import Customer
from acuerdo.ledger.models.debt import Debt
from acuerdo.organization.models import User


class ClaimCategory(models.TextChoices):
    TERMS = "terms", _("Condiciones contractuales")
    BILLING = "billing", _("Errores de facturación")
    PAYMENTS = "payments", _("Problemas con el pago")
    PRODUCT = "product", _("Problemas con el producto o servicio")


class ClaimStatus(models.TextChoices):
    OPEN = "open", _("Abierto")
    CLOSED = "closed", _("Cerrado")


CLAIM_MOVES = {"open": ("closed",), "closed": ("open",)}


class Claim(models.Model):
    """One dispute, kept after it is closed. Without ``debts`` it is about all that is owed."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="claims")
    category = models.CharField(max_length=8, choices=ClaimCategory)
    description = models.TextField()
    debts = models.ManyToManyField(Debt, related_name="claims")
    status = models.CharField(max_length=6, choices=ClaimStatus, default=ClaimStatus.OPEN)
    opened_on = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    resolution = models.TextField(blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=ClaimStatus.values), name="claim_status"),
            models.CheckConstraint(
                condition=Q(category__in=ClaimCategory.values), name="claim_category"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-opened_on", "-id"], name="claim_latest"),
            models.Index(fields=["customer"], name="claim_open", condition=Q(status="open")),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()} {self.opened_on}"
