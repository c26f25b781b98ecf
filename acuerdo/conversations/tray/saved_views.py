"""Saved views: a name for a filter, one's own or shared, and what each person used last."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.conversations.tray.trays import INBOX, Wanted
from acuerdo.conversations.view_models import SavedView
from acuerdo.organization.models import User
from acuerdo.organization.permissions import may
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.uniqueness import refused_as

ICONS = {
    "star": gettext_lazy("Estrella"),
    "flame": gettext_lazy("Fuego"),
    "flag": gettext_lazy("Bandera"),
    "clock": gettext_lazy("Reloj"),
    "cash": gettext_lazy("Dinero"),
    "alert-triangle": gettext_lazy("Aviso"),
    "calendar-check": gettext_lazy("Calendario"),
    "brand-whatsapp": gettext_lazy("WhatsApp"),
    "mail": gettext_lazy("Sobre"),
    "phone": gettext_lazy("Teléfono"),
    "users": gettext_lazy("Personas"),
    "target": gettext_lazy("Meta"),
}
MOST = 20
LONGEST_NAME = 40


class Naming(TypedDict):
    """What a person says of a view."""

    name: str
    icon: str
    is_shared: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """``views``: one's own in their order, then what others share. ``last``: used last."""

    tray: str
    views: tuple[SavedView, ...]
    last: Mapping[str, str]

    def current(self, wanted: Wanted) -> SavedView | None:
        """The view that ``wanted`` is, whatever is searched within it."""
        told = kept(wanted)
        return next((view for view in self.views if told and view.filters == told), None)

    def following(self, wanted: Wanted) -> SavedView | None:
        """The one after the current, round and round."""
        if not self.views:
            return None
        now = self.current(wanted)
        place = self.views.index(now) + 1 if now else 0
        return self.views[place % len(self.views)]


def shelf(user: User, tray: str = INBOX.name) -> Shelf:
    """All that ``user`` keeps of the tray, in one statement."""
    rows = SavedView.objects.filter(Q(owner=user) | Q(is_shared=True), tray=tray)
    found = list(rows.select_related("owner").order_by("position", "pk"))
    last: dict[str, str] = next(
        (row.filters for row in found if not row.name and row.owner_id == user.pk), {}
    )
    views = [row for row in found if row.name]
    views.sort(key=lambda row: row.owner_id != user.pk)
    return Shelf(tray, tuple(views), last)


def kept(wanted: Wanted) -> dict[str, str]:
    """What of a filter outlives the moment: all but the words that were searched."""
    return {key: value for key, value in wanted.as_params().items() if key != "q"}


def remember(user: User, wanted: Wanted, *, before: Shelf) -> None:
    """Keep ``wanted`` as what was used last; nothing is written where it was so already."""
    filters = kept(wanted)
    if filters != before.last:
        SavedView.objects.update_or_create(
            owner=user, tray=before.tray, name="", defaults={"filters": filters}
        )


@transaction.atomic
def save(
    wanted: Wanted,
    *,
    tray: str = INBOX.name,
    name: str,
    icon: str = "",
    is_shared: bool = False,
    by: User,
) -> SavedView:
    """Refusal ``view_exists``, ``too_many_views``, ``not_yours`` or one of the name."""
    mine = SavedView.objects.filter(owner=by, tray=tray).exclude(name="")
    if mine.count() >= MOST:
        raise Refusal(
            "too_many_views",
            _("Ya hay %(most)s vistas propias. Elimine alguna primero.") % {"most": MOST},
        )
    if not kept(wanted):
        raise Refusal("empty_view", _("Elija algún filtro u orden antes de guardar la vista."))
    row = SavedView(owner=by, tray=tray, filters=kept(wanted), position=_after(mine))
    return _write(row, name=name, icon=icon, is_shared=is_shared, by=by)


@transaction.atomic
def change(view: SavedView, *, name: str, icon: str, is_shared: bool, by: User) -> SavedView:
    return _write(view, name=name, icon=icon, is_shared=is_shared, by=by)


def delete(view: SavedView) -> None:
    view.delete()


@transaction.atomic
def move(view: SavedView, *, up: bool) -> None:
    """One place up or down among the owner's; at the end nothing moves."""
    rows = SavedView.objects.filter(owner_id=view.owner_id, tray=view.tray).exclude(name="")
    views = list(rows.select_for_update().order_by("position", "pk"))
    if view not in views:
        # Another tab removed it.
        return
    place = views.index(view)
    other = place - 1 if up else place + 1
    if 0 <= other < len(views):
        views[place], views[other] = views[other], views[place]
    for number, row in enumerate(views):
        row.position = number
    SavedView.objects.bulk_update(views, ["position"])


def own(user: User, tray: str, pk: int) -> SavedView:
    """One that ``user`` may change; Http404 for anybody else's."""
    row = SavedView.objects.filter(pk=pk, owner=user, tray=tray).exclude(name="").first()
    if row is None:
        raise Http404
    return row


def _write(row: SavedView, *, name: str, icon: str, is_shared: bool, by: User) -> SavedView:
    row.name = " ".join(name.replace("\x00", "").split())
    if not row.name:
        raise Refusal("no_name", _("Escriba un nombre para la vista."))
    if len(row.name) > LONGEST_NAME:
        raise Refusal("long_name", _("El nombre tiene más de %(n)s letras.") % {"n": LONGEST_NAME})
    if is_shared and not may(by, "views.share"):
        raise Refusal("not_yours", _("Solo un supervisor comparte vistas."))
    row.icon = icon if icon in ICONS else "star"
    row.is_shared = is_shared
    with refused_as(Refusal("view_exists", _("Ya tiene una vista con ese nombre."), status=409)):
        row.save()
    return row


def _after(rows: QuerySet[SavedView]) -> int:
    last = rows.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1
