"""What the editor does to the steps of a flow: new, copied, earlier, later."""

from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from acuerdo.conversations.models import MessageTemplate
from acuerdo.flows import strategies
from acuerdo.flows.models import Flow, Step
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal

LONGEST_KEY = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form of a step says."""

    name: str
    offset_days: int
    channel: str
    template: MessageTemplate
    hour: time
    recipient: str


def add(flow: Flow, draft: Draft, *, by: User, at: datetime) -> Step:
    return _save(flow, _free_key(flow, draft.name), draft, by=by, at=at)


def change(step: Step, draft: Draft, *, by: User, at: datetime) -> Step:
    return _save(step.flow, step.key, draft, by=by, at=at)


def copy(step: Step, *, by: User, at: datetime) -> Step:
    """A second one, a day later, to be changed."""
    draft = _draft_of(step, name=_("%s (copia)") % step.name[:100], offset=step.offset_days + 1)
    return add(step.flow, draft, by=by, at=at)


@transaction.atomic
def move(step: Step, *, earlier: bool, by: User, at: datetime) -> None:
    """Change places with the neighbour: each takes the other's day and hour."""
    steps = list(step.flow.steps.filter(is_active=True))
    place = steps.index(step)
    other = place - 1 if earlier else place + 1
    if not 0 <= other < len(steps):
        raise Refusal("no_neighbour", _("El paso ya está en ese extremo."), status=409)
    neighbour = steps[other]
    mine = _draft_of(step, offset=neighbour.offset_days, hour=neighbour.hour)
    theirs = _draft_of(neighbour, offset=step.offset_days, hour=step.hour)
    change(step, mine, by=by, at=at)
    change(neighbour, theirs, by=by, at=at)


def _draft_of(
    step: Step, *, name: str = "", offset: int | None = None, hour: time | None = None
) -> Draft:
    return Draft(
        name=name or step.name,
        offset_days=step.offset_days if offset is None else offset,
        channel=step.channel,
        template=step.template,
        hour=hour or step.hour,
        recipient=step.recipient,
    )


def _save(flow: Flow, key: str, draft: Draft, *, by: User, at: datetime) -> Step:
    return strategies.save_step(
        flow,
        key=key,
        name=draft.name,
        offset_days=draft.offset_days,
        channel=draft.channel,
        template=draft.template,
        hour=draft.hour,
        recipient=draft.recipient,
        by=by,
        at=at,
    )


def _free_key(flow: Flow, name: str) -> str:
    """Retired steps keep their keys, so a new one never takes over a history."""
    base = slugify(name)[: LONGEST_KEY - 4] or "paso"
    taken = set(flow.steps.values_list("key", flat=True))
    candidates = (f"{base}-{number}" if number > 1 else base for number in range(1, 1000))
    return next(key for key in candidates if key not in taken)
