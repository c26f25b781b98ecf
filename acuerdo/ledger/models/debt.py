"""A document that says somebody must pay."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import Customer


class DebtStatus(models.TextChoices):
    OPEN = "open", _("Abierta")
    SETTLED = "settled", _("Pagada")
    CANCELLED = "cancelled", _("Anulada")
    UNCOLLECTIBLE = "uncollectible", _("Incobrable")


DEBT_MOVES = {
    "open": ("settled", "cancelled", "uncollectible"),
    "settled": ("open",),
    "cancelled": ("open",),
    "uncollectible": ("open",),
}


class Debt(models.Model):
    """A payment order. ``balance`` is the sum of its entries, kept by ``ledger.entries``.

    Whether it is current or overdue is a question of date, not a state.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="debts")
    code = models.CharField(max_length=60, unique=True)
    product = models.CharField(max_length=80, blank=True)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    balance = models.DecimalField(max_digits=18, decimal_places=2)
    issued_on = models.DateField(null=True, blank=True)
    due_on = models.DateField()
    status = models.CharField(max_length=13, choices=DebtStatus, default=DebtStatus.OPEN)
    status_note = models.TextField(blank=True)
    custom = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=DebtStatus.values), name="debt_status"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="debt_amount_positive"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["customer", "due_on"], name="debt_open", condition=Q(status="open")
            ),
            models.Index(fields=["due_on", "id"], name="debt_by_due_date"),
        ]

    def __str__(self) -> str:
        return self.code
