"""No registrados: messages from addresses that are nobody's, or several people's."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.conversations import filing, stopping
from acuerdo.conversations.models import UnknownSender
from acuerdo.customers import contact_points
from acuerdo.customers.models import ContactKind, Customer
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal

# The kind of address that somebody who wrote on a channel can be reached by.
KINDS = {
    Channel.WHATSAPP: ContactKind.WHATSAPP,
    Channel.SMS: ContactKind.PHONE,
    Channel.CALL: ContactKind.PHONE,
    Channel.EMAIL: ContactKind.EMAIL,
}


def waiting() -> QuerySet[UnknownSender]:
    """Those that nobody linked or deleted, newest first."""
    found = UnknownSender.objects.filter(linked_to=None, deleted_at=None)
    return found.select_related("account").order_by("-received_at", "-pk")


def receive(account: ChannelAccount, message: InboundMessage, *, at: datetime) -> None:
    """Keep one message, once."""
    row = UnknownSender(
        account=account,
        address=message.sender,
        key=contact_points.canonical_key(_kind(account), message.sender),
        name=message.name,
        body=message.body,
        provider_id=message.provider_id,
        received_at=at,
    )
    known = UnknownSender.objects.filter(account=account, provider_id=message.provider_id)
    if known.exists():
        return
    UnknownSender.objects.bulk_create([row], ignore_conflicts=True)
    log.record("unknown_sender.received", subject=known.get(), at=at)


def _kind(account: ChannelAccount) -> ContactKind:
    return KINDS[Channel(account.channel)]


@transaction.atomic
def link(sender: UnknownSender, customer: Customer, *, by: User, at: datetime) -> None:
    """Give ``customer`` this address and everything that came from it on its account."""
    _refuse_if_settled(sender)
    rows = list(_same_address(sender).select_for_update().order_by("received_at", "pk"))
    if not customer.contact_points.filter(key=sender.key).exists():
        contact_points.add(customer, kind=_kind(sender.account), value=_value(sender), by=by, at=at)
    for row in rows:
        message = InboundMessage(row.provider_id, row.address, row.body, row.name)
        filing.file(customer, row.account, message, at=row.received_at)
        stopping.heed(customer, row.account, row.body, at=row.received_at)
    # These and no others: one that arrived meanwhile was not filed, and has to stay in the list.
    UnknownSender.objects.filter(pk__in=[row.pk for row in rows]).update(linked_to=customer)
    log.record(
        "unknown_sender.linked",
        subject=sender,
        customer_id=customer.pk,
        by=by,
        at=at,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
    )


def _value(sender: UnknownSender) -> str:
    """Providers write numbers with the country's code and often without the plus."""
    return f"+{sender.address}" if sender.address.isdigit() else sender.address


@transaction.atomic
def delete(sender: UnknownSender, *, by: User, at: datetime) -> None:
    """Out of the list, with everything else from that address."""
    _refuse_if_settled(sender)
    _same_address(sender).update(deleted_at=at)
    log.record("unknown_sender.deleted", subject=sender, by=by, at=at)


def _same_address(sender: UnknownSender) -> QuerySet[UnknownSender]:
    return UnknownSender.objects.filter(
        account_id=sender.account_id, key=sender.key, linked_to=None, deleted_at=None
    )


def _refuse_if_settled(sender: UnknownSender) -> None:
    if not _same_address(sender).filter(pk=sender.pk).exists():
        raise Refusal("stale_state", _("Otra persona ya resolvió este remitente."), status=409)
