"""The editor's picture of a flow: its steps by day, one of them open, a real customer's text."""

from dataclasses import dataclass
from datetime import datetime

from acuerdo.conversations.templating import message_templates
from acuerdo.conversations.templating.message_templates import Rendered
from acuerdo.customers.access import customers_for
from acuerdo.customers.models import Customer
from acuerdo.flows.models import Flow, Step
from acuerdo.organization.models import User

EXCERPT = 140


@dataclass(frozen=True)
class Line:
    """A step with the start of its text, in pieces: words, and placeholders set apart."""

    step: Step
    excerpt: list[tuple[str, bool]]


@dataclass(frozen=True)
class Sample:
    """A template filled in for a customer that really exists."""

    customer: Customer
    message: Rendered


def lines(flow: Flow) -> list[Line]:
    steps = flow.steps.filter(is_active=True).select_related("template")
    return [Line(step, _excerpt(step.template.body)) for step in steps]


def _excerpt(body: str) -> list[tuple[str, bool]]:
    words = " ".join(body.split())
    cut = words[:EXCERPT]
    if cut.count("{{") > cut.count("}}"):
        cut = cut[: cut.rindex("{{")]
    if cut != words:
        cut = f"{cut.rstrip()}…"
    # Splitting by a pattern with one group alternates words and placeholders.
    pieces = message_templates.PLACEHOLDER.split(cut)
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]


def sample(step: Step, *, user: User, after: int, at: datetime) -> Sample | None:
    """The step's text as the next customer after the id ``after`` would read it."""
    owing = customers_for(user).filter(standing__oldest_due_on__isnull=False).order_by("pk")
    if step.offset_days > 0:
        owing = owing.filter(standing__overdue_amount__gt=0)
    customer = owing.filter(pk__gt=after).first() or owing.first()
    if customer is None:
        return None
    return Sample(customer, message_templates.render(step.template, customer, at=at))
