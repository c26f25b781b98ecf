"""Salud de los canales: what each account does, why nothing is sent, and the brakes."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.channels import accounts
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.sending import health, silence
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import filtering, fragments, operations


@requires("sends.view")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    reports = health.reports(actor(request), at=now)
    context = {
        "reports": reports,
        "causes": silence.causes(reports, at=now),
        "today": health.day_of(now),
        "unread_since": health.oldest_unread(),
        "now": now,
    }
    return fragments.respond(
        request,
        page="conversations/health/page.html",
        fragment="conversations/health/_body.html",
        context=context,
    )


@requires("channels.edit")
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    reason = filtering.text(request.POST, "motivo", longest=200) or _("Detenido por una persona")
    return _brake(request, pk, partial(accounts.stop, reason=reason), _("Canal detenido."))


@requires("channels.edit")
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _brake(request, pk, accounts.resume, _("El canal vuelve a enviar."))


@requires("settings.edit")
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    reason = filtering.text(request.POST, "motivo", longest=200) or _("Pausado desde la pantalla")
    operation = partial(settings.pause_sending, reason, by=actor(request), at=clock.now())
    return operations.answer(
        request, operation, done=_("Todos los envíos quedan en pausa."), back="sending:health"
    )


def _brake(request: HttpRequest, pk: int, operation: Any, done: str) -> HttpResponse:
    row = get_object_or_404(ChannelAccount, pk=pk)
    move = partial(operation, row, by=actor(request), at=clock.now())
    return operations.answer(request, move, done=done, back="sending:health")
