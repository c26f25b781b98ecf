"""Calls that somebody has to make, and what came of them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import User


class MidnightUTC(models.Func):
    """The begin of a date, independent of any setting: a stored column may use it."""

    template = "timezone('UTC', %(expressions)s::timestamp)"
    output_field = models.DateTimeField()


class CallStatus(models.TextChoices):
    PENDING = "pending", _("Por gestionar")
    DONE = "done", _("Gestionada")
    CANCELLED = "cancelled", _("Cancelada")


CALL_TASK_MOVES = {"pending": ("done", "cancelled")}


class CallSource(models.TextChoices):
    FLOW = "flow", _("Flujo")
    CALL_BACK = "call_back", _("Pidió llamada")
    RETRY = "retry", _("Reintento")
    MANUAL = "manual", _("Manual")


class Call(models.Model):
    """One call to make or made. It is in the tray from ``due_on`` (local date) while pending.

    ``due_at`` is the hour asked for, where there is one; ``moment`` is it or the begin of the day.
    ``attempt`` counts the tries of one flow step. ``idempotency_key`` is the planner's: the same
    key never makes two.
    ``portfolio_id`` and ``adviser_id`` follow the customer while the call is pending (see ``owners``).
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="calls")
    interaction = models.OneToOneField(Interaction, models.CASCADE, related_name="call")
    portfolio_id = models.BigIntegerField()
    adviser_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=9, choices=CallSource)
    due_on = models.DateField()
    due_at = models.DateTimeField(null=True)
    moment = models.GeneratedField(
        expression=Coalesce("due_at", MidnightUTC("due_on")),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    attempt = models.PositiveSmallIntegerField(default=1)
    script = models.TextField(blank=True)
    status = models.CharField(max_length=9, choices=CallStatus, default=CallStatus.PENDING)
    result = models.CharField(max_length=30, blank=True)
    note = models.TextField(blank=True)
    registered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    registered_at = models.DateTimeField(null=True)
    idempotency_key = models.CharField(max_length=80, null=True, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=CallStatus.values), name="call_status"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on", "id"], name="call_tray", condition=Q(status="pending")),
            models.Index(
                fields=["source", "moment", "id"],
                name="call_tray_pressing",
                condition=Q(status="pending"),
            ),
            models.Index(
                fields=["adviser_id", "source", "moment", "id"],
                name="call_tray_adviser",
                condition=Q(status="pending"),
            ),
            models.Index(
                fields=["portfolio_id", "source", "moment", "id"],
                name="call_tray_portfolio",
                condition=Q(status="pending"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.due_on}"
