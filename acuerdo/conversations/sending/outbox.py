"""Puts messages in the queue. The address and the text are frozen here, once per key.

Nothing leaves from here: ``delivery`` asks the contact policy again and hands over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from acuerdo.channels import accounts, provider_templates, segments
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.conversations import inbox
from acuerdo.conversations.models import Attachment, Message, MessageTemplate, Outgoing
from acuerdo.conversations.sending import flood, sensitive, states
from acuerdo.customers import contact_points
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.lifecycle import Moved
from acuerdo.interactions.models import Direction, Interaction, Kind, Origin, Status
from acuerdo.organization.models import User
from acuerdo.primitives import failpoints
from acuerdo.primitives.arrays import literal
from acuerdo.primitives.refusals import Refusal

# Two callers with the same key meet at the unique index; the second sees the first's row.
RACES = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """One message to queue. ``contact_point`` and ``account`` are chosen when left out.

    ``quotes`` is the provider's id of the message that this one answers. ``files`` were
    uploaded and belong to no message yet. A ``template_call`` (the fields of
    ``channels.adapter.TemplateCall``) may stand in for the text, as ``files`` may.
    """

    customer: Customer
    channel: str
    body: str
    origin: Origin | str
    subject: str = ""
    html: str = ""
    kind: str = "text"
    content: dict[str, Any] | None = None
    quotes: str = ""
    template_call: dict[str, Any] | None = None
    files: tuple[Attachment, ...] = ()
    contact_point: ContactPoint | None = None
    account: ChannelAccount | None = None
    template: MessageTemplate | None = None
    role: str = "debtor"
    source: str = ""
    source_id: int | None = None
    due_at: datetime | None = None
    not_after: datetime | None = None
    idempotency_key: str | None = None
    by: User | None = None


def queue_message(customer: Customer, *, at: datetime, **what: object) -> Message:
    """Queue one message; the fields are those of ``Draft``.

    The same ``idempotency_key`` again returns the first message. A person's message
    takes the bold of the conversation away. Raises Refusal without an address, an
    account or a text.
    """
    result = queue_many([Draft(customer=customer, **what)], at=at)[0]  # type: ignore[arg-type]
    if isinstance(result, Refusal):
        raise result
    return result


def queue_many(drafts: Iterable[Draft], *, at: datetime) -> list[Message | Refusal]:
    """Queue many at once; each answer stands where its draft stood."""
    wanted = list(drafts)
    for race in range(RACES):
        try:
            with transaction.atomic():
                queued = _queue(wanted, at=at)
                failpoints.hit("outbox.queueing")
            # Whoever called may hold a transaction of their own around this one.
            transaction.on_commit(partial(failpoints.hit, "outbox.queued"))
            return queued
        except IntegrityError:
            if race == RACES - 1:
                raise
    raise AssertionError("unreachable")


def _queue(drafts: Sequence[Draft], *, at: datetime) -> list[Message | Refusal]:
    known = _known([draft.idempotency_key for draft in drafts if draft.idempotency_key])
    results: dict[int, Message | Refusal] = {}
    fresh: list[tuple[int, Draft]] = []
    first_of: dict[str, int] = {}
    for place, draft in enumerate(_addressed(drafts)):
        key = draft.idempotency_key
        refusal = _refusal(draft) or _flood(draft, at=at)
        if key and key in known:
            results[place] = known[key]
        elif refusal:
            results[place] = refusal
        elif key and key in first_of:
            continue
        else:
            first_of.setdefault(key or f"#{place}", place)
            fresh.append((place, draft))
    created = _insert([draft for _place, draft in fresh], at=at)
    results.update(zip((place for place, _draft in fresh), created, strict=True))
    return [
        results[place] if place in results else results[first_of[str(draft.idempotency_key)]]
        for place, draft in enumerate(drafts)
    ]


def _known(keys: list[str]) -> dict[str, Message]:
    if not keys:
        return {}
    found = Message.objects.filter(idempotency_key__in=keys).select_related("interaction")
    return {str(message.idempotency_key): message for message in found}


def _addressed(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts with the address and account that each one will use, where there is one."""
    writing = accounts.active()
    wanted: dict[tuple[str, str], list[int]] = {}
    for draft in drafts:
        if draft.contact_point is None:
            wanted.setdefault((draft.channel, draft.role), []).append(draft.customer.pk)
    points = {
        (channel, role): contact_points.for_channel(ids, channel=channel, role=role)
        for (channel, role), ids in wanted.items()
    }
    return [
        replace(
            draft,
            contact_point=draft.contact_point
            or points[draft.channel, draft.role].get(draft.customer.pk),
            account=draft.account or _approver(draft) or writing.get(draft.channel),
        )
        for draft in drafts
    ]


def _approver(draft: Draft) -> ChannelAccount | None:
    """A template that a provider keeps leaves by the account that it is kept for."""
    kept = draft.template.provider_template if draft.template and draft.template_call else None
    return kept.account if kept and kept.account.is_active else None


def _refusal(draft: Draft) -> Refusal | None:
    if fault := _fault_of_text(draft):
        return fault
    if draft.account is None:
        return Refusal(
            "no_account", _("No hay una cuenta activa para este canal."), field="channel"
        )
    if draft.contact_point is None:
        return Refusal(
            "no_address", _("El cliente no tiene una dirección para este canal."), field="channel"
        )
    if draft.contact_point.customer_id != draft.customer.pk:
        return Refusal("foreign_address", _("Esa dirección es de otro cliente."))
    kept = draft.template.provider_template if draft.template and draft.template_call else None
    if kept and provider_templates.fault(kept):
        sentence = _("La plantilla «%(name)s» no se puede usar. %(why)s")
        why = {"name": kept.name, "why": provider_templates.fault(kept)}
        return Refusal("template_unusable", sentence % why, field="body", status=409)
    return None


def _fault_of_text(draft: Draft) -> Refusal | None:
    if not (draft.body.strip() or draft.files or draft.template_call):
        return Refusal("empty_body", _("Escriba el texto del mensaje."), field="body")
    shown = sensitive.fault(f"{draft.subject} {draft.body}", draft.customer)
    return Refusal(shown, str(states.REASONS[shown]), field="body") if shown else None


def _flood(draft: Draft, *, at: datetime) -> Refusal | None:
    address = draft.contact_point.value if draft.contact_point else ""
    return flood.refusal(
        channel=draft.channel, origin=str(draft.origin), address=address, at=draft.due_at or at
    )


def _insert(drafts: list[Draft], *, at: datetime) -> list[Message]:
    rows = lifecycle.open_many([_interaction(draft, at=at) for draft in drafts])
    pairs = list(zip(drafts, rows, strict=True))
    messages = Message.objects.bulk_create([_message(*pair) for pair in pairs], batch_size=1000)
    for draft, message in zip(drafts, messages, strict=True):
        _attach(draft.files, message)
    Outgoing.objects.bulk_create([_outgoing(*pair) for pair in pairs], batch_size=1000)
    inbox.touch_many(row.pk for row in rows if row.at <= at)
    log.append(map(_queued, rows), by=_only_author(drafts), at=at)
    for draft in drafts:
        if draft.origin == Origin.MANUAL and draft.by is not None:
            inbox.mark_handled(draft.customer, by=draft.by, at=at, how="reply")
    return messages


def _attach(files: Sequence[Attachment], message: Message) -> None:
    """A file goes with one message: one that another took meanwhile is not stolen from it."""
    for file in files:
        free = Attachment.objects.filter(pk=file.pk, message=None, note=None, state="stored")
        if not free.update(message=message):
            raise Refusal(
                "file_taken", _("Ese archivo ya se usó en otro mensaje; súbalo de nuevo.")
            )


def _only_author(drafts: list[Draft]) -> User | None:
    authors = {draft.by for draft in drafts}
    return authors.pop() if len(authors) == 1 else None


def _interaction(draft: Draft, *, at: datetime) -> Interaction:
    entry = lifecycle.Entry(
        kind=Kind.MESSAGE,
        channel=draft.channel,
        direction=Direction.OUTGOING,
        status=Status.SCHEDULED,
        origin=Origin(draft.origin),
        at=draft.due_at or at,
        source=draft.source,
        source_id=draft.source_id,
        template=draft.template.name if draft.template else "",
        recipient=draft.contact_point.value if draft.contact_point else "",
        summary=draft.body,
    )
    return lifecycle.build(draft.customer, entry, created_at=at, by=draft.by)


def _message(draft: Draft, row: Interaction) -> Message:
    assert draft.account is not None  # noqa: S101 - _refusal saw to it
    return Message(
        interaction=row,
        account=draft.account,
        contact_point=draft.contact_point,
        address=row.recipient,
        subject=draft.subject[:200],
        body=draft.body,
        html=draft.html,
        kind=draft.kind,
        content=draft.content,
        quotes=draft.quotes,
        template_call=draft.template_call,
        template_version=draft.template.version if draft.template else None,
        segments=segments.count(draft.body).segments if draft.channel == Channel.SMS else None,
        idempotency_key=draft.idempotency_key,
    )


def _outgoing(draft: Draft, row: Interaction) -> Outgoing:
    assert draft.account is not None  # noqa: S101 - _refusal saw to it
    return Outgoing(
        message_id=row.pk,
        account_id=draft.account.pk,
        customer_id=draft.customer.pk,
        due_at=row.at,
        not_after=draft.not_after,
    )


def _queued(row: Interaction) -> log.Fact:
    return log.Fact(
        "message.queued",
        customer_id=row.customer_id,
        subject_type="message",
        subject_id=row.pk,
        data={"portfolio_id": row.portfolio_id, "adviser_id": row.adviser_id},
    )


@transaction.atomic
def cancel(message: Message, *, by: User | None, at: datetime) -> Message:
    """Take a message out of the queue; refused once a worker has it."""
    # The queue's row first, as the worker does: whoever comes second sees the other's work.
    Outgoing.objects.filter(message=message).delete()
    row = Interaction.objects.get(pk=message.pk)
    lifecycle.move(row, Status.CANCELLED)
    inbox.show_statuses([row.pk])
    log.record(
        "message.cancelled",
        subject=message,
        customer_id=row.customer_id,
        by=by,
        at=at,
        portfolio_id=row.portfolio_id,
        adviser_id=row.adviser_id,
    )
    return message


@transaction.atomic
def cancel_many(message_ids: Iterable[int], *, by: User | None, at: datetime) -> set[int]:
    """Take messages out of the queue, but those that a worker has; the ids of what was taken."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OUT, [literal(message_ids)])
        taken = [pk for (pk,) in cursor.fetchall()]
    moved = lifecycle.move_many(taken, from_=[Status.SCHEDULED], to=Status.CANCELLED, at=at)
    inbox.show_statuses(row.id for row in moved)
    log.append([_cancelled(row) for row in moved], by=by, at=at)
    return {row.id for row in moved}


# In the order of messages, and after the worker: what it leased meanwhile is not found any more.
_TAKE_OUT = """
WITH waiting AS (
    SELECT message_id FROM conversations_outgoing
    WHERE message_id = ANY(%s::bigint[]) AND lease_until IS NULL
    ORDER BY message_id FOR UPDATE
)
DELETE FROM conversations_outgoing AS row USING waiting WHERE row.message_id = waiting.message_id
RETURNING row.message_id
"""


def _cancelled(row: Moved) -> log.Fact:
    return log.Fact(
        "message.cancelled",
        customer_id=row.customer_id,
        subject_type="message",
        subject_id=row.id,
        data={"portfolio_id": row.portfolio_id, "adviser_id": row.adviser_id},
    )
