"""A promise to pay."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import Customer
from acuerdo.organization.models import User


class PromiseStatus(models.TextChoices):
    PENDING = "pending", _("Vigente")
    KEPT = "kept", _("Cumplido")
    BROKEN = "broken", _("Incumplido")
    CANCELLED = "cancelled", _("Anulado")


PROMISE_MOVES = {"pending": ("kept", "broken", "cancelled")}


class Promise(models.Model):
    """A date and an amount: a whole promise, or one part of a plan. A new promise cancels the old.

    ``made_on`` and ``due_on`` are local dates of the customer; payments dated from one to
    the other, with the organisation's days of grace, decide whether it was kept. The parts of
    a plan point at its first one, and each is kept or broken by itself.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="promises")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    paid = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    made_on = models.DateField()
    due_on = models.DateField()
    plan = models.ForeignKey("self", models.PROTECT, null=True, related_name="later_parts")
    part = models.PositiveSmallIntegerField(default=1, db_default=1)
    parts = models.PositiveSmallIntegerField(default=1, db_default=1)
    note = models.TextField(blank=True)
    status = models.CharField(max_length=9, choices=PromiseStatus, default=PromiseStatus.PENDING)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="promise_amount_positive"),
            models.CheckConstraint(
                condition=Q(status__in=PromiseStatus.values), name="promise_status"
            ),
            models.UniqueConstraint(
                fields=["customer", "part"],
                condition=Q(status="pending"),
                name="one_pending_promise_part",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on"], name="promise_due", condition=Q(status="pending")),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount} {self.due_on}"

    @property
    def plan_key(self) -> int:
        """The same for all parts of a plan."""
        return self.plan_id or self.pk
