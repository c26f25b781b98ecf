"""No registrados: messages from addresses that are nobody's, or several people's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.channels.adapter import InboundMessage, Outcome
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.conversations import attachments, inbox
from acuerdo.conversations.models import Attempt, Message
from acuerdo.conversations.receiving import filing, stopping, stranger_replies
from acuerdo.conversations.receiving.filing import Arrival
from acuerdo.conversations.sending import doubts
from acuerdo.conversations.stranger_models import ReplyState, StrangerReply, UnknownSender
from acuerdo.customers import contact_points, profiles
from acuerdo.customers.models import ContactKind, ContactPoint, Customer
from acuerdo.events import log
from acuerdo.events.log import Fact
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Direction, Kind, Origin, Status
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


@transaction.atomic
def receive(account: ChannelAccount, message: InboundMessage, *, at: datetime) -> None:
    """As ``receive_many``, for one."""
    receive_many([Arrival(account, message, at)])


def receive_many(arrivals: Sequence[Arrival]) -> None:
    """Keep messages with their files, each once. They are ``fresh``, and wait for each other."""
    new = _unknown(arrivals)
    if not new:
        return
    rows = UnknownSender.objects.bulk_create([_kept(arrival) for arrival in new])
    facts = [
        Fact(
            "unknown_sender.received",
            subject_type="unknownsender",
            subject_id=row.pk,
            at=row.received_at,
        )
        for row in rows
    ]
    log.append(facts, at=rows[-1].received_at)


def _unknown(arrivals: Sequence[Arrival]) -> list[Arrival]:
    if not arrivals:
        return []
    known = UnknownSender.objects.filter(
        account__in={arrival.account.pk for arrival in arrivals},
        provider_id__in=[arrival.message.provider_id for arrival in arrivals],
    )
    names = set(known.values_list("account_id", "provider_id"))
    return [arrival for arrival in arrivals if arrival.name not in names]


def _kept(arrival: Arrival) -> UnknownSender:
    account, message = arrival.account, arrival.message
    files = attachments.receive(message.files, message=None, at=arrival.at)
    return UnknownSender(
        account=account,
        address=message.sender,
        key=contact_points.canonical_key(_kind(account), message.sender),
        name=message.name,
        body=message.body,
        provider_id=message.provider_id,
        message=_remembered(message, files),
        received_at=arrival.at,
    )


# What of a message is kept beside the columns of its row; its files are rows of their own.
KEPT = ("sender_id", "subject", "html", "kind", "content", "is_automatic")


def _remembered(message: InboundMessage, files: list[Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(message, name) for name in KEPT}
    return kept | {"answers": list(message.answers), "attachments": [file.pk for file in files]}


def recalled(row: UnknownSender) -> InboundMessage:
    """The message as it came in, without its files."""
    message = InboundMessage(row.provider_id, row.address, row.body, row.name)
    kept = {name: row.message[name] for name in KEPT if name in row.message}
    return replace(message, **kept, answers=tuple(row.message.get("answers", ())))


def _kind(account: ChannelAccount) -> ContactKind:
    return KINDS[Channel(account.channel)]


@transaction.atomic
def link(sender: UnknownSender, customer: Customer, *, by: User, at: datetime) -> None:
    """Give ``customer`` this address and everything that came from it on its account."""
    rows = _alone(sender)
    _refuse_if_answering(rows)
    arrivals = [Arrival(row.account, recalled(row), row.received_at) for row in rows]
    # Before the customer is locked, as whoever receives one of them once more does it.
    fresh = filing.fresh(arrivals)
    added = _give_address(sender, customer, by=by, at=at)
    filing.file_many([(customer, arrival) for arrival in fresh])
    for row in rows:
        _hand_over_files(row, _filed(row))
        stopping.heed(customer, row.account, row.body, at=row.received_at)
    _move_answers(rows, customer, at=at)
    # These and no others: one that arrived meanwhile was not filed, and has to stay in the list.
    these = UnknownSender.objects.filter(pk__in=[row.pk for row in rows])
    these.update(linked_to=customer, added_point_id=added.pk if added else None)
    _tell("unknown_sender.linked", sender, customer, by=by, at=at)


@transaction.atomic
def register(sender: UnknownSender, *, by: User, at: datetime, **told: Any) -> Customer:
    """Make them a customer, with what ``profiles.create`` wants, and give them what they wrote."""
    customer = profiles.create(**told, by=by, at=at)
    link(sender, customer, by=by, at=at)
    return customer


def _alone(sender: UnknownSender) -> list[UnknownSender]:
    """What waits of the address, locked; asked after the wait, since the other may have won."""
    rows = list(_same_address(sender).select_for_update().order_by("received_at", "pk"))
    if sender.pk not in {row.pk for row in rows}:
        raise Refusal("stale_state", _("Otra persona ya resolvió este remitente."), status=409)
    return rows


def _refuse_if_answering(rows: Sequence[UnknownSender]) -> None:
    if stranger_replies.are_waiting(rows):
        sentence = _("Su respuesta está saliendo: espere unos segundos y vuelva a intentarlo.")
        raise Refusal("answering", sentence, status=409)


def _move_answers(rows: Sequence[UnknownSender], customer: Customer, *, at: datetime) -> None:
    """What we answered meanwhile is part of the conversation, as a message that left."""
    points = {point.key: point for point in customer.contact_points.all()}
    for reply in stranger_replies.sent(rows):
        entry = lifecycle.Entry(
            kind=Kind.MESSAGE,
            channel=reply.sender.account.channel,
            direction=Direction.OUTGOING,
            status=Status(reply.state),
            origin=Origin.MANUAL,
            at=reply.created_at,
            recipient=_value(reply.sender),
            summary=reply.body,
        )
        row = lifecycle.open_entry(customer, entry, created_at=reply.created_at, by=reply.by)
        reply.message = Message.objects.create(
            interaction=row,
            account=reply.sender.account,
            contact_point=points.get(reply.sender.key),
            address=_value(reply.sender),
            body=reply.body,
            provider_id=reply.provider_id or None,
        )
        reply.save(update_fields=["message"])
        _vouch(reply, reply.message, at=at)
        inbox.touch_many([row.pk])


def _vouch(reply: StrangerReply, message: Message, *, at: datetime) -> None:
    """Its one hand-over goes along: later notices find it, and a doubt waits for somebody."""
    is_doubtful = reply.state == ReplyState.UNCERTAIN
    if reply.token:
        Attempt.objects.create(
            message=message,
            token=reply.token,
            started_at=reply.started_at or reply.created_at,
            outcome=Outcome.UNCERTAIN if is_doubtful else Outcome.ACCEPTED,
            code=reply.code,
            detail=reply.detail,
        )
    if is_doubtful:
        doubts.enter([message.pk], at=at)


def _give_address(
    sender: UnknownSender, customer: Customer, *, by: User, at: datetime
) -> ContactPoint | None:
    """The address that ``customer`` did not have before; None when it was known."""
    if customer.contact_points.filter(key=sender.key).exists():
        return None
    return contact_points.add(
        customer, kind=_kind(sender.account), value=_value(sender), by=by, at=at
    )


def _filed(row: UnknownSender) -> Message | None:
    return Message.objects.filter(account_id=row.account_id, provider_id=row.provider_id).first()


def _hand_over_files(row: UnknownSender, message: Message | None) -> None:
    attachments.give(row.message.get("attachments", []), message)


@transaction.atomic
def unlink(sender: UnknownSender, *, by: User, at: datetime) -> None:
    """Take a link back: the messages leave the customer's conversation and wait here again.

    Refused once somebody wrote to the customer at the address that the link gave.
    """
    row = UnknownSender.objects.select_for_update().get(pk=sender.pk)
    customer = row.linked_to
    if customer is None:
        raise Refusal("stale_state", _("Ese vínculo ya se deshizo."), status=409)
    rows = UnknownSender.objects.filter(
        account_id=row.account_id, key=row.key, linked_to=customer
    ).select_related("account")
    _take_back_address(row, customer, by=by, at=at)
    messages = [message for each in rows if (message := _filed(each))]
    answers = [pk for pk in rows.values_list("replies__message", flat=True) if pk]
    for each in rows:
        _hand_over_files(each, None)
    lifecycle.take_back([*(message.pk for message in messages), *answers])
    inbox.arrived_by_mistake(customer, len(messages))
    rows.update(linked_to=None, added_point_id=None)
    _tell("unknown_sender.unlinked", row, customer, by=by, at=at)


def _take_back_address(row: UnknownSender, customer: Customer, *, by: User, at: datetime) -> None:
    if (
        Message.objects.filter(
            interaction__customer=customer,
            interaction__direction=Direction.OUTGOING,
            interaction__created_at__gte=row.received_at,
            address=_value(row),
        )
        .exclude(pk__in=_moved(row))
        .exists()
    ):
        sentence = _("Ya se le escribió a esa dirección: el vínculo no se puede deshacer.")
        raise Refusal("answered", sentence, status=409)
    point = customer.contact_points.filter(pk=row.added_point_id or 0).first()
    if point is not None:
        contact_points.take_back(point, by=by, at=at)


def _moved(row: UnknownSender) -> QuerySet[StrangerReply, Any]:
    """The answers that came into the conversation by the link itself.

    Not one that nobody can vouch for: it stays in the register until somebody decides.
    """
    rows = StrangerReply.objects.filter(sender__key=row.key, message__isnull=False)
    told = rows.exclude(message__interaction__status=Status.UNCERTAIN)
    return told.values_list("message", flat=True)


def _tell(type_: str, sender: UnknownSender, customer: Customer, *, by: User, at: datetime) -> None:
    log.record(
        type_,
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
    rows = _alone(sender)
    UnknownSender.objects.filter(pk__in=[row.pk for row in rows]).update(deleted_at=at)
    log.record("unknown_sender.deleted", subject=sender, by=by, at=at)


@transaction.atomic
def restore(sender: UnknownSender, *, by: User, at: datetime) -> None:
    """Back into the list, with what was deleted together with it."""
    row = UnknownSender.objects.get(pk=sender.pk)
    if row.deleted_at is None:
        raise Refusal("stale_state", _("Ese remitente ya está en la bandeja."), status=409)
    UnknownSender.objects.filter(
        account_id=row.account_id, key=row.key, deleted_at=row.deleted_at
    ).update(deleted_at=None)
    log.record("unknown_sender.restored", subject=row, by=by, at=at)


def _same_address(sender: UnknownSender) -> QuerySet[UnknownSender]:
    return UnknownSender.objects.filter(
        account_id=sender.account_id, key=sender.key, linked_to=None, deleted_at=None
    )
