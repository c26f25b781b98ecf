"""People of the team whom a note names with an @: they are told, as long as they may see its customer.

The text alone says who is meant, so that a draft, a browser without scripts and a correction
all mean the same. A mention opens no door: who loses the customer loses the mention.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.conversations.note_models import Mention, Note
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.organization import access
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal

MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a note; ``is_name`` is somebody of the team."""

    text: str
    is_name: bool = False


def offered(customer: Customer) -> QuerySet[User]:
    """Who may see ``customer``, and so may be named."""
    return access.readers_of(portfolio_id=customer.portfolio_id, adviser_id=customer.adviser_id)


def named(customer: Customer, body: str) -> list[User]:
    """Who is meant by the names in ``body``; refused for one who may not see ``customer``."""
    if "@" not in body:
        return []
    people = User.objects.filter(is_active=True).values_list("name", flat=True)
    pattern = _pattern(people)
    called = {match[1].lower() for match in pattern.finditer(body)} if pattern else set()
    if not called:
        return []
    found = [user for user in offered(customer) if user.name.lower() in called]
    missing = called - {user.name.lower() for user in found}
    if missing:
        # Letters that only a search takes for one another («ı» and «i») are nobody's name.
        shown = next((name for name in people if name.lower() in missing), min(missing))
        sentence = _(
            "%s no puede ver a este cliente. Quite su nombre, o asígnele antes el cliente."
        )
        raise Refusal("cannot_see", sentence % shown, field="body")
    return found


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """Longer names first, so that «Ana María» is not taken for «Ana»."""
    told = sorted({name for name in names if name.strip()}, key=len, reverse=True)
    if not told:
        return None
    return re.compile(rf"(?<![\w@])@({'|'.join(map(re.escape, told))})(?!\w)", re.IGNORECASE)


def pieces(body: str, names: Iterable[str]) -> list[Piece]:
    """``body`` cut where it names somebody, to be shown."""
    pattern = _pattern(names)
    if pattern is None:
        return [Piece(body)]
    found, end = [], 0
    for match in pattern.finditer(body):
        found += [Piece(body[end : match.start()]), Piece(match[0], is_name=True)]
        end = match.end()
    return [piece for piece in (*found, Piece(body[end:])) if piece.text]


def tell(note: Note, customer: Customer, people: Sequence[User], *, by: User, at: datetime) -> None:
    """Whoever names themselves is not told."""
    others = [user for user in people if user.pk != by.pk]
    if not others:
        return
    Mention.objects.bulk_create([Mention(note=note, user=user, at=at) for user in others])
    log.record(
        "note.mentioned",
        subject=note,
        customer_id=customer.pk,
        by=by,
        at=at,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
        users=[user.pk for user in others],
    )


def of(user: User) -> QuerySet[Mention]:
    """The mentions of ``user`` in notes about customers within reach today."""
    reach = access.scope(user).condition("note__interaction__customer__")
    return Mention.objects.filter(reach, user=user)


def unseen(user: User) -> int:
    """How many wait to be read; no more than are worth telling apart."""
    return of(user).filter(seen_at=None)[:MOST_COUNTED].count()


def see(rows: QuerySet[Mention], *, by: User, at: datetime) -> None:
    """Whoever has another page open sees the count fall there too."""
    if rows.filter(user=by, seen_at=None).update(seen_at=at):
        log.record("mention.seen", by=by, at=at)
