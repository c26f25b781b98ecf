"""Flows and their steps: made, changed and retired. What already ran keeps its step."""

from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.channels.models import Channel
from acuerdo.conversations.models import MessageTemplate
from acuerdo.customers.models import ContactRole
from acuerdo.events import log
from acuerdo.flows.models import Flow, Step
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives.refusals import Refusal

FARTHEST = 3650


@transaction.atomic
def save(
    flow: Flow | None = None,
    *,
    name: str,
    portfolio: Portfolio | None = None,
    is_active: bool = True,
    by: User | None,
    at: datetime,
) -> Flow:
    """Make a flow, or change one; without a portfolio it serves those that have none."""
    row = flow or Flow()
    _refuse_mistakes(row, name, portfolio, is_active=is_active)
    if is_active and flow:
        for step in flow.steps.filter(is_active=True).select_related("template"):
            _refuse_idle_text(step.template)
    row.name, row.portfolio, row.is_active, row.updated_at = name.strip(), portfolio, is_active, at
    row.save()
    _tell(row, by=by, at=at)
    return row


@transaction.atomic
def save_step(
    flow: Flow,
    *,
    key: str,
    name: str,
    offset_days: int,
    channel: str,
    template: MessageTemplate,
    hour: time,
    recipient: str = ContactRole.DEBTOR,
    is_active: bool = True,
    by: User | None,
    at: datetime,
) -> Step:
    """Make the step ``key`` of ``flow``, or change it."""
    _refuse_step(key, name, offset_days, channel, template, recipient)
    if is_active:
        _refuse_idle_text(template)
    values = {
        "name": name.strip(),
        "offset_days": offset_days,
        "channel": channel,
        "template": template,
        "hour": hour,
        "recipient": recipient,
        "is_active": is_active,
    }
    step, _made = Step.objects.update_or_create(flow=flow, key=key, defaults=values)
    _tell(flow, by=by, at=at)
    return step


@transaction.atomic
def retire_step(step: Step, *, by: User | None, at: datetime) -> None:
    """The step stays for its history and does nothing any more; planned runs are skipped."""
    if step.is_active:
        step.is_active = False
        step.save(update_fields=["is_active"])
        _tell(step.flow, by=by, at=at)


def _refuse_mistakes(row: Flow, name: str, portfolio: Portfolio | None, *, is_active: bool) -> None:
    others = Flow.objects.exclude(pk=row.pk)
    if not name.strip():
        raise Refusal("no_name", _("Escriba un nombre."), field="name")
    if others.filter(name=name.strip()).exists():
        raise Refusal("name_taken", _("Ya hay un flujo con ese nombre."), field="name")
    if portfolio and others.filter(portfolio=portfolio).exists():
        raise Refusal("portfolio_taken", _("Esa cartera ya tiene su flujo."), field="portfolio")
    if is_active and portfolio is None and others.filter(portfolio=None, is_active=True).exists():
        raise Refusal(
            "general_taken",
            _("Ya hay un flujo general activo. Desactívelo o elija una cartera."),
            field="portfolio",
        )


def _refuse_step(
    key: str, name: str, offset_days: int, channel: str, template: MessageTemplate, recipient: str
) -> None:
    if not key.strip() or not name.strip():
        raise Refusal("no_name", _("Escriba un nombre."), field="name")
    if abs(offset_days) > FARTHEST:
        raise Refusal(
            "bad_offset", _("El día va de -%(n)s a %(n)s.") % {"n": FARTHEST}, field="offset_days"
        )
    if channel not in Channel.values:
        raise Refusal("no_channel", _("Elija un canal."), field="channel")
    if recipient not in ContactRole.values:
        raise Refusal("no_recipient", _("Elija un destinatario."), field="recipient")
    if template.channel != channel:
        raise Refusal(
            "other_channel", _("La plantilla es de otro canal que el paso."), field="template"
        )


def _refuse_idle_text(template: MessageTemplate) -> None:
    """Held for the transaction: whoever switches a template off looks for its steps."""
    held = MessageTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
    if not held.is_active:
        sentence = _("La plantilla «%s» está desactivada: actívela o elija otra.")
        raise Refusal("idle_template", sentence % held.name, field="template", status=409)


def _tell(flow: Flow, *, by: User | None, at: datetime) -> None:
    log.record("flow.updated", subject=flow, by=by, at=at)
