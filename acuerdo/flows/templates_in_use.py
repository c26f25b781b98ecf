"""Names the steps that would be left without their text; see ``conversations/templating/usage.py``."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.conversations.models import MessageTemplate
from acuerdo.flows.models import Step


def running(template: MessageTemplate) -> list[str]:
    """Who sends ``template`` now."""
    return _named(_steps(template).filter(flow__is_active=True))


def kept(template: MessageTemplate) -> list[str]:
    """Who would send it, were its flow switched on."""
    return _named(_steps(template))


def _steps(template: MessageTemplate) -> QuerySet[Step]:
    return Step.objects.filter(template=template, is_active=True).select_related("flow")


def _named(steps: QuerySet[Step]) -> list[str]:
    sentence = _("el paso «%(step)s» del flujo «%(flow)s»")
    rows = steps.order_by("flow__name", "offset_days", "pk")
    return [sentence % {"step": row.name, "flow": row.flow.name} for row in rows]
