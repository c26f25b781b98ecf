"""The lists that people narrow and keep views of: what differs from one to the other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from acuerdo.conversations.tray import extra_filters, listing
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.conversations.tray.listing import Count
from acuerdo.organization.models import User
from acuerdo.ui.filtering import Words


class Wanted(Protocol):
    """A filter that makes itself again from ``as_params``."""

    def as_params(self) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class Tray:
    """``app`` is the namespace of its addresses and ``home`` the one that shows it.

    ``element`` is the id of what a filter replaces in the page, ``part`` its template; ``further``
    are the rows after a cursor. ``parameters`` are those of the address that narrow it. ``count``
    says how many rows each of some filters holds, up to a cap.
    """

    name: str
    label: Words
    app: str
    home: str
    element: str
    page: str
    part: str
    further: str
    parse: Callable[[Mapping[str, str]], Any]
    count: Callable[[User, Sequence[Any], int], list[Count]]
    parameters: Callable[[], Iterable[str]]

    def url(self, name: str) -> str:
        return reverse(f"{self.app}:{name}")

    @property
    def list_url(self) -> str:
        return self.url(self.home)

    @property
    def filters_url(self) -> str:
        return self.url("filters")

    @property
    def views_url(self) -> str:
        return self.url("views")

    @property
    def desk_url(self) -> str:
        return self.url("views_desk")

    @property
    def view_name(self) -> str:
        return f"{self.app}:view"

    @property
    def position_name(self) -> str:
        return f"{self.app}:view_position"

    @property
    def removal_name(self) -> str:
        return f"{self.app}:view_removal"

    @property
    def target(self) -> str:
        return f"#{self.element}"


def who_parameters() -> list[str]:
    """The parameters of ``InboxFilter``, those of the apps above among them."""
    return [*InboxFilter.KEYS, *extra_filters.found()]


INBOX = Tray(
    name="inbox",
    label=_("Recibidos"),
    app="conversations",
    home="inbox",
    element="inbox",
    page="conversations/inbox/page.html",
    part="conversations/inbox/_list.html",
    further="conversations/inbox/_page.html",
    parse=InboxFilter.parse,
    count=listing.counts,
    parameters=who_parameters,
)
