"""Answers to people who are nobody's yet that may have left or not: a person says which.

The machine never repeats one. Where it certainly did not leave, a person may write another.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.conversations.sending import uncertain
from acuerdo.conversations.stranger_models import ReplyState, StrangerReply
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.organization.permissions import may
from acuerdo.primitives.refusals import Refusal

# More than anybody settles at once; the newest come first.
SHOWN = 50


class Doubt(NamedTuple):
    """``is_ripe`` as in ``is_ripe``, from ``ripens_at`` on."""

    reply: StrangerReply
    since: datetime
    ripens_at: datetime
    is_ripe: bool


def waiting_for(user: User) -> QuerySet[StrangerReply]:
    """Those that nobody settled; one that was linked waits as a message of its customer."""
    found = StrangerReply.objects.filter(state=ReplyState.UNCERTAIN, message=None)
    return found if may(user, "unregistered.view") else found.none()


def told(user: User, *, account: int | None = None, at: datetime) -> list[Doubt]:
    """The newest, for the list where they are settled."""
    rows = waiting_for(user).select_related("sender__account", "by").order_by("-created_at", "-pk")
    found = rows.filter(sender__account_id=account) if account else rows
    return [Doubt(row, since(row), ripens_at(row), is_ripe(row, at=at)) for row in found[:SHOWN]]


def since(reply: StrangerReply) -> datetime:
    return reply.started_at or reply.created_at


def ripens_at(reply: StrangerReply) -> datetime:
    return since(reply) + uncertain.EVIDENCE


def is_ripe(reply: StrangerReply, *, at: datetime) -> bool:
    """Whether evidence has had its time: before, another answer could make it two."""
    return at >= ripens_at(reply)


@transaction.atomic
def settle(reply: StrangerReply, *, was_sent: bool, by: User, at: datetime) -> None:
    """What ``by`` knows of it. A notice of the provider that comes later still proves them wrong."""
    if not (may(by, "sends.resolve") and may(by, "unregistered.handle")):
        raise Refusal("not_yours", _("No tiene permiso para resolver este envío."), status=403)
    if not was_sent and not is_ripe(reply, at=at):
        sentence = _("Todavía puede llegar la respuesta del proveedor. Espere unos minutos.")
        raise Refusal("too_early", sentence, status=409)
    state, code = (ReplyState.SENT, "") if was_sent else (ReplyState.FAILED, "not_arrived")
    standing = StrangerReply.objects.filter(pk=reply.pk, state=ReplyState.UNCERTAIN, message=None)
    if not standing.update(state=state, code=code):
        raise Refusal("stale_state", _("Este envío ya se resolvió."), status=409)
    log.record(
        "unknown_sender.answer_settled", subject=reply.sender, by=by, at=at, was_sent=was_sent
    )
