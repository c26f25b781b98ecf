"""A send is held when something arrived that its author did not have on the page.

A page says by ``seen`` how far it shows the conversation. What counts is a message of the
customer, and what a colleague wrote or a call they registered; notes and facts do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from acuerdo.conversations.composer.forms import MessageForm
from acuerdo.conversations.models import Message
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Direction, Interaction, Kind, Origin, Status
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal

CODE = "something_newer"
# The same words to the same person again this soon come from a second tab, not from a wish.
AGAIN = timedelta(seconds=60)
MOST = 5
UNSENT = (Status.CANCELLED, Status.NOT_SENT, Status.FAILED)
# What was chosen with the send, kept for when it is sent all the same.
CARRIED = ("later", "at_moment", "due_at")


@dataclass(frozen=True, slots=True)
class Held:
    """What the composer shows of a send that waits for its author.

    ``seen`` is how far they had read; ``newest`` lets the send through.
    """

    entries: Sequence[Interaction]
    seen: int
    newest: int
    carried: Sequence[tuple[str, str]]

    @property
    def is_own(self) -> bool:
        """Nobody else wrote: the same text left from here a moment ago."""
        return not self.entries


def newest(customer: Customer) -> int:
    """What a page shows at most. Ask before reading the entries: a late one counts as unseen."""
    found = Interaction.objects.filter(customer=customer).aggregate(latest=Max("pk"))
    return found["latest"] or 0


def newer(customer: Customer, *, seen: int, by: User) -> list[Interaction]:
    """The last few that arrived after ``seen``, oldest first."""
    incoming = Q(kind=Kind.MESSAGE, direction=Direction.INCOMING)
    of_colleague = Q(kind__in=(Kind.MESSAGE, Kind.CALL), origin=Origin.MANUAL)
    found = Interaction.objects.filter(customer=customer, pk__gt=seen).filter(
        incoming | of_colleague & Q(by__isnull=False) & ~Q(by=by)
    )
    found = found.exclude(status__in=(*UNSENT, Status.PENDING_CALL))
    return list(found.select_related("by", "message").order_by("-pk")[:MOST])[::-1]


def refuse_unseen(
    customer: Customer,
    *,
    seen: int | None,
    agreed: int,
    channel: str,
    body: str,
    by: User,
    at: datetime,
) -> None:
    """Hold a send whose author has not seen everything; ``agreed`` is how far they insist.

    Without ``seen`` nobody had a page before them, and nothing is asked.
    """
    if seen is None:
        return
    if newer(customer, seen=max(seen, agreed), by=by):
        raise Refusal(CODE, _("Llegó algo nuevo mientras escribía."), status=409)
    if body and _said_already(customer, agreed, channel=channel, body=body, by=by, at=at):
        raise Refusal(CODE, _("Este mismo texto salió hace un momento."), status=409)


def _said_already(
    customer: Customer, agreed: int, *, channel: str, body: str, by: User, at: datetime
) -> bool:
    found = Message.objects.filter(
        interaction__customer=customer,
        interaction__pk__gt=agreed,
        interaction__by=by,
        interaction__channel=channel,
        interaction__created_at__gt=at - AGAIN,
        body=body,
    )
    return found.exclude(interaction__status__in=UNSENT).exists()


def held(customer: Customer, form: MessageForm, *, by: User) -> Held | None:
    """What to show of a form that was refused for this; None where it was for another reason."""
    if not form.has_error("__all__", CODE):
        return None
    seen = form.read_up_to or 0
    entries = newer(customer, seen=max(seen, form.agreed), by=by)
    carried = [(name, form.data[name]) for name in CARRIED if form.data.get(name)]
    return Held(entries, seen, newest(customer), carried)
