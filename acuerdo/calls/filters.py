"""Which calls the tray shows: to whom, as in Recibidos, and why they are to be made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.calls.models import CallSource
from acuerdo.conversations.tray import chips, trays
from acuerdo.conversations.tray.chips import Chip
from acuerdo.conversations.tray.filters import BY_DEBT, LABELS, InboxFilter
from acuerdo.conversations.tray.reading import Reading
from acuerdo.organization.models import User
from acuerdo.ui import filtering
from acuerdo.ui.filtering import Menu, Words

PRIORITY = ""
SORTS: dict[str, Words] = {
    PRIORITY: gettext_lazy("Prioridad"),
    **{sort: name for sort, name in chips.SORT_NAMES.items() if sort in BY_DEBT},
}
SOURCE, LATE = "source", "late"
SOURCE_LABEL = gettext_lazy("Motivo")
# A call waits by its date, not by a message; and no window matters to who rings.
FOREIGN = frozenset({"pending", "window"})
CONVERSATION = "customer__conversation__"


@dataclass(frozen=True, slots=True)
class TrayFilter:
    """``who`` narrows by the customer, reads the same parameters as Recibidos, and holds the order.

    ``is_late`` leaves the calls of earlier days. An unknown value counts as not given and is told
    in ``faults``.
    """

    who: InboxFilter = field(default_factory=InboxFilter)
    source: str = ""
    is_late: bool = False
    faults: tuple[str, ...] = ()

    @classmethod
    def parse(cls, params: Mapping[str, str]) -> "TrayFilter":
        named = {key: params.get(key, "") for key in trays.who_parameters() if key not in FOREIGN}
        read = Reading(params, {SOURCE: SOURCE_LABEL, "sort": LABELS["sort"]})
        who = InboxFilter.parse(named | {"sort": read.choice("sort", SORTS)})
        source = read.choice(SOURCE, CallSource.values)
        is_late = params.get(LATE) in {"1", "on", "true"}
        return cls(who, source, is_late, (*who.faults, *read.faults))

    @property
    def own(self) -> dict[str, str]:
        """The parameters that are not ``who``."""
        told = {SOURCE: self.source, LATE: "1" if self.is_late else ""}
        return {key: value for key, value in told.items() if value}

    def as_params(self) -> dict[str, str]:
        return self.who.as_params() | self.own

    @property
    def is_narrowed(self) -> bool:
        return self.who.is_narrowed or bool(self.own)

    def condition(self, at: datetime) -> Q:
        """On calls; ``is_late`` is the tray's, which knows the day."""
        found = self.who.condition(at, conversation=CONVERSATION)
        return found & Q(source=self.source) if self.source else found


def parameters() -> list[str]:
    return [*(key for key in trays.who_parameters() if key not in FOREIGN), SOURCE, LATE]


def chips_of(user: User, wanted: TrayFilter) -> list[Chip]:
    late = [Chip(_("Atrasadas"), chips.query_of(wanted, LATE))] if wanted.is_late else []
    own = [
        Chip(f"{menu.label}: {menu.chosen}", chips.query_of(wanted, menu.key))
        for menu in _own_menus(wanted)
        if menu.value
    ]
    return [*late, *own, *chips.chips(user, wanted.who, **wanted.own)]


def menus(user: User, wanted: TrayFilter) -> list[Menu]:
    return [*_own_menus(wanted), *chips.menus(user, wanted.who)]


def _own_menus(wanted: TrayFilter) -> list[Menu]:
    options = filtering.options(CallSource.choices)
    return [Menu(SOURCE, SOURCE_LABEL, options, wanted.source)]


def sorts(wanted: TrayFilter) -> list[tuple[str, str, bool]]:
    return chips.sorts(wanted.who, SORTS, **wanted.own)
