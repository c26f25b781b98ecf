"""Whose phone is on screen: a debtor, their addresses, and the account they talk to."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from acuerdo.channels import accounts
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.conversations.models import Conversation
from acuerdo.customers import contact_points
from acuerdo.customers.access import customers_for
from acuerdo.customers.contact_points import KINDS_OF_CHANNEL
from acuerdo.customers.filters import matching
from acuerdo.customers.models import Customer
from acuerdo.organization.access import scope
from acuerdo.organization.models import User
from acuerdo.simulator import lines

CHANNELS = (("whatsapp", _("WhatsApp")), ("sms", _("SMS")), ("email", _("Correo")))
RECENT = 8


@dataclass(frozen=True)
class Phone:
    """``address`` is the one the debtor writes from; empty where there is none for ``channel``."""

    customer: Customer
    channel: str
    address: str
    account: ChannelAccount | None
    addresses: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        return bool(self.address and self.account)

    @property
    def has_window(self) -> bool:
        return self.is_ready and self.channel == Channel.WHATSAPP


def phone(customer: Customer, channel: str) -> Phone:
    point = contact_points.for_channel([customer.pk], channel=channel).get(customer.pk)
    points = customer.contact_points.filter(kind__in=KINDS_OF_CHANNEL[channel])
    return Phone(
        customer,
        channel,
        point.value if point else "",
        line(channel),
        tuple(points.values_list("value", flat=True)),
    )


def line(channel: str) -> ChannelAccount | None:
    """The line that ``channel`` is written by, where its provider is the simulator."""
    account = accounts.active().get(channel)
    return account if account and lines.is_simulated(account) else None


def recent(user: User) -> QuerySet[Conversation]:
    """The top of the inbox, as its own list orders it."""
    rows = Conversation.objects.filter(scope(user).condition())
    return rows.select_related("customer__standing").order_by("-last_at", "-pk")[:RECENT]


def found(user: User, search: str) -> QuerySet[Customer]:
    rows = customers_for(user).filter(status="active")
    rows = rows.filter(matching(search)) if search else rows
    return rows.order_by("sort_key", "pk")[:RECENT]
