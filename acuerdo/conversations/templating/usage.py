"""Who stands on a message template: the apps above say so in their ``templates_in_use`` modules."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.conf import settings
from django.utils.translation import gettext as _

from acuerdo.conversations.models import MessageTemplate
from acuerdo.primitives.refusals import Refusal

SHOWN = 3


@cache
def _modules() -> tuple[ModuleType, ...]:
    names = [f"{app}.templates_in_use" for app in settings.DISCOVERED_APPS]
    return tuple(import_module(name) for name in names if find_spec(name))


def refuse_change(template: MessageTemplate, *, channel: str, is_active: bool) -> None:
    """Raise Refusal where the change would leave somebody above without its text."""
    if not is_active:
        _refuse(template, "running", _("Está en uso: %s. Cámbielo ahí antes de desactivarla."))
    if channel != template.channel:
        _refuse(template, "kept", _("Está en uso: %s. Cámbielo ahí antes de cambiarla de canal."))


def _refuse(template: MessageTemplate, question: str, sentence: str) -> None:
    users = [name for module in _modules() for name in getattr(module, question)(template)]
    if users:
        shown = users[:SHOWN] + (["…"] if len(users) > SHOWN else [])
        field = "is_active" if question == "running" else "channel"
        raise Refusal("template_in_use", sentence % ", ".join(shown), field=field, status=409)
