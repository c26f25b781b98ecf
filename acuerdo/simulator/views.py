"""Demonstration only: a phone per debtor beside the inbox, and the hands of the provider."""

from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.customers import access as customer_access
from acuerdo.organization.access import actor, requires
from acuerdo.primitives.refusals import Refusal
from acuerdo.simulator import board, gateway, phones, travel
from acuerdo.simulator.forms import MannersForm, StatusForm, StrangerForm, WritingForm
from acuerdo.simulator.phones import CHANNELS, Phone
from acuerdo.ui import fragments, operations

STEPS = {"hora": timedelta(hours=1), "dia": timedelta(days=1), "semana": timedelta(days=7)}


@requires("simulator.use")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return fragments.respond(
        request,
        page="simulator/home.html",
        fragment="simulator/_board.html",
        context=board.shown(actor(request), request.GET),
    )


@requires("simulator.use")
@require_POST
def message_new(request: HttpRequest, customer_pk: int, channel: str) -> HttpResponse:
    phone = _phone(request, customer_pk, channel)
    form = WritingForm(request.POST)
    if form.is_valid():
        operations.run(form, partial(_write, phone, **form.cleaned_data))
    if form.is_valid():
        return operations.finish(request, _("Mensaje enviado al sistema."), _page(phone))
    messages.error(request, _words(form))
    typed = "" if "is_button" in request.POST else request.POST.get("body", "")
    return _again(request, _page(phone), typed=typed)


def _write(phone: Phone, body: str, *, is_button: bool) -> None:
    account, more = _line(phone), {"name": phone.customer.full_name}
    if is_button:
        more["button"] = "1"
    if phone.channel == Channel.EMAIL:
        more |= _answered(phone, account)
    gateway.write(account, address=phone.address, body=body, **more)


def _answered(phone: Phone, account: ChannelAccount) -> dict[str, str]:
    """A letter answers the last one that came, as people's programs write it."""
    letters = [each for each in gateway.thread(account, phone.addresses) if each.is_ours]
    if not letters:
        return {}
    return {"subject": f"Re: {letters[-1].subject}", "quotes": letters[-1].id}


@requires("simulator.use")
@require_POST
def stranger_new(request: HttpRequest) -> HttpResponse:
    """Somebody who is nobody's customer writes by WhatsApp, with or without a number."""
    form = StrangerForm(request.POST, auto_id="stranger_%s")
    back = operations.came_from(request, "simulator:home")
    if form.is_valid():
        operations.run(form, partial(_appear, form))
    if form.is_valid():
        done = _("Mensaje enviado al sistema: llega a No registrados.")
        return operations.finish(request, done, back)
    messages.error(request, _words(form))
    return _again(request, back, stranger=form)


def _appear(form: StrangerForm) -> None:
    account, data = phones.line(Channel.WHATSAPP), form.cleaned_data
    if account is None:
        raise Refusal("no_line", _("No hay una línea de WhatsApp del simulador."), status=409)
    about = {"name": data["name"], "username": data["username"]}
    gateway.write(account, address=form.address, body=data["body"], **about)


@requires("simulator.use")
@require_POST
def status_new(request: HttpRequest, customer_pk: int, channel: str) -> HttpResponse:
    phone = _phone(request, customer_pk, channel)
    form = StatusForm(request.POST)
    if not form.is_valid() or phone.account is None:
        messages.error(request, _("No hay un mensaje que marcar."))
        return redirect(_page(phone))
    news = dict(form.cleaned_data)
    news["code"] = news["code"] if news["status"] == "failed" else ""
    return operations.answer(
        request,
        partial(gateway.report, phone.account, **news),
        done=_("Aviso enviado al sistema."),
        back=_page(phone),
    )


@requires("simulator.use")
@require_POST
def manners_change(request: HttpRequest, customer_pk: int, channel: str) -> HttpResponse:
    phone = _phone(request, customer_pk, channel)
    form = MannersForm(phone.account, request.POST) if phone.account else None
    if form is None or not form.is_valid():
        messages.error(request, _words(form) if form else _("No hay una línea de ese canal."))
        return redirect(_page(phone))
    return operations.answer(
        request,
        lambda: gateway.set_manners(_line(phone), form.values()),
        done=_("El proveedor se comporta así desde ahora."),
        back=_page(phone),
    )


@requires("simulator.use")
@require_POST
def window_close(request: HttpRequest, customer_pk: int, channel: str) -> HttpResponse:
    phone = _phone(request, customer_pk, channel)
    return operations.answer(
        request,
        lambda: gateway.close_window(_line(phone), phone.address),
        done=_("WhatsApp solo toma plantillas para esta persona, hasta que escriba."),
        back=_page(phone),
    )


@requires("simulator.use")
@require_POST
def time_passing(request: HttpRequest) -> HttpResponse:
    step = STEPS.get(request.POST.get("paso", ""), STEPS["hora"])
    return operations.answer(
        request,
        partial(travel.advance, step, actor=actor(request)),
        done=_("El reloj avanzó. Lo que venció se está enviando."),
        back="simulator:home",
    )


def _again(request: HttpRequest, address: str, **typed: object) -> HttpResponse:
    """The screen as ``address`` shows it, with what was ``typed`` and not taken."""
    context = board.shown(actor(request), QueryDict(urlsplit(address).query))
    return render(request, "simulator/home.html", context | typed, status=422)


def _phone(request: HttpRequest, customer_pk: int, channel: str) -> Phone:
    customer = customer_access.customer(actor(request), customer_pk)
    return phones.phone(customer, channel if channel in dict(CHANNELS) else "whatsapp")


def _line(phone: Phone) -> ChannelAccount:
    if phone.account is None or not phone.address:
        raise Refusal("no_line", _("Este cliente no tiene línea en ese canal."), status=409)
    return phone.account


def _page(phone: Phone) -> str:
    return f"{reverse('simulator:home')}?cliente={phone.customer.pk}&canal={phone.channel}"


def _words(form: Form) -> str:
    """The first thing that is wrong, with the name of its field."""
    name, errors = next(iter(form.errors.items()))
    return f"{form.fields[name].label}: {errors[0]}" if name in form.fields else str(errors[0])
