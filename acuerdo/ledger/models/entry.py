"""The movements of money. The database refuses to change or delete them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from acuerdo.ledger.models.debt import Debt
from acuerdo.ledger.models.payment import Payment


class EntryKind(models.TextChoices):
    PRINCIPAL = "principal", _("Monto")
    PAYMENT = "payment", _("Pago")
    ADJUSTMENT = "adjustment", _("Ajuste")
    REVERSAL = "reversal", _("Anulación")


class Entry(models.Model):
    """A signed amount on one debt, in the debt's currency: positive adds to what is owed."""

    id = models.BigAutoField(primary_key=True)
    debt = models.ForeignKey(Debt, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=EntryKind)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    effective_on = models.DateField()
    posted_at = models.DateTimeField()
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="entries")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    by_id = models.BigIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="entry_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
