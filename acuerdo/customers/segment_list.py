"""The page of segments: their rules in words and how many are in each, as far as a person reaches."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acuerdo.customers import segmentation
from acuerdo.customers.models import Segment
from acuerdo.customers.segment_rules import Rule, known, words
from acuerdo.organization.access import scope
from acuerdo.organization.models import User


@dataclass(frozen=True, slots=True)
class Line:
    """``count`` is None before the first computation; ``gone`` is what the rule still names."""

    segment: Segment
    conditions: list[str]
    join: str
    gone: list[str]
    count: int | None


def shown_to(user: User) -> dict[str, Any]:
    reach = scope(user).portfolios
    portfolios = None if reach is None else {str(pk) for pk in reach}
    named, state = known(), segmentation.state()

    def count(key: str) -> int | None:
        return _reached(state.counts[key], portfolios) if key in state.counts else None

    lines = []
    for row in Segment.objects.all():
        rule = Rule.from_json(row.rule)
        told = words(rule, named, portfolios)
        lines.append(Line(row, told, rule.join, rule.gone(named), count(str(row.pk))))
    rest = (count("") or 0) if state.counts else None
    return {"lines": lines, "state": state, "rest": rest}


def _reached(counts: Mapping[str, int], portfolios: set[str] | None) -> int:
    return sum(number for pk, number in counts.items() if portfolios is None or pk in portfolios)
