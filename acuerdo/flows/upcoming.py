"""What the strategy will do next with one customer, and what holds it back today."""

from dataclasses import dataclass
from datetime import date, timedelta

from acuerdo.customers.models import Customer
from acuerdo.flows.audience import REASONS
from acuerdo.flows.models import Flow, RunStatus, Step, StepRun
from acuerdo.ledger import holds
from acuerdo.organization.models import Portfolio

SHOWN = 3
# Nothing is coming for these, so nothing is said.
OVER = {"inactive", "charged_off", "nothing_owed"}


@dataclass(frozen=True, slots=True)
class Turn:
    """``on`` is the day in the customer's calendar, should nothing happen until then."""

    step: Step
    on: date


@dataclass(frozen=True, slots=True)
class Upcoming:
    """``held`` says in words why no step would run today; empty when it would."""

    flow: Flow
    turns: list[Turn]
    held: str


def of(customer: Customer, *, on: date) -> Upcoming | None:
    """The next steps from the date ``on``; None where no flow concerns the customer."""
    standing = getattr(customer, "standing", None)
    flow = covering(customer.portfolio)
    if flow is None or standing is None or standing.oldest_due_on is None:
        return None
    held = holds.blockers([customer.pk], on=on).get(customer.pk, "")
    if held in OVER:
        return None
    turns = _turns(flow, customer, standing.oldest_due_on, on=on)
    return Upcoming(flow, turns, str(REASONS.get(held, held))) if turns else None


def covering(portfolio: Portfolio) -> Flow | None:
    """The portfolio's own flow, or the general one where it has none of its own."""
    flow = Flow.objects.filter(portfolio=portfolio).first()
    if flow is None:
        flow = Flow.objects.filter(portfolio=None, is_active=True).first()
    return flow if flow and flow.is_active else None


def _turns(flow: Flow, customer: Customer, anchor: date, *, on: date) -> list[Turn]:
    """Days count from the oldest unpaid due date, as planning counts them."""
    ended = StepRun.objects.filter(
        customer=customer, anchor_on=anchor, status__in=(RunStatus.DONE, RunStatus.SKIPPED)
    ).values("step_id")
    steps = flow.steps.filter(is_active=True, offset_days__gte=(on - anchor).days)
    return [
        Turn(step, anchor + timedelta(days=step.offset_days))
        for step in steps.exclude(pk__in=ended)[:SHOWN]
    ]
