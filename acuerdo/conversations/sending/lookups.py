"""Asks the provider what became of hand-overs that nobody answered, while it is early."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from acuerdo.channels import registry
from acuerdo.channels.adapter import LooksUp, Outcome, Result
from acuerdo.conversations.models import Attempt, Message, UncertainSend
from acuerdo.conversations.sending import settling
from acuerdo.primitives import clock

BATCH = 20
# Once in so long, until evidence has had its time and a person decides.
EVERY = timedelta(minutes=2)
WITHIN = timedelta(minutes=15)
# A provider that tells hand-overs apart by their moment cannot tell these apart.
NEAR = timedelta(minutes=2)

logger = logging.getLogger(__name__)


def drain() -> int:
    """Look up a few; says how many were asked for."""
    at = clock.now()
    rows = _claim(at)
    for row in rows:
        try:
            _look_up(row, at=at)
        except Exception:
            logger.exception("cannot look up message %s", row.pk)
    return len(rows)


@transaction.atomic
def _claim(at: datetime) -> list[UncertainSend]:
    waiting = UncertainSend.objects.filter(resolved_at=None, since__gt=at - WITHIN)
    due = waiting.exclude(looked_up_at__gt=at - EVERY).select_for_update(
        skip_locked=True, of=("self",)
    )
    rows = list(due.select_related("message__account").order_by("-since")[:BATCH])
    UncertainSend.objects.filter(pk__in=[row.pk for row in rows]).update(looked_up_at=at)
    return [row for row in rows if _can(row)]


def _can(row: UncertainSend) -> bool:
    return isinstance(registry.adapter(row.message.account), LooksUp)


def _look_up(row: UncertainSend, *, at: datetime) -> None:
    """Outside any transaction; only proof changes anything."""
    adapter = registry.adapter(row.message.account)
    attempt = Attempt.objects.filter(message=row.pk).order_by("-started_at").first()
    if attempt is None or not isinstance(adapter, LooksUp):
        return
    message = row.message
    told = adapter.look_up(message.account, attempt.token, message.address, attempt.started_at)
    if told is None or told.outcome not in (Outcome.ACCEPTED, Outcome.REFUSED):
        return
    if not _is_of_another(row, told) and not _has_double(row, attempt):
        _prove([(row, attempt, told)], at=at)


def _is_of_another(row: UncertainSend, told: Result) -> bool:
    """What the provider found is a message of ours that it had named before."""
    named = Message.objects.filter(account=row.message.account, provider_id=told.provider_id)
    return bool(told.provider_id) and named.exclude(pk=row.pk).exists()


def _has_double(row: UncertainSend, attempt: Attempt) -> bool:
    """Another hand-over to that address, just as unknown: what was found may be either."""
    near = attempt.started_at - NEAR, attempt.started_at + NEAR
    others = Attempt.objects.filter(
        message__account=row.message.account,
        message__address=row.message.address,
        message__provider_id=None,
        outcome__in=["", "uncertain"],
        started_at__range=near,
    )
    return others.exclude(message=row.pk).exists()


def _prove(found: Sequence[tuple[UncertainSend, Attempt, Result]], *, at: datetime) -> None:
    for row, attempt, told in found:
        settling.prove(row.pk, attempt.token, told, at=at)
