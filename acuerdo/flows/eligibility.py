"""Who a step concerns on a day, and why some of them must be left alone.

Nobody is enrolled in a flow: a customer is concerned while the oldest unpaid debt is
exactly ``offset_days`` old, the portfolio is covered by the flow, and nothing holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from acuerdo.contact_policy import calendars, sets
from acuerdo.contact_policy.sets import Slot, Where
from acuerdo.customers import contact_points
from acuerdo.flows.models import Flow, Step
from acuerdo.ledger import holds
from acuerdo.organization.models import Portfolio, PortfolioKind

LATER_STEP = "later_step_due"


@dataclass(frozen=True, slots=True)
class Concern:
    """An active step, the portfolios it covers and the steps of its channel that follow."""

    step: Step
    portfolio_ids: tuple[int, ...]
    later: tuple[Step, ...]

    def anchor(self, on: date) -> date:
        """The oldest due date of the customers whose turn it is on the date ``on``."""
        return on - timedelta(days=self.step.offset_days)


def concerns() -> list[Concern]:
    """Every active step, in the order of the day's hours.

    A portfolio with a flow of its own, active or not, is not covered by the general one.
    """
    current = Portfolio.objects.filter(kind=PortfolioKind.CURRENT, is_active=True)
    without = tuple(current.filter(flow=None).order_by("pk").values_list("pk", flat=True))
    own = set(current.values_list("pk", flat=True))
    found: list[Concern] = []
    for flow in Flow.objects.filter(is_active=True).prefetch_related("steps__template"):
        covered = without if flow.portfolio_id is None else (flow.portfolio_id,)
        steps = [step for step in flow.steps.all() if step.is_active]
        if covered and set(covered) <= own:
            found += [Concern(step, covered, _later(step, steps)) for step in steps]
    return sorted(found, key=lambda concern: (concern.step.hour, concern.step.pk))


def _later(step: Step, steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(
        other
        for other in steps
        if other.channel == step.channel
        and (other.offset_days, other.hour) > (step.offset_days, step.hour)
    )


def slots(concern: Concern, places: Sequence[Where], *, on: date) -> dict[str, list[Any]]:
    """For each place, when the step may run: the columns of the statement's slot table."""
    added = calendars.added_closures()
    rows = [(where, _slot(concern, where, on, added)) for where in places]
    return {
        "country": [where.country for where, _slot_ in rows],
        "subdivision": [where.subdivision for where, _slot_ in rows],
        "time_zone": [where.time_zone for where, _slot_ in rows],
        "due_at": [slot.due_at for _where, slot in rows],
        "blocked": [slot.blocked or None for _where, slot in rows],
        "is_postponed": [slot.is_postponed for _where, slot in rows],
        "slot_reason": [slot.reason for _where, slot in rows],
        "slot_rule": [slot.rule for _where, slot in rows],
        "slot_pack": [slot.pack_version for _where, slot in rows],
    }


def _slot(concern: Concern, where: Where, on: date, added: calendars.Added) -> Slot:
    step, zone = concern.step, ZoneInfo(where.place.zones[0])
    due_at = datetime.combine(on, step.hour, zone).astimezone(UTC)
    slot = sets.slot(where, step.channel, due_at, added)
    if slot.is_postponed and any(
        _is_due(concern, other, on, zone, slot) for other in concern.later
    ):
        return Slot(slot.due_at, LATER_STEP, rule=slot.rule, pack_version=slot.pack_version)
    return slot


def _is_due(concern: Concern, other: Step, on: date, zone: ZoneInfo, slot: Slot) -> bool:
    """Whether ``other`` would be due by the time this step may run at last."""
    day = on + timedelta(days=other.offset_days - concern.step.offset_days)
    return datetime.combine(day, other.hour, zone) <= slot.due_at


def selection() -> str:
    """The statement's SELECT: one row per customer of ``batch``, with what becomes of the step.

    Parameters: the columns of ``slots``, ``on``, ``channel`` and ``role``. Judging is
    materialised, or the planner would repeat it wherever its answer is used.
    """
    usable = contact_points.usable_point_sql("%(channel)s", "batch.customer_id", "%(role)s")
    opted_out = sets.opted_out_sql("c.id", "%(channel)s")
    return f"""
    WITH reachable AS MATERIALIZED (
        SELECT batch.customer_id FROM batch WHERE {usable}
    ), judged AS MATERIALIZED (
        SELECT c.id AS customer_id, slot.*, capped.rule AS capped_rule, coalesce(
            {holds.blocker_sql("c")},
            CASE WHEN {opted_out} THEN 'opted_out' END,
            CASE WHEN reachable.customer_id IS NULL THEN 'no_contact_point' END,
            slot.blocked,
            CASE WHEN capped.rule IS NOT NULL THEN 'cap_reached' END
        ) AS stopped
        FROM batch
        JOIN customers_customer c ON c.id = batch.customer_id AND c.status = 'active'
        LEFT JOIN reachable ON reachable.customer_id = batch.customer_id
        JOIN unnest(
            %(country)s::text[], %(subdivision)s::text[], %(time_zone)s::text[],
            %(due_at)s::timestamptz[], %(blocked)s::text[], %(is_postponed)s::bool[],
            %(slot_reason)s::text[], %(slot_rule)s::text[], %(slot_pack)s::text[]
        ) AS slot(country, subdivision, time_zone, due_at, blocked, is_postponed,
                  slot_reason, slot_rule, slot_pack)
          ON slot.country = c.country AND slot.subdivision = c.subdivision
         AND slot.time_zone = c.time_zone
        LEFT JOIN {sets.CAPPED} capped
          ON capped.customer_id = c.id AND capped.channel = %(channel)s
    )
    SELECT customer_id, due_at,
        CASE WHEN stopped IS NOT NULL THEN 'skipped'
             WHEN is_postponed THEN 'postponed' ELSE 'planned' END AS status,
        coalesce(stopped, slot_reason) AS reason,
        CASE WHEN stopped = 'cap_reached' THEN capped_rule
             WHEN stopped IS NULL OR stopped = blocked THEN slot_rule ELSE '' END AS rule,
        CASE WHEN stopped IS NULL OR stopped = blocked THEN slot_pack ELSE '' END AS pack_version
    FROM judged
    """


def parameters(concern: Concern, places: Sequence[Where], *, on: date) -> dict[str, Any]:
    """What every batch of one step needs."""
    return {
        **slots(concern, places, on=on),
        "on": on,
        "anchor": concern.anchor(on),
        "portfolios": list(concern.portfolio_ids),
        "step": concern.step.pk,
        "channel": concern.step.channel,
        "role": concern.step.recipient,
    }
