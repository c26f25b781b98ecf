"""Every answer to "may we contact this person now?", and who asked us not to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import Channel
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User


class Answer(models.TextChoices):
    ALLOW = "allow", _("Permitido")
    LATER = "later", _("Más tarde")
    NEVER = "never", _("No permitido")


class Decision(models.Model):
    """One answer with the rule behind it; rows are only added.

    ``until`` is when the contact becomes lawful, for the answer "later". ``rule`` is the
    id of the deciding rule in ``pack`` at ``pack_version``; ``stage`` says who asked:
    ``planning``, ``hand_off`` or ``screen``.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    interaction_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=8)
    origin = models.CharField(max_length=8)
    stage = models.CharField(max_length=8)
    at = models.DateTimeField()
    answer = models.CharField(max_length=5, choices=Answer)
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=60, blank=True)
    rule = models.CharField(max_length=40, blank=True)
    pack = models.CharField(max_length=12, blank=True)
    pack_version = models.CharField(max_length=30, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["customer", "-id"], name="decision_by_customer"),
            models.Index(fields=["interaction_id"], name="decision_by_interaction"),
        ]

    def __str__(self) -> str:
        return f"{self.answer} {self.reason}"


class OptIn(models.Model):
    """A person agreed that we write to them on a channel; rows are only added.

    ``source`` says where and how, for whoever asks for the proof. What is agreed later
    stands beside what was agreed before; a refusal is an ``OptOut`` and outweighs both.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="opt_ins")
    channel = models.CharField(max_length=8)
    covers_marketing = models.BooleanField(default=False)
    source = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.channel} {self.source}"

    @property
    def channel_label(self) -> str:
        return str(Channel(self.channel).label)


class OptOut(models.Model):
    """A person asked us to stop, on one channel or (empty) on all of them."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="opt_outs")
    channel = models.CharField(max_length=8, blank=True)
    source = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "channel"],
                condition=Q(lifted_at=None),
                name="one_standing_opt_out",
            ),
        ]

    def __str__(self) -> str:
        return self.channel or "*"

    @property
    def channel_label(self) -> str:
        return str(Channel(self.channel).label) if self.channel else gettext("Todos los canales")
