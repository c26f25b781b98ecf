"""Status fields move along a declared table, by compare-and-set."""

from collections.abc import Mapping, Sequence

from django.db import models, transaction
from django.utils.translation import gettext as _

from acuerdo.primitives.refusals import Refusal

Table = Mapping[str, Sequence[str]]


def move_to(row: models.Model, status: str, *, table: Table, **changes: object) -> None:
    """Move ``row.status``, refusing a move that is not in ``table``.

    The update holds only where the old status still stands in the database, so of
    two racing callers one gets a ``Refusal`` with code ``stale_state`` (409).
    """
    before = str(row.status)  # type: ignore[attr-defined]
    if status not in table.get(before, ()):
        raise _not_allowed(before, status)
    rows = type(row)._default_manager.filter(pk=row.pk, status=before)
    if rows.update(status=status, **changes) != 1:
        raise _stale()
    for name, value in {"status": status, **changes}.items():
        setattr(row, name, value)


@transaction.atomic
def move_many(
    rows: Sequence[models.Model], status: str, *, table: Table, **changes: object
) -> None:
    """Move rows of one model and one status by one statement: all of them, or a ``Refusal``."""
    if not rows:
        return
    before = str(rows[0].status)  # type: ignore[attr-defined]
    if status not in table.get(before, ()):
        raise _not_allowed(before, status)
    found = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows], status=before)
    if found.update(status=status, **changes) != len(rows):
        raise _stale()
    for row in rows:
        for name, value in {"status": status, **changes}.items():
            setattr(row, name, value)


def _not_allowed(before: str, after: str) -> Refusal:
    sentence = _("No se puede pasar de «%(before)s» a «%(after)s».")
    return Refusal("move_not_allowed", sentence % {"before": before, "after": after}, status=409)


def _stale() -> Refusal:
    return Refusal("stale_state", _("Otra persona ya cambió este registro."), status=409)
