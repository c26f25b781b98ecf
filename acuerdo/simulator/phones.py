"""Whose phone is on screen: a debtor, one of its addresses, and the account it talks to."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from acuerdo.channels import accounts
from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.conversations.models import Conversation
from acuerdo.customers import contact_points
from acuerdo.customers.access import customers_for
from acuerdo.customers.filters import matching
from acuerdo.customers.models import Customer
from acuerdo.organization.access import scope
from acuerdo.organization.models import User

CHANNELS = (("whatsapp", _("WhatsApp")), ("sms", _("SMS")), ("email", _("Correo")))
RECENT = 8


@dataclass(frozen=True)
class Phone:
    """``address`` is empty where the debtor cannot be reached on ``channel``."""

    customer: Customer
    channel: str
    address: str
    account: ChannelAccount | None

    @property
    def is_ready(self) -> bool:
        return bool(self.address and self.account)


def phone(customer: Customer, channel: str) -> Phone:
    point = contact_points.for_channel([customer.pk], channel=channel).get(customer.pk)
    account = accounts.active().get(channel)
    simulated = account if account and account.adapter == "simulated" else None
    return Phone(customer, channel, point.value if point else "", simulated)


def recent(user: User) -> QuerySet[Conversation]:
    """The top of the inbox, as its own list orders it."""
    rows = Conversation.objects.filter(scope(user).condition())
    return rows.select_related("customer__standing").order_by("-last_at", "-pk")[:RECENT]


def found(user: User, search: str) -> QuerySet[Customer]:
    rows = customers_for(user).filter(status="active")
    rows = rows.filter(matching(search)) if search else rows
    return rows.order_by("sort_key", "pk")[:RECENT]


def notices() -> QuerySet[WebhookReceipt]:
    """What was posted to our webhooks, newest first."""
    return WebhookReceipt.objects.select_related("account").order_by("-pk")[:RECENT]
