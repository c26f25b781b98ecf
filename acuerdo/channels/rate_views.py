"""Tarifas: what the organisation pays an account's provider, by the day from which it holds."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from acuerdo.channels import rates
from acuerdo.channels.forms import RateForm
from acuerdo.channels.models import ChannelAccount
from acuerdo.organization import countries, settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.money import COUNTRY_CURRENCY
from acuerdo.ui import filtering, operations


@requires("channels.edit")
def rate_list(request: HttpRequest, pk: int) -> HttpResponse:
    account = _account(pk)
    form = RateForm(account, operations.posted(request), initial=_asked(request, account))
    if form.is_valid():
        add = partial(rates.add, account, **form.cleaned_data)
        if operations.run(form, partial(add, by=actor(request), at=clock.now())):
            messages.success(request, _("Tarifa registrada."))
            return redirect("channels:rates", account.pk)
    context = {"account": account, "form": form, "rows": _rows(account)}
    status = 422 if form.is_bound else 200
    return render(request, "channels/rate/list.html", context, status=status)


@requires("channels.edit")
@require_POST
def withdrawal(request: HttpRequest, pk: int, rate_pk: int) -> HttpResponse:
    rate = get_object_or_404(_account(pk).rates, pk=rate_pk)
    operation = partial(rates.withdraw, rate, by=actor(request), at=clock.now())
    done = _("Tarifa retirada.")
    return operations.answer(request, operation, done=done, back="channels:rates", key=pk)


def _account(pk: int) -> ChannelAccount:
    account = get_object_or_404(ChannelAccount, pk=pk)
    if not rates.categories(account):
        raise Http404
    return account


def _asked(request: HttpRequest, account: ChannelAccount) -> dict[str, Any]:
    """What a link of the costs asked for; else what the last price was written in."""
    last = account.rates.order_by("-at").values_list("currency", flat=True).first()
    organization = settings.current()
    return {
        "category": filtering.text(request.GET, "categoria"),
        "country": filtering.text(request.GET, "pais"),
        "currency": last or COUNTRY_CURRENCY.get(organization.country, "USD"),
        "valid_from": filtering.day(request.GET, "desde") or clock.today(organization.time_zone),
    }


def _rows(account: ChannelAccount) -> list[tuple[Any, str, bool]]:
    now = clock.now()
    return [
        (row, countries.name(row.country), rates.is_withdrawable(row, at=now))
        for row in account.rates.select_related("by")
    ]
