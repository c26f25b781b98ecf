"""Remarks for the team, beside the messages of a customer. Nobody outside the team reads them.

A note is never changed: who wrote it may correct it once, by another.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.conversations import attachments
from acuerdo.conversations.models import Attachment
from acuerdo.conversations.note_models import Note
from acuerdo.conversations.team import mentions
from acuerdo.conversations.team.note_fields import Told
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Direction, Handling, Interaction, Kind, Origin, Status
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal

INCOMING = (Handling.IN_CONTACT, Handling.IN_NO_CONTACT)
SHORTEST = 3


@transaction.atomic
def write(
    customer: Customer,
    *,
    body: str,
    about: Told | None = None,
    files: Sequence[Attachment] = (),
    corrects: Note | None = None,
    by: User,
    at: datetime,
) -> Note:
    """Whoever is named with an @ in ``body`` is told; refused where they may not see the customer."""
    if not body.strip():
        raise Refusal("empty_body", _("Escriba la nota."), field="body")
    about = about or Told()
    named = mentions.named(customer, body)
    _check_correction(customer, corrects, by=by)
    note = Note.objects.create(
        interaction=_entry(customer, body, about, by=by, at=at),
        body=body.strip(),
        words=folded(f"{body} {about.code}"),
        author=by,
        corrects=corrects,
        channel=about.channel,
        code=about.code.strip(),
        handling=about.handling,
    )
    attachments.give_to_note(files, note)
    _tell(note, customer, by=by, at=at)
    mentions.tell(note, customer, named, by=by, at=at)
    return note


def _check_correction(customer: Customer, corrects: Note | None, *, by: User) -> None:
    if corrects is None:
        return
    held = Note.objects.select_for_update().get(pk=corrects.pk)
    if held.author_id != by.pk or held.interaction.customer_id != customer.pk:
        raise Refusal("not_yours", _("Una nota la corrige quien la escribió."), field="body")
    if Note.objects.filter(corrects=held).exists():
        sentence = _("Esa nota ya fue corregida. Corrija la última.")
        raise Refusal("corrected_already", sentence, field="body")


def _entry(customer: Customer, body: str, about: Told, *, by: User, at: datetime) -> Interaction:
    is_incoming = about.handling in INCOMING
    entry = lifecycle.Entry(
        kind=Kind.NOTE,
        channel="dashboard",
        direction=Direction.INCOMING if is_incoming else Direction.OUTGOING,
        status=Status.GENERATED,
        origin=Origin.MANUAL,
        at=at,
        summary=body,
    )
    return lifecycle.open_entry(customer, entry, created_at=at, by=by)


def _tell(note: Note, customer: Customer, *, by: User, at: datetime) -> None:
    log.record(
        "note.written",
        subject=note,
        customer_id=customer.pk,
        by=by,
        at=at,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
        channel=note.channel,
        handling=note.handling,
        corrects=note.corrects_id,
    )


def find(customer: Customer, pk: int) -> Note | None:
    found = Note.objects.filter(pk=pk, interaction__customer=customer)
    return found.select_related("interaction", "correction").first()


def saying(text: str) -> QuerySet[Note, Any]:
    """The notes with every word of ``text``, whatever the accents; none for less than a word.

    Whoever asks narrows them to the customers that the reader may see.
    """
    words = [word for word in folded(text).split() if len(word) >= SHORTEST]
    found = Note.objects.all() if words else Note.objects.none()
    for word in words:
        found = found.filter(words__contains=word)
    return found


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())
