"""Por resolver: what only a person may decide, once no evidence came.

The machine never sends an uncertain message again, and neither does a person: they make a
new communication that points at it. The old one keeps counting as a contact.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.conversations.models import Attachment, Attempt, Message, UncertainSend
from acuerdo.conversations.sending import outbox, settling
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.lifecycle import Move
from acuerdo.interactions.models import Interaction, Origin
from acuerdo.organization.access import scope
from acuerdo.organization.models import User
from acuerdo.organization.permissions import may
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import pagination
from acuerdo.ui.pagination import Page

# Until then the provider's own notice or a look-up may still tell.
EVIDENCE = timedelta(minutes=15)


def waiting(
    user: User,
    cursor: Mapping[str, str] | None = None,
    *,
    account: int | None = None,
    size: int = 50,
) -> Page[UncertainSend]:
    """Those within the reach of ``user`` that nobody settled, latest first."""
    found = waiting_for(user)
    if account:
        found = found.filter(message__account_id=account)
    rows = found.select_related(
        "message__account",
        "message__interaction__customer__portfolio",
        "message__interaction__customer__adviser",
    )
    return pagination.paginate(rows, dict(cursor or {}), by="since", size=size)


def waiting_for(user: User) -> QuerySet[UncertainSend]:
    found = UncertainSend.objects.filter(resolved_at=None)
    return found.filter(scope(user).condition("message__interaction__customer__"))


def ripens_at(row: UncertainSend) -> datetime:
    return row.since + EVIDENCE


def is_ripe(row: UncertainSend, *, at: datetime) -> bool:
    """Whether evidence has had its time: before, sending again could make it two."""
    return at >= ripens_at(row)


@transaction.atomic
def count_as_sent(message: Message, *, by: User, at: datetime, note: str = "") -> None:
    """It arrived, as far as anybody can tell: from now on it is *sent*."""
    _claim(message, "count_as_sent", by=by, at=at, note=note)
    handed_over = Attempt.objects.filter(message=message).order_by("-started_at").first()
    moment = handed_over.started_at if handed_over else at
    moved = lifecycle.move_each([Move(message.pk, moment)], from_=["uncertain"], to="sent")
    if not moved:
        raise _stale()
    settling.show(moved, at=at)
    _tell(message, "count_as_sent", by=by, at=at)


@transaction.atomic
def send_again(message: Message, *, by: User, at: datetime, note: str = "") -> Message:
    """A new communication with the same text to the same address, through the same door.

    The contact policy is asked as for any other, with the old one counted. Refused until
    ``EVIDENCE`` has had its time, and when the address is no longer the customer's.
    """
    row = _claim(message, "send_again", by=by, at=at, note=note)
    if not is_ripe(row, at=at):
        sentence = _("Todavía puede llegar la respuesta del proveedor. Espere unos minutos.")
        raise Refusal("too_early", sentence, status=409)
    if message.contact_point is None:
        sentence = _(
            "Esa dirección ya no está en la ficha del cliente: escríbale un mensaje nuevo."
        )
        raise Refusal("no_address", sentence, status=409)
    fresh = outbox.queue_message(message.interaction.customer, at=at, **_same(message, by=by))
    _copy_files(message, fresh)
    UncertainSend.objects.filter(pk=row.pk).update(successor=fresh)
    _tell(message, "send_again", by=by, at=at, successor=fresh.pk)
    return fresh


def _claim(message: Message, decision: str, *, by: User, at: datetime, note: str) -> UncertainSend:
    """Two people decide at once: the second is told."""
    _refuse_stranger(message, by=by)
    # The register's row first, as whatever applies evidence does.
    entry = Interaction.objects.select_for_update(no_key=True).get(pk=message.pk)
    waiting_row = UncertainSend.objects.filter(pk=message.pk, resolved_at=None)
    if entry.status != "uncertain" or not waiting_row.update(
        resolved_at=at, decision=decision, note=note.strip()[:300], by=by
    ):
        raise _stale()
    return UncertainSend.objects.get(pk=message.pk)


def _refuse_stranger(message: Message, *, by: User) -> None:
    customer = message.interaction.customer
    reaches = scope(by).allows(portfolio_id=customer.portfolio_id, adviser_id=customer.adviser_id)
    if not may(by, "sends.resolve") or not reaches:
        raise Refusal("not_yours", _("No tiene permiso para resolver este envío."), status=403)


def _stale() -> Refusal:
    return Refusal("stale_state", _("Este envío ya se resolvió."), status=409)


def _same(message: Message, *, by: User) -> dict[str, object]:
    return {
        "channel": message.interaction.channel,
        "origin": Origin.MANUAL,
        "subject": message.subject,
        "body": message.body,
        "html": message.html,
        "kind": message.kind,
        "content": message.content,
        "quotes": message.quotes,
        "template_call": message.template_call,
        "contact_point": message.contact_point,
        "account": message.account if message.account.is_active else None,
        "idempotency_key": f"again:{message.pk}",
        "by": by,
    }


def _copy_files(old: Message, fresh: Message) -> None:
    """The same bytes under the same name: only the row is new."""
    for file in Attachment.objects.filter(message=old, state="stored"):
        file.pk, file.message = None, fresh
        file.save(force_insert=True)


def _tell(message: Message, decision: str, *, by: User, at: datetime, **data: int) -> None:
    customer = message.interaction.customer
    log.record(
        "message.resolved",
        subject=message,
        customer_id=customer.pk,
        by=by,
        at=at,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
        decision=decision,
        **data,
    )
