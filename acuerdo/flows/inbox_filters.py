"""Recibidos by flow: whose oldest debt stands where a flow, or one of its steps, works.

Nobody is enrolled in a flow, so this asks what ``eligibility`` asks, less the holds.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from acuerdo.conversations.tray.extra_filters import Extra
from acuerdo.flows.models import Flow, Step
from acuerdo.organization import settings
from acuerdo.organization.access import scope
from acuerdo.organization.models import Portfolio, PortfolioKind, User
from acuerdo.primitives import clock

DUE = "customer__standing__oldest_due_on"


def options(user: User) -> Iterable[tuple[object, object]]:
    """Each flow of a portfolio within reach, and below it its steps in their order."""
    reach = scope(user).portfolios
    flows = Flow.objects.filter(is_active=True).prefetch_related("steps")
    for flow in flows:
        if reach is None or flow.portfolio_id is None or flow.portfolio_id in reach:
            yield flow.pk, flow.name
            for step in flow.steps.all():
                if step.is_active:
                    yield f"{flow.pk}.{step.pk}", f"{flow.name} › {step.name}"


def condition(value: str) -> Q | None:
    """``12`` is a flow, ``12.34`` one of its steps: reached, and none after it."""
    flow_id, _dot, step_id = value.partition(".")
    if not _is_id(flow_id) or (step_id and not _is_id(step_id)):
        return None
    flow = Flow.objects.filter(pk=flow_id).first()
    if flow is None:
        return None
    steps = list(flow.steps.filter(is_active=True))
    covered = Q(portfolio_id__in=_portfolios(flow))
    if not step_id:
        return covered & _reached(steps)
    step = next((each for each in steps if each.pk == int(step_id)), None)
    return covered & _stands_at(step, steps) if step else None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _portfolios(flow: Flow) -> list[int]:
    if flow.portfolio_id is not None:
        return [flow.portfolio_id]
    current = Portfolio.objects.filter(kind=PortfolioKind.CURRENT, is_active=True, flow=None)
    return list(current.values_list("pk", flat=True))


def _reached(steps: list[Step]) -> Q:
    """From its first step on; a flow without steps has reached nobody."""
    if not steps:
        return Q(pk=None)
    first = min(step.offset_days for step in steps)
    return Q(**{f"{DUE}__lte": _today() - timedelta(days=first)})


def _stands_at(step: Step, steps: list[Step]) -> Q:
    after = [other.offset_days for other in steps if other.offset_days > step.offset_days]
    found = Q(**{f"{DUE}__lte": _today() - timedelta(days=step.offset_days)})
    return found & Q(**{f"{DUE}__gt": _today() - timedelta(days=min(after))}) if after else found


def _today() -> date:
    return clock.today(settings.current().time_zone)


FILTERS = (Extra("flow", _("Flujo"), options, condition),)
