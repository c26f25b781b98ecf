"""One row per fact, written in the transaction of the operation that made it true."""

from typing import ClassVar

from django.db import models
from django.db.models import BigIntegerField, Func, TextField
from django.db.models.functions import Cast

from acuerdo.organization.models import User


class CurrentTransaction(Func):
    function = "pg_current_xact_id"
    output_field = TextField()


class Event(models.Model):
    """A fact. Rows are only ever added.

    ``transaction`` is the database's own transaction number: readers follow it and
    stop below the oldest one still open, because ids alone are handed out in another
    order than they become visible. ``customer_id`` and the subject carry no foreign
    key: the noun lives in a higher app.
    """

    id = models.BigAutoField(primary_key=True)
    transaction = models.BigIntegerField(
        db_default=Cast(Cast(CurrentTransaction(), TextField()), BigIntegerField())
    )
    type = models.CharField(max_length=60)
    at = models.DateTimeField()
    customer_id = models.BigIntegerField(null=True)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    data = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["transaction", "id"], name="event_reading_order"),
            models.Index(fields=["customer_id", "id"], name="event_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject_type}:{self.subject_id}"


class Cursor(models.Model):
    """How far a subscriber has read."""

    name = models.CharField(max_length=80, primary_key=True)
    transaction = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.event_id}"


class FailedReaction(models.Model):
    """A subscriber's reaction that raised: tried again a few times, then left for a person."""

    id = models.BigAutoField(primary_key=True)
    subscriber = models.CharField(max_length=80)
    event = models.ForeignKey(Event, models.CASCADE, related_name="+")
    tries = models.PositiveSmallIntegerField(default=1)
    retry_at = models.DateTimeField()
    error = models.CharField(max_length=300)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subscriber", "retry_at"], name="failed_due")]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.error}"
