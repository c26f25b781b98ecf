"""What was asked of many conversations at once, and what became of each. See ``bulk.jobs``."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import Customer
from acuerdo.organization.models import User


class BulkAction(models.TextChoices):
    OMIT = "omit", _("Omitir")
    ASSIGN = "assign", _("Asignar")
    PAUSE = "pause", _("Pausar")
    TEMPLATE = "template", _("Enviar plantilla")


class BulkStatus(models.TextChoices):
    RUNNING = "running", _("En curso")
    DONE = "done", _("Terminada")
    UNDOING = "undoing", _("Deshaciendo")
    UNDONE = "undone", _("Deshecha")
    FAILED = "failed", _("Fallida")


# Undone while it runs, it stops where it is.
BULK_MOVES = {
    "running": ("done", "undoing", "failed"),
    "done": ("undoing",),
    "undoing": ("undone", "failed"),
    "failed": ("undoing",),
}
MOVING = (BulkStatus.RUNNING, BulkStatus.UNDOING)


class BulkOutcome(models.TextChoices):
    WAITING = "", _("En espera")
    DONE = "done", _("Hecho")
    SKIPPED = "skipped", _("Omitido")
    UNDONE = "undone", _("Deshecho")
    KEPT = "kept", _("Sin deshacer")


class BulkJob(models.Model):
    """One action on a set of customers that was frozen when it was asked for.

    ``cursor`` is the last customer that the present pass, doing or undoing, has dealt with.
    ``terms`` are what was typed. ``reasons`` count why customers were skipped, ``undo_reasons``
    why something was not undone. ``tries`` are those of the present batch that were begun and did
    not end well; ``retry_at`` keeps its job away from the workers until then. ``undo_asked`` stays
    true from the first undo on: one that failed was then being undone, not done.
    """

    id = models.BigAutoField(primary_key=True)
    action = models.CharField(max_length=8, choices=BulkAction)
    status = models.CharField(max_length=7, choices=BulkStatus, default=BulkStatus.RUNNING)
    terms = models.JSONField(default=dict)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    worked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    retry_at = models.DateTimeField(null=True)
    undo_asked = models.BooleanField(default=False, db_default=False)
    cursor = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    undone = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    undo_reasons = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=BulkStatus.values), name="bulk_job_status"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["requested_by", "-created_at", "-id"], name="bulk_job_latest"),
            models.Index(
                fields=["worked_at"], name="bulk_job_moving", condition=Q(status__in=MOVING)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.total}"

    @property
    def is_moving(self) -> bool:
        return self.status in MOVING

    @property
    def standing(self) -> int:
        """What an undo could still take back."""
        return self.done - self.undone - self.kept

    @property
    def not_reached(self) -> int:
        """Whom nobody came to: none are left once it ended well or was stopped."""
        return self.total - self.done - self.skipped


class BulkItem(models.Model):
    """One customer of a job. ``trace`` is what the action needs to take itself back."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="items", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    outcome = models.CharField(max_length=7, blank=True, db_default="", default="")
    reason = models.CharField(max_length=60, blank=True, db_default="", default="")
    trace = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "customer"], name="one_item_per_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.customer_id} {self.outcome}"
