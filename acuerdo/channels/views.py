"""Ajustes › Canales: the lines that messages leave and arrive by, for administrators only."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.channels import (
    accounts,
    configuration,
    connectors,
    provider_templates,
    readiness,
    secret_proposals,
    trials,
)
from acuerdo.channels.forms import AccountForm, TrialForm, initial
from acuerdo.channels.models import ChannelAccount
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import filtering, operations


@requires("channels.edit")
@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    labels = {name: connectors.named(name).label for name in settings.CHANNEL_ADAPTERS}
    rows = [
        (row, labels.get(row.adapter, row.adapter), readiness.faults(row))
        for row in ChannelAccount.objects.all()
    ]
    return render(request, "channels/account/list.html", {"rows": rows})


@requires("channels.edit")
@require_safe
def connector_list(request: HttpRequest) -> HttpResponse:
    context = {"connectors": list(connectors.all_of_them())}
    return render(request, "channels/account/choose.html", context)


@requires("channels.edit")
def account_new(request: HttpRequest, adapter: str) -> HttpResponse:
    if adapter not in settings.CHANNEL_ADAPTERS:
        raise Http404
    connector = connectors.named(adapter)
    form = AccountForm(connector, operations.posted(request))
    if form.is_valid():
        told = {"channel": connector.main_channel, **form.account_values()}
        create = partial(configuration.create, adapter=adapter, values=form.values(), **told)
        account = operations.run(form, partial(create, **_who(request)))
        if account:
            messages.success(request, _("Cuenta creada. Envíe una prueba y actívela."))
            return redirect("channels:account", account.pk)
    context = {"form": form, "connector": connector}
    return render(request, "channels/account/new.html", context, status=_status(form))


@requires("channels.edit")
def account(request: HttpRequest, pk: int) -> HttpResponse:
    row = _account(pk)
    connector = connectors.of(row)
    start = initial(row, connector)
    form = AccountForm(connector, operations.posted(request), account=row, initial=start)
    if form.is_valid():
        change = partial(configuration.update, row, values=form.values(), **form.account_values())
        if operations.run(form, partial(change, **_who(request))):
            messages.success(request, _("Cuenta guardada."))
            return redirect("channels:account", row.pk)
    return _page(request, row, form=form, status=_status(form))


@requires("channels.edit")
@require_POST
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer is shown on the page itself: it is about this moment, and nothing is kept."""
    row = _account(pk)
    form = TrialForm(row, request.POST)
    told = None
    if form.is_valid():
        told = operations.run(form, partial(trials.send, row, **form.cleaned_data, **_who(request)))
    return _page(request, row, trial_form=form, trial=told, status=_status(form))


@requires("channels.edit")
@require_POST
def activation(request: HttpRequest, pk: int) -> HttpResponse:
    row = _account(pk)
    change = configuration.switch_off if row.is_active else configuration.switch_on
    done = _("Cuenta desactivada.") if row.is_active else _("Cuenta activada.")
    return _answer(request, row, partial(change, row, **_who(request)), done=done)


@requires("channels.edit")
@require_POST
def templates_sync(request: HttpRequest, pk: int) -> HttpResponse:
    row = _account(pk)
    operation = partial(provider_templates.sync, row, **_who(request))
    return _answer(request, row, operation, done=_("Plantillas sincronizadas."))


@requires("channels.edit")
@require_POST
def acknowledgement(request: HttpRequest, pk: int) -> HttpResponse:
    row = _account(pk)
    if not request.POST.get("leido"):
        messages.error(request, _("Marque que leyó la política y que responde por ella."))
        return redirect("channels:account", row.pk)
    operation = partial(configuration.acknowledge, row, **_who(request))
    return _answer(request, row, operation, done=_("Constancia registrada."))


@requires("channels.edit")
@require_POST
def secret_confirmation(request: HttpRequest, pk: int) -> HttpResponse:
    return _secret(request, pk, secret_proposals.confirm, done=_("Clave confirmada: ya se usa."))


@requires("channels.edit")
@require_POST
def secret_dismissal(request: HttpRequest, pk: int) -> HttpResponse:
    return _secret(request, pk, secret_proposals.discard, done=_("Clave descartada."))


def _secret(request: HttpRequest, pk: int, operation: Any, *, done: str) -> HttpResponse:
    """The proposal that the page showed, and no other that came in its place."""
    row = _account(pk)
    wanted = filtering.number(request.POST, "propuesta")
    proposal = row.secret_proposals.filter(pk=wanted or 0).first()
    if proposal is None:
        messages.error(request, _("Esa propuesta ya se resolvió."))
        return redirect("channels:account", row.pk)
    return _answer(request, row, partial(operation, proposal, **_who(request)), done=done)


def _answer(
    request: HttpRequest, row: ChannelAccount, operation: Any, *, done: str
) -> HttpResponse:
    return operations.answer(request, operation, done=done, back="channels:account", key=row.pk)


def _page(
    request: HttpRequest,
    row: ChannelAccount,
    *,
    form: AccountForm | None = None,
    trial_form: TrialForm | None = None,
    trial: trials.Trial | None = None,
    status: int = 200,
) -> HttpResponse:
    connector = connectors.of(row)
    context = {
        "account": row,
        "connector": connector,
        "form": form or AccountForm(connector, account=row, initial=initial(row, connector)),
        "trial_form": trial_form or TrialForm(row),
        "trial": trial,
        "faults": readiness.faults(row),
        "webhook": accounts.webhook_address(row),
        "needs_acknowledgement": readiness.needs_acknowledgement(row),
        "is_acknowledged": readiness.is_acknowledged(row),
        "acknowledgements": row.acknowledgements.select_related("by")[:20],
        "clause": configuration.clause(),
        "provider_templates": provider_templates.shown(row),
    } | _proposal(row, connector)
    return render(request, "channels/account/edit.html", context, status=status)


def _proposal(row: ChannelAccount, connector: connectors.Connector) -> dict[str, Any]:
    proposal = secret_proposals.waiting(row)
    names = proposal.names if proposal else []
    proposed = [need.label for need in connector.needs if need.name in names]
    return {"proposal": proposal, "proposed": proposed}


def _account(pk: int) -> ChannelAccount:
    row = get_object_or_404(ChannelAccount, pk=pk)
    try:
        connectors.of(row)
    except Refusal:
        # Its adapter was taken out of the settings: the list says so.
        raise Http404 from None
    return row


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": actor(request), "at": clock.now()}


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200
