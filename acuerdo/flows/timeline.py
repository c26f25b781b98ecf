"""The editor's picture of a flow: its steps by day, one of them open, a real customer's text."""

from dataclasses import dataclass
from datetime import datetime

from acuerdo.conversations import message_templates
from acuerdo.conversations.message_templates import Rendered
from acuerdo.conversations.models import MessageTemplate
from acuerdo.customers.access import customers_for
from acuerdo.customers.models import Customer
from acuerdo.flows.models import Flow, Step
from acuerdo.organization.models import User

EXCERPT = 110


@dataclass(frozen=True)
class Line:
    step: Step
    excerpt: str


@dataclass(frozen=True)
class Sample:
    """A template filled in for a customer that really exists."""

    customer: Customer
    message: Rendered


def lines(flow: Flow) -> list[Line]:
    steps = flow.steps.filter(is_active=True).select_related("template")
    return [Line(step, _excerpt(step.template.body)) for step in steps]


def _excerpt(body: str) -> str:
    text = " ".join(body.split())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def sample(template: MessageTemplate, *, user: User, after: int, at: datetime) -> Sample | None:
    """``template`` as the next customer after the id ``after`` would read it."""
    owing = customers_for(user).filter(standing__oldest_due_on__isnull=False).order_by("pk")
    customer = owing.filter(pk__gt=after).first() or owing.first()
    if customer is None:
        return None
    return Sample(customer, message_templates.render(template, customer, at=at))
