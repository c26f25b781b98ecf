"""Actions on many conversations: asked for, undone, and whose they are. ``running`` does them.

The customers are frozen when it is asked for. Nobody but its author sees a job.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet, PermissionDenied
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from acuerdo.conversations.bulk.actions import ACTIONS
from acuerdo.conversations.bulk.selection import Selection
from acuerdo.conversations.bulk_models import BULK_MOVES, MOVING, BulkJob, BulkStatus
from acuerdo.conversations.models import Conversation
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.organization.permissions import may
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_to

# Long enough for what somebody notices on the next working day; nobody's later work is undone.
UNDO_FOR = timedelta(hours=24)
# How long its author finds the report of a job, with every customer in it.
KEPT_FOR = timedelta(days=30)


@transaction.atomic
def start(
    action: str, selection: Selection, *, terms: Mapping[str, Any], by: User, at: datetime
) -> BulkJob:
    """Freeze whom it is about and leave it to the worker. Refusal ``nobody_chosen``."""
    require(action, by)
    job = BulkJob.objects.create(
        action=action, terms=dict(terms), requested_by=by, created_at=at, worked_at=at
    )
    job.total = _freeze(job, selection.rows(by))
    if not job.total:
        sentence = _("Ninguna conversación de su alcance coincide ya con lo elegido.")
        raise Refusal("nobody_chosen", sentence)
    job.save(update_fields=["total"])
    log.record("bulk.started", subject=job, by=by, at=at, action=action, total=job.total)
    return job


def require(action: str, user: User) -> None:
    """Http404 for what is no action, PermissionDenied for whom it is not."""
    if action not in ACTIONS:
        raise Http404
    if not may(user, ACTIONS[action].permission):
        raise PermissionDenied(ACTIONS[action].permission)


def _freeze(job: BulkJob, rows: QuerySet[Conversation]) -> int:
    try:
        inner, values = rows.values("pk").order_by("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_FREEZE.format(inner=inner), [job.pk, *values])
        return int(cursor.rowcount)


_FREEZE = """
INSERT INTO conversations_bulkitem (job_id, customer_id) SELECT %s, found.pk FROM ({inner}) AS found (pk)
"""


@transaction.atomic
def undo(job: BulkJob, *, by: User, at: datetime) -> BulkJob:
    """Take back what can be; one that still runs stops where it is."""
    if not is_undoable(job, at=at):
        raise Refusal(
            "too_late",
            _("Ya no se puede deshacer: pasaron 24 horas o no queda nada hecho."),
            status=409,
        )
    require(job.action, by)
    move_to(
        job,
        BulkStatus.UNDOING,
        table=BULK_MOVES,
        undo_asked=True,
        cursor=0,
        tries=0,
        retry_at=None,
    )
    return job


def is_undoable(job: BulkJob, *, at: datetime) -> bool:
    is_at_rest = job.status in (BulkStatus.DONE, BulkStatus.FAILED)
    stands = is_at_rest and job.standing > 0
    return (job.status == BulkStatus.RUNNING or stands) and at < job.created_at + UNDO_FOR


def forget_old(*, at: datetime) -> int:
    """Throw away reports past their days, with their rows; the log of facts stays."""
    old = BulkJob.objects.filter(created_at__lt=at - KEPT_FOR).exclude(status__in=MOVING)
    return old.delete()[1].get(BulkJob._meta.label, 0)


def of(user: User) -> QuerySet[BulkJob]:
    return BulkJob.objects.filter(requested_by=user)


def own(user: User, pk: int) -> BulkJob:
    """Http404 for anybody else's."""
    row = of(user).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row
