"""Carries out the runs that are due, asking again whether the reason for them still stands.

The contact policy speaks at the hand-off, in ``conversations.delivery``; for calls it is
asked here, because putting one in the tray is all we do.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from acuerdo.calls import scheduling
from acuerdo.calls.models import CallSource
from acuerdo.channels.models import Channel
from acuerdo.contact_policy import decide
from acuerdo.contact_policy.decide import Ask
from acuerdo.contact_policy.models import Answer
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.templating import message_templates
from acuerdo.customers.zones import end_of_day, local_date
from acuerdo.flows import locks
from acuerdo.flows.models import RunStatus, Step, StepRun
from acuerdo.interactions.models import Origin
from acuerdo.ledger import holds
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

BATCH = 500
REASON_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one run."""

    run: StepRun
    status: RunStatus
    reason: str = ""
    interaction_id: int | None = None
    due_at: datetime | None = None
    rule: str = ""
    pack_version: str = ""


def drain() -> int:
    """Carry out one batch of due runs; says how many. Nothing while somebody runs a day by hand."""
    with transaction.atomic():
        if not locks.may_execute():
            return 0
        return _carry_out_batch(clock.now())


def _carry_out_batch(at: datetime) -> int:
    runs = list(
        StepRun.objects.filter(status__in=(RunStatus.PLANNED, RunStatus.POSTPONED), due_at__lte=at)
        .order_by("due_at", "pk")
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("customer__portfolio", "customer__standing")[:BATCH]
    )
    if runs:
        _settle(_outcomes(runs, at))
    return len(runs)


def _outcomes(runs: Sequence[StepRun], at: datetime) -> list[Settled]:
    steps = _steps(runs)
    dropped = _dropped(runs, steps, at)
    by_step: dict[int, list[StepRun]] = defaultdict(list)
    for run in runs:
        if run.pk not in dropped:
            by_step[run.step_id].append(run)
    settled = [
        Settled(run, RunStatus.SKIPPED, dropped[run.pk]) for run in runs if run.pk in dropped
    ]
    for step_id, due in by_step.items():
        step = steps[step_id]
        settled += (
            _calls(step, due, at) if step.channel == Channel.CALL else _messages(step, due, at)
        )
    return settled


def _steps(runs: Iterable[StepRun]) -> dict[int, Step]:
    found = Step.objects.select_related("flow", "template").filter(
        pk__in={run.step_id for run in runs}, is_active=True, flow__is_active=True
    )
    return {step.pk: step for step in found}


def _dropped(runs: Sequence[StepRun], steps: dict[int, Step], at: datetime) -> dict[int, str]:
    """Runs whose reason is gone since they were planned, and what happened to it."""
    by_day: dict[date, list[int]] = defaultdict(list)
    for run in runs:
        by_day[local_date(run.customer, at)].append(run.customer_id)
    held: dict[int, str] = {}
    for on, customer_ids in by_day.items():
        held |= holds.blockers(customer_ids, on=on)
    dropped: dict[int, str] = {}
    for run in runs:
        reason = held.get(run.customer_id) or _gone(run, steps, at)
        if reason:
            dropped[run.pk] = reason
    return dropped


def _gone(run: StepRun, steps: dict[int, Step], at: datetime) -> str:
    if run.step_id not in steps:
        return "step_removed"
    if run.customer.standing.oldest_due_on != run.anchor_on:
        return "due_date_changed"
    # A day that was slept through is not made up for: yesterday's reminder is today's nuisance.
    if local_date(run.customer, run.due_at) < local_date(run.customer, at):
        return "missed_day"
    return ""


def _messages(step: Step, runs: Sequence[StepRun], at: datetime) -> list[Settled]:
    texts = message_templates.render_many(step.template, [run.customer_id for run in runs], at=at)
    settled, drafts, drafted = [], [], []
    for run in runs:
        text = texts[run.customer_id]
        if text.missing:
            reason = f"missing_value:{text.missing[0]}"
            settled.append(Settled(run, RunStatus.SKIPPED, reason))
            continue
        drafts.append(_draft(step, run, text, at))
        drafted.append(run)
    for run, result in zip(drafted, outbox.queue_many(drafts, at=at), strict=True):
        if isinstance(result, Refusal):
            settled.append(Settled(run, RunStatus.SKIPPED, result.code))
        else:
            settled.append(Settled(run, RunStatus.DONE, interaction_id=result.pk))
    return settled


def _draft(
    step: Step, run: StepRun, text: message_templates.Rendered, at: datetime
) -> outbox.Draft:
    return outbox.Draft(
        customer=run.customer,
        channel=step.channel,
        body=text.body,
        subject=text.subject,
        html=text.html,
        origin=Origin.FLOW,
        template=step.template,
        template_call=text.template_call,
        role=step.recipient,
        source=step.flow.name,
        source_id=step.pk,
        not_after=end_of_day(run.customer, at),
        idempotency_key=f"run:{run.pk}",
    )


def _calls(step: Step, runs: Sequence[StepRun], at: datetime) -> list[Settled]:
    asks = [Ask(run.customer_id, Channel.CALL, Origin.FLOW) for run in runs]
    verdicts = decide.many(asks, at=at, stage=decide.HAND_OFF)
    settled, allowed = [], []
    for run, verdict in zip(runs, verdicts, strict=True):
        if verdict.is_allowed:
            allowed.append(run)
            continue
        is_later = verdict.answer == Answer.LATER
        settled.append(
            Settled(
                run,
                RunStatus.POSTPONED if is_later else RunStatus.SKIPPED,
                verdict.reason,
                due_at=verdict.until,
                rule=verdict.rule,
                pack_version=verdict.pack_version,
            )
        )
    scripts = message_templates.render_many(
        step.template, [run.customer_id for run in allowed], at=at
    )
    drafts = [_call(step, run, scripts[run.customer_id].body, at) for run in allowed]
    calls = scheduling.schedule_many(drafts, at=at)
    return settled + [
        Settled(run, RunStatus.DONE, interaction_id=call.interaction_id)
        for run, call in zip(allowed, calls, strict=True)
    ]


def _call(step: Step, run: StepRun, script: str, at: datetime) -> scheduling.Draft:
    return scheduling.Draft(
        customer=run.customer,
        due_on=local_date(run.customer, at),
        source=CallSource.FLOW,
        script=script,
        idempotency_key=f"run:{run.pk}",
        flow=step.flow.name,
        step_id=step.pk,
    )


def _settle(settled: Sequence[Settled]) -> None:
    """Write what became of the runs, with one statement; only waiting runs are written."""
    columns: dict[str, Any] = {
        "ids": [one.run.pk for one in settled],
        "statuses": [str(one.status) for one in settled],
        "reasons": [one.reason[:REASON_LENGTH] for one in settled],
        "rules": [one.rule for one in settled],
        "versions": [one.pack_version for one in settled],
        "interactions": [one.interaction_id for one in settled],
        "due": [one.due_at or one.run.due_at for one in settled],
    }
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, columns)
        if cursor.rowcount != len(settled):
            raise Refusal("stale_state", _("Otra persona ya cambió este registro."), status=409)


_SETTLE = """
UPDATE flows_steprun AS run SET
    status = row.status, reason = row.reason, rule = row.rule,
    pack_version = row.pack_version, interaction_id = row.interaction_id, due_at = row.due_at
FROM unnest(
    %(ids)s::bigint[], %(statuses)s::text[], %(reasons)s::text[], %(rules)s::text[],
    %(versions)s::text[], %(interactions)s::bigint[], %(due)s::timestamptz[]
) AS row(id, status, reason, rule, pack_version, interaction_id, due_at)
WHERE run.id = row.id AND run.status IN ('planned', 'postponed')
"""
