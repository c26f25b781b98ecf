"""Which conversations somebody chose: one by one, or all that a filter finds but some."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict

from acuerdo.conversations.models import Conversation
from acuerdo.conversations.tray import listing, rows
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.conversations.tray.listing import Count
from acuerdo.organization.models import User

# A page holds some hundreds of rows; a list of ids that is longer comes from nobody's page.
MOST = 5000


@dataclass(frozen=True, slots=True)
class Selection:
    """``chosen`` count where there is no filter to be ``wanted``; ``spared`` where there is one."""

    chosen: tuple[int, ...] = ()
    wanted: InboxFilter | None = None
    spared: tuple[int, ...] = ()

    @classmethod
    def parse(cls, posted: QueryDict, params: Mapping[str, str]) -> "Selection":
        """``posted`` is the form of the list, ``params`` the address that narrows it."""
        if posted.get("all"):
            return cls(wanted=InboxFilter.parse(params), spared=_ids(posted, "spared"))
        return cls(chosen=_ids(posted, "customer"))

    def as_fields(self) -> dict[str, str]:
        """Hidden fields that ``parse`` reads; the filter stays in the address."""
        if self.wanted is None:
            return {"customer": _told(self.chosen)}
        return {"all": "1", "spared": _told(self.spared)}

    def rows(self, user: User) -> QuerySet[Conversation]:
        """Those of them that ``user`` reaches now."""
        found = rows.listed(user)
        if self.wanted is None:
            return found.filter(pk__in=self.chosen)
        if self.wanted.faults:
            # A filter that was left out would let in people whom nobody meant.
            return found.none()
        return self.wanted.apply(found).exclude(pk__in=self.spared)

    def count(self, user: User) -> Count:
        return listing.capped(self.rows(user))


def _told(ids: tuple[int, ...]) -> str:
    return ",".join(map(str, ids))


def _ids(posted: QueryDict, name: str) -> tuple[int, ...]:
    """From a field for each, or from one with commas between; junk is left out."""
    texts = [text for field in posted.getlist(name) for text in field.split(",")]
    found = (int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19)
    return tuple(sorted(set(found))[:MOST])
