"""Messages from addresses that belong to nobody, or to several, and what we answered them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import ChannelAccount
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User


class UnknownSender(models.Model):
    """A message from an address that belongs to nobody, or to several: never a guess."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(ChannelAccount, models.PROTECT, related_name="+")
    address = models.CharField(max_length=254)
    key = models.CharField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    provider_id = models.CharField(max_length=200)
    # The message as the adapter read it, for the thread once it is linked.
    message = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    linked_to = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+")
    # The address that the link gave to the customer, to take it back with the link.
    added_point_id = models.BigIntegerField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "provider_id"], name="one_unknown_per_provider_id"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["key", "-received_at"], name="unknown_by_key"),
            models.Index(
                fields=["account", "key", "-received_at", "-id"],
                name="unknown_waiting",
                condition=Q(linked_to=None, deleted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.address


class ReplyState(models.TextChoices):
    WAITING = "waiting", _("Por salir")
    LEAVING = "leaving", _("Procesando")
    SENT = "sent", _("Enviado")
    DELIVERED = "delivered", _("Entregado")
    OPENED = "opened", _("Abierto")
    FAILED = "failed", _("Fallido")
    UNCERTAIN = "uncertain", _("Sin respuesta del proveedor")


class StrangerReply(models.Model):
    """An answer to somebody who is nobody's yet; see ``stranger_replies``.

    ``token`` is set with the one hand-over it gets, and ``started_at`` is on the database's
    clock. ``message`` is what it became in a customer's conversation once it was linked.
    """

    id = models.BigAutoField(primary_key=True)
    sender = models.ForeignKey(UnknownSender, models.CASCADE, related_name="replies")
    body = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    key = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=9, choices=ReplyState, default=ReplyState.WAITING)
    token = models.CharField(max_length=60, null=True, unique=True)
    provider_id = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    message = models.OneToOneField("Message", models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="reply_waiting",
                condition=Q(state__in=["waiting", "leaving"]),
            ),
            models.Index(fields=["provider_id"], name="reply_by_provider_id"),
            models.Index(
                fields=["-created_at", "-id"],
                name="reply_uncertain",
                condition=Q(state="uncertain", message=None),
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]
