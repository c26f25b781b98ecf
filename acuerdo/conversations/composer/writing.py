"""What a composed message is made of, gathered from a form before it is sent."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.conversations import attachments
from acuerdo.conversations.composer import approved, drafts, replying
from acuerdo.conversations.composer.forms import MessageForm, NoteForm
from acuerdo.conversations.models import Attachment, Message
from acuerdo.conversations.note_models import Note
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.sending.states import SOON
from acuerdo.conversations.team import notes, ownership
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Status
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal


def send(
    customer: Customer,
    form: MessageForm,
    uploads: Sequence[UploadedFile],
    *,
    by: User,
    at: datetime,
) -> Message:
    """Upload what is in the form itself, send, and be done with the draft.

    A scheduled message that it replaces leaves the queue with it, or stays if this one is refused.
    """
    data = form.cleaned_data
    known = _sent_already(customer, data["key"])
    if known is not None:
        return known
    # Before the transaction: a refused send leaves rows behind by which the files are swept.
    loaded = [
        attachments.upload(each, customer=customer, channel=data["channel"], by=by, at=at)
        for each in uploads
    ]
    return _send(customer, form, loaded, by=by, at=at)


@transaction.atomic
def _send(
    customer: Customer,
    form: MessageForm,
    loaded: Sequence[Attachment],
    *,
    by: User,
    at: datetime,
) -> Message:
    data = form.cleaned_data
    replaced = _withdrawn(customer, data["replaces"], by=by, at=at)
    kept = attachments.reclaim(replaced, form.file_ids) if replaced else []
    own = [pk for pk in form.file_ids if pk not in {each.pk for each in kept}]
    files = [
        *kept,
        *attachments.uploaded(own, customer=customer, by=by),
        *loaded,
    ]
    answered = _quoted(customer, data["responds"], channel=data["channel"])
    message = replying.send(
        customer,
        channel=data["channel"],
        subject=data["subject"],
        body=data["body"],
        template=form.used_template,
        key=data["key"],
        later=data["later"],
        due_at=data["due_at"],
        files=files,
        values=approved.typed(form.data),
        seen=form.read_up_to,
        agreed=form.agreed,
        quotes=answered or (replaced.quotes if replaced else ""),
        by=by,
        at=at,
    )
    if replaced is None:
        drafts.drop(customer, channel=data["channel"], by=by)
    return message


def _withdrawn(customer: Customer, pk: int | None, *, by: User, at: datetime) -> Message | None:
    """The message to be replaced, out of the queue; refused once it is not there any more."""
    if not pk:
        return None
    # Before the row of the queue: whoever sends to this customer holds it first.
    ownership.locked(customer)
    message = scheduled(customer, pk)
    if message is None:
        sentence = _("El mensaje que editaba ya salió o se canceló. Si quiere, envíe este aparte.")
        raise Refusal("not_scheduled", sentence, status=409)
    return outbox.cancel(message, by=by, at=at)


def scheduled(customer: Customer, pk: int) -> Message | None:
    """The message of this customer that still waits for its hour."""
    found = Message.objects.filter(pk=pk, interaction__customer=customer)
    return found.filter(interaction__status=Status.SCHEDULED).select_related("interaction").first()


def write_note(
    customer: Customer, form: NoteForm, uploads: Sequence[UploadedFile], *, by: User, at: datetime
) -> Note:
    """As ``send``, for the team."""
    data, keep = form.cleaned_data, partial(attachments.upload, customer=customer)
    corrects = notes.find(customer, data["corrects"]) if data["corrects"] else None
    files = [
        *attachments.uploaded(form.file_ids, customer=customer, by=by),
        *(keep(each, channel=attachments.NOTE, by=by, at=at) for each in uploads),
    ]
    note = notes.write(
        customer,
        body=data["body"],
        about=form.about,
        files=files,
        corrects=corrects,
        by=by,
        at=at,
    )
    drafts.drop(customer, channel=attachments.NOTE, by=by)
    return note


@transaction.atomic
def take_back(message: Message, *, by: User, at: datetime) -> None:
    """Out of the queue and into the box again: the words, and the files that ``by`` uploaded.

    Refused once a worker has it.
    """
    outbox.cancel(message, by=by, at=at)
    row = message.interaction
    drafts.restore(
        row.customer,
        channel=row.channel,
        body=message.body,
        subject=message.subject,
        files=attachments.free(message, by=by),
        by=by,
        at=at,
    )


def planned_for(message: Message, *, zone: str, at: datetime) -> str:
    """The hour it was to leave at, for the field that asks for one; empty for at once."""
    due_at = message.interaction.at
    return f"{clock.wall(due_at, zone):%Y-%m-%dT%H:%M}" if due_at > at + SOON else ""


def _sent_already(customer: Customer, key: str) -> Message | None:
    return Message.objects.filter(idempotency_key=f"reply:{customer.pk}:{key}").first()


def is_sent(customer: Customer, key: str) -> bool:
    """Whether the form with ``key`` was sent: a draft of it that comes late is of no use."""
    return bool(key) and _sent_already(customer, key) is not None


def quoted(customer: Customer, pk: int | None) -> Message | None:
    """The message of this customer that somebody chose to answer."""
    if not pk:
        return None
    found = Message.objects.filter(pk=pk, interaction__customer=customer)
    return found.exclude(provider_id=None).select_related("interaction").first()


def _quoted(customer: Customer, pk: int | None, *, channel: str) -> str:
    row = quoted(customer, pk)
    return row.provider_id or "" if row and row.interaction.channel == channel else ""
