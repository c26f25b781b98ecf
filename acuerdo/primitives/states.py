"""Status fields move along a declared table, by compare-and-set."""

from collections.abc import Mapping, Sequence

from django.db import models
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
        raise Refusal(
            "move_not_allowed",
            _("No se puede pasar de «%(before)s» a «%(after)s».")
            % {"before": before, "after": status},
            status=409,
        )
    rows = type(row)._default_manager.filter(pk=row.pk, status=before)
    if rows.update(status=status, **changes) != 1:
        raise Refusal("stale_state", _("Otra persona ya cambió este registro."), status=409)
    for name, value in {"status": status, **changes}.items():
        setattr(row, name, value)
