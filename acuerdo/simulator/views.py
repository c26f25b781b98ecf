"""Demonstration only: a phone per debtor beside the inbox, and the hands of the clock."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.customers import access as customer_access
from acuerdo.customers.models import Customer
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.simulator import gateway, phones, travel
from acuerdo.simulator.forms import FAILURES, STATUSES, StatusForm, WritingForm
from acuerdo.simulator.gateway import Bubble
from acuerdo.simulator.phones import CHANNELS, Phone
from acuerdo.ui import filtering, fragments, operations

STEPS = {"hora": timedelta(hours=1), "dia": timedelta(days=1), "semana": timedelta(days=7)}


@requires("simulator.use")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    search = filtering.text(request.GET, "q")
    recent, people = list(phones.recent(user)), list(phones.found(user, search))
    known = [_customer(request), *(row.customer for row in recent), *people]
    chosen = next(filter(None, known), None)
    phone = phones.phone(chosen, _channel(request)) if chosen else None
    bubbles, fault = _thread(phone)
    context = {
        "phone": phone,
        "bubbles": bubbles,
        "fault": fault,
        "last": next((bubble for bubble in reversed(bubbles) if bubble.is_ours), None),
        "recent": recent,
        "people": people if search else [],
        "search": search,
        "notices": phones.notices(),
        "now": clock.now(),
        "channels": CHANNELS,
        "statuses": STATUSES,
        "failures": FAILURES,
    }
    return fragments.respond(
        request, page="simulator/home.html", fragment="simulator/_board.html", context=context
    )


def _customer(request: HttpRequest) -> Customer | None:
    pk = filtering.number(request.GET, "cliente")
    return customer_access.customers_for(actor(request)).filter(pk=pk).first() if pk else None


def _channel(request: HttpRequest) -> str:
    return filtering.choice(request.GET, "canal", dict(CHANNELS)) or "whatsapp"


def _thread(phone: Phone | None) -> tuple[list[Bubble], str]:
    if phone is None or not phone.address:
        return [], ""
    try:
        return gateway.thread(phone.address), ""
    except Refusal as refusal:
        return [], refusal.sentence


@requires("simulator.use")
@require_POST
def message_new(request: HttpRequest, customer_pk: int, channel: str) -> HttpResponse:
    phone = _phone(request, customer_pk, channel)
    form = WritingForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Escriba un mensaje."))
        return redirect(_page(phone))
    return operations.answer(
        request,
        partial(_write, phone, form.cleaned_data["body"]),
        done=_("Mensaje enviado al sistema."),
        back=_page(phone),
    )


def _write(phone: Phone, body: str) -> None:
    if phone.account is None or not phone.address:
        raise Refusal("no_line", _("Este cliente no tiene línea en ese canal."), status=409)
    name = phone.customer.full_name
    gateway.write(phone.account, address=phone.address, name=name, body=body)


@requires("simulator.use")
@require_POST
def status_new(request: HttpRequest, customer_pk: int, channel: str) -> HttpResponse:
    phone = _phone(request, customer_pk, channel)
    form = StatusForm(request.POST)
    if not form.is_valid() or phone.account is None:
        messages.error(request, _("No hay un mensaje que marcar."))
        return redirect(_page(phone))
    return operations.answer(
        request,
        partial(gateway.report, phone.account, **_news(form.cleaned_data)),
        done=_("Aviso enviado al sistema."),
        back=_page(phone),
    )


def _news(typed: dict[str, Any]) -> dict[str, str]:
    failed = typed["status"] == "failed"
    return {
        "message": typed["message"],
        "status": typed["status"],
        "detail": typed["detail"] if failed else "",
    }


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


def _phone(request: HttpRequest, customer_pk: int, channel: str) -> Phone:
    customer = customer_access.customer(actor(request), customer_pk)
    return phones.phone(customer, channel if channel in dict(CHANNELS) else "whatsapp")


def _page(phone: Phone) -> str:
    return f"{reverse('simulator:home')}?cliente={phone.customer.pk}&canal={phone.channel}"
