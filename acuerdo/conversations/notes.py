"""Remarks for the team, beside the messages of a customer."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.conversations.models import Note
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Direction, Kind, Origin, Status
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal


@transaction.atomic
def write(customer: Customer, *, body: str, by: User, at: datetime) -> Note:
    if not body.strip():
        raise Refusal("empty_body", _("Escriba la nota."), field="body")
    entry = lifecycle.Entry(
        kind=Kind.NOTE,
        channel="dashboard",
        direction=Direction.OUTGOING,
        status=Status.GENERATED,
        origin=Origin.MANUAL,
        at=at,
        summary=body,
    )
    row = lifecycle.open_entry(customer, entry, created_at=at, by=by)
    note = Note.objects.create(interaction=row, body=body.strip(), author=by)
    log.record(
        "note.written",
        subject=note,
        customer_id=customer.pk,
        by=by,
        at=at,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
    )
    return note
