"""What several people need who work on the same conversations: whose it is, and a held send."""

from functools import partial

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from acuerdo.conversations.composer.forms import MessageForm
from acuerdo.conversations.screens import views, workspace
from acuerdo.conversations.team import ownership
from acuerdo.customers import access
from acuerdo.customers.models import Customer
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.organization.models import User
from acuerdo.organization.permissions import may
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import filtering, fragments


@requires("customers.take")
@require_POST
def taking(request: HttpRequest, pk: int) -> HttpResponse:
    """Make it one's own."""
    customer = access.customer(actor(request), pk)
    take = partial(ownership.take, customer, by=actor(request), at=clock.now())
    return _given(request, customer, take, done=_("Ahora lo atiende usted."))


@requires("customers.assign")
def owner(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom it can be given to; and giving it."""
    customer = access.customer(actor(request), pk)
    people = ownership.candidates(customer)
    if request.method != "POST":
        if not fragments.wanted(request):
            return views.conversation(request, pk)
        context = {"customer": customer, "people": people.order_by("name")}
        return render(request, "conversations/conversation/_owners.html", context)
    number = filtering.number(_asked(request), "adviser")
    adviser = get_object_or_404(people, pk=number) if number else None
    give = partial(ownership.assign, customer, adviser, by=actor(request), at=clock.now())
    name = adviser.name if adviser else ""
    done = _("Ahora lo atiende %(name)s.") % {"name": name} if name else _("Quedó sin asesor.")
    return _given(request, customer, give, done=done)


def _given(
    request: HttpRequest, customer: Customer, give: partial[Customer], *, done: str
) -> HttpResponse:
    tone, before = "ok", customer.adviser_id
    try:
        customer = give(was=filtering.number(_asked(request), "was"))
    except Refusal as refusal:
        done, tone = refusal.sentence, "bad"
        customer = access.customer(actor(request), customer.pk)
    if not fragments.wanted(request):
        (notices.success if tone == "ok" else notices.error)(request, done)
        return redirect("conversations:open", customer.pk)
    is_undone = tone == "ok" and customer.adviser_id != before
    undo = _undo_url(actor(request), customer, before) if is_undone else ""
    about = workspace.head(customer) | {"oob": True}
    channel = request.POST.get("channel", "")
    box = workspace.composer(request, customer, channel=channel) | {"is_swapped": True}
    response = fragments.answer(
        request,
        ("conversations/conversation/_head.html", about),
        ("conversations/composer/_composer.html", box),
        fragments.toast(done, tone=tone, undo_url=undo, request=request),
    )
    fact = {"type": "conversation.acted", "customer": customer.pk}
    return trigger_client_event(response, "live:change", fact)


def _undo_url(user: User, customer: Customer, before: int | None) -> str:
    if not may(user, "customers.assign"):
        return ""
    address = reverse("conversations:owner", args=[customer.pk])
    return f"{address}?adviser={before or ''}&was={customer.adviser_id or ''}"


def _asked(request: HttpRequest) -> dict[str, str]:
    """From the form, or from the address of an undo."""
    return {
        name: request.POST.get(name) or request.GET.get(name, "") for name in ("adviser", "was")
    }


@requires("messages.send")
@require_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay a held send aside: the words stay in the box, and what is new has been read."""
    customer = access.customer(actor(request), pk)
    form = MessageForm(request.POST, zone=settings.current().time_zone)
    box = workspace.composer(request, customer, channel=request.POST.get("channel", ""), form=form)
    if not fragments.wanted(request):
        page = workspace.list_pane(request) | workspace.conversation(request, customer)
        context = page | box | {"current": pk}
        return render(request, "conversations/conversation/page.html", context)
    return fragments.answer(
        request,
        ("conversations/composer/_composer.html", box | {"is_focused": True}),
        ("conversations/conversation/_latest.html", workspace.latest(request, customer)),
    )
