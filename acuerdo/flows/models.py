"""Strategies: what to do on which day past due, and what became of each step."""

from datetime import time
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import Channel
from acuerdo.conversations.models import MessageTemplate
from acuerdo.customers.models import ContactRole, Customer
from acuerdo.organization.models import Portfolio


class Flow(models.Model):
    """A sequence of steps for one portfolio, or (empty) for every portfolio without its own."""

    name = models.CharField(max_length=120, unique=True)
    portfolio = models.OneToOneField(
        Portfolio, models.PROTECT, null=True, blank=True, related_name="flow"
    )
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_active"],
                condition=Q(portfolio=None, is_active=True),
                name="one_general_flow",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Step(models.Model):
    """What happens ``offset_days`` after the oldest due date (negative: before).

    ``hour`` is local to the customer. A removed step stays, inactive, for its history.
    """

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="steps")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    offset_days = models.SmallIntegerField()
    channel = models.CharField(max_length=8, choices=Channel)
    template = models.ForeignKey(MessageTemplate, models.PROTECT, related_name="+")
    hour = models.TimeField(default=time(9))
    recipient = models.CharField(max_length=9, choices=ContactRole, default=ContactRole.DEBTOR)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["offset_days", "hour", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["flow", "key"], name="one_step_per_key"),
        ]

    def __str__(self) -> str:
        return self.name


class RunStatus(models.TextChoices):
    PLANNED = "planned", _("Planificado")
    POSTPONED = "postponed", _("Aplazado")
    DONE = "done", _("Hecho")
    SKIPPED = "skipped", _("Omitido")


RUN_MOVES = {
    "planned": ("done", "skipped", "postponed"),
    "postponed": ("done", "skipped", "postponed"),
}


class StepRun(models.Model):
    """One step for one customer and one due date: at most one, whatever happens.

    ``anchor_on`` is the oldest due date that the step counted from; ``planned_on`` the
    local date it belongs to; ``due_at`` when it may run. A skipped or postponed run
    keeps its ``reason`` and, where the contact policy spoke, ``rule`` and ``pack_version``.
    The only foreign key is the customer's: this table is written by the million.
    """

    id = models.BigAutoField(primary_key=True)
    step_id = models.BigIntegerField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="step_runs", db_index=False)
    anchor_on = models.DateField()
    planned_on = models.DateField()
    due_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=RunStatus)
    reason = models.CharField(max_length=40, blank=True)
    rule = models.CharField(max_length=40, blank=True)
    pack_version = models.CharField(max_length=30, blank=True)
    interaction_id = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "step_id", "anchor_on"], name="one_run_per_step_and_due_date"
            ),
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="run_status"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                name="run_due",
                condition=Q(status__in=["planned", "postponed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_id} {self.status}"


class DayRun(models.Model):
    """What the clock has already started on a local date of the organisation.

    ``planned_at`` is set when all of the day is planned, and put back to ``days.AGAIN`` when
    facts change (an import, a new step): the next tick plans the rest of the day again.
    """

    on = models.DateField(unique=True)
    begun_at = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.on}"
