"""How many messages of each day were charged alike. Written by ``sending.counting`` only."""

from typing import ClassVar

from django.db import models

from acuerdo.channels.models import ChannelAccount


class CountedDay(models.Model):
    """A day of the organisation, and the moment of which its counts speak."""

    day = models.DateField(primary_key=True)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.day.isoformat()


class SentCount(models.Model):
    """Messages that left on one day, in the words of their register rows.

    ``start`` is the beginning of the number, which tells its country; ``is_billable`` is null
    where the provider has not said.
    """

    day = models.DateField()
    account = models.ForeignKey(ChannelAccount, models.PROTECT, related_name="+", db_index=False)
    portfolio_id = models.BigIntegerField()
    adviser_id = models.BigIntegerField(null=True)
    start = models.CharField(max_length=8, blank=True)
    category = models.CharField(max_length=30, blank=True)
    is_billable = models.BooleanField(null=True)
    messages = models.PositiveIntegerField()
    delivered = models.PositiveIntegerField()
    segments = models.PositiveIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["day"], name="sent_count_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.category} {self.messages}"
