"""No registrados: the tray, the messages of one address, and what may be done with them."""

from collections.abc import Callable
from functools import partial
from uuid import uuid4

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.conversations import access
from acuerdo.conversations.receiving import stranger_replies, suggestions, unknown_senders
from acuerdo.conversations.screens import strangers, workspace
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.customers import access as customer_access
from acuerdo.customers.forms import CustomerForm
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import filtering, fragments, operations

LONGEST = 4000
NOWHERE: workspace.Context = {"tray": "strangers"}


@requires("unregistered.view")
@require_safe
def tray(request: HttpRequest) -> HttpResponse:
    """To htmx: the list again, or the rows after a cursor."""
    part = "_page.html" if request.GET.get("after") else "_list.html"
    return fragments.respond(
        request,
        page="conversations/stranger/page.html",
        fragment=f"conversations/stranger/{part}",
        context=_list(request),
    )


@requires("unregistered.view")
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    if not fragments.wanted(request):
        return tray(request)
    return render(request, "conversations/stranger/_count.html", {"strangers": strangers.waiting()})


@requires("unregistered.view")
@require_safe
def open_sender(request: HttpRequest, pk: int) -> HttpResponse:
    sender = access.readable_sender(actor(request), pk)
    return fragments.respond(
        request,
        page="conversations/stranger/page.html",
        fragment="conversations/stranger/_open.html",
        context=({} if fragments.wanted(request) else _list(request)) | _open(request, sender),
    )


@requires("unregistered.handle")
@require_safe
def search(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to link to, as somebody types."""
    sender = access.readable_sender(actor(request), pk)
    if not fragments.wanted(request):
        return open_sender(request, pk)
    context = {"sender": sender} | _found(request)
    return render(request, "conversations/stranger/_found.html", context)


@requires("unregistered.handle")
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """By the channel that they wrote on; what was typed stays where it is refused."""
    sender, user = access.unknown_sender(pk), actor(request)
    body = request.POST.get("body", "").replace("\x00", "")[:LONGEST]
    key = filtering.text(request.POST, "key", longest=40)
    try:
        stranger_replies.write(
            sender, body=body, key=f"{pk}:{key or uuid4().hex}", by=user, at=clock.now()
        )
    except Refusal as refusal:
        shown = _list(request) | _open(request, sender) | {"typed": body, "error": refusal.sentence}
        return render(
            request, "conversations/stranger/page.html", shown, status=refusal.status or 422
        )
    return fragments.redirect(request, reverse("conversations:stranger", args=[pk]))


@requires("unregistered.handle")
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    sender = access.unknown_sender(pk)
    user = actor(request)
    chosen = filtering.number(request.POST, "customer") or 0
    customer = customer_access.customer(user, chosen)
    operation = partial(unknown_senders.link, sender, customer, by=user, at=clock.now())
    done = _("Vinculado a %s. Sus mensajes están en la conversación.") % customer.full_name
    back = reverse("conversations:open", args=[customer.pk])
    return _acted(request, sender, operation, done=done, undo="stranger_unlink", back=back)


@requires("customers.edit")
@requires("unregistered.handle")
def registration(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody's yet: the customer is made and gets the address and the messages."""
    sender, user = access.unknown_sender(pk), actor(request)
    initial = strangers.named(sender) | {"country": settings.current().country}
    form = CustomerForm(operations.posted(request), user=user, initial=initial)
    if form.is_valid():
        register = partial(unknown_senders.register, sender, **form.cleaned_data, by=user)
        customer = operations.run(form, partial(register, at=clock.now()))
        if customer:
            done = _("Cliente creado. Sus mensajes están en la conversación.")
            page = reverse("conversations:open", args=[customer.pk])
            return operations.finish(request, done, page)
    intro = _("Al guardar, %s y sus mensajes pasan a este cliente.")
    return operations.form_page(
        request,
        form,
        title=_("Nuevo cliente"),
        back=reverse("conversations:stranger", args=[pk]),
        intro=intro % strangers.shown_address(sender),
    )


@requires("unregistered.handle")
@require_POST
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    sender = access.readable_sender(actor(request), pk)
    operation = partial(unknown_senders.unlink, sender, by=actor(request), at=clock.now())
    return _acted(request, sender, operation, done=_("Vínculo deshecho."))


@requires("unregistered.handle")
@require_POST
def deletion(request: HttpRequest, pk: int) -> HttpResponse:
    sender = access.unknown_sender(pk)
    operation = partial(unknown_senders.delete, sender, by=actor(request), at=clock.now())
    back = reverse("conversations:strangers")
    done = _("Mensajes eliminados.")
    return _acted(request, sender, operation, done=done, undo="stranger_restoration", back=back)


@requires("unregistered.handle")
@require_POST
def restoration(request: HttpRequest, pk: int) -> HttpResponse:
    sender = access.unknown_sender(pk)
    operation = partial(unknown_senders.restore, sender, by=actor(request), at=clock.now())
    return _acted(request, sender, operation, done=_("De vuelta en la bandeja."))


def _list(request: HttpRequest) -> workspace.Context:
    rows, after = strangers.page({"after": request.GET.get("after", "")})
    return NOWHERE | {"rows": rows, "after": after, "strangers": strangers.waiting()}


def _open(request: HttpRequest, sender: UnknownSender) -> workspace.Context:
    rows = strangers.messages(sender)
    reach = customer_access.customers_for(actor(request))
    return {
        "sender": sender,
        "address": strangers.shown_address(sender),
        "said": strangers.timeline(sender, rows),
        "refusal": stranger_replies.refusal(sender, at=clock.now()),
        "key": uuid4().hex,
        "owners": strangers.owners(sender, reach),
        "suggestions": suggestions.of(rows, reach),
        "zone": settings.current().time_zone,
        "current": rows[-1].pk if rows else sender.pk,
        **_found(request),
    }


def _found(request: HttpRequest) -> workspace.Context:
    words = filtering.text(request.GET, "q", longest=100)
    reach = customer_access.customers_for(actor(request))
    return {"words": words, "found": strangers.search(words, reach)}


def _acted(
    request: HttpRequest,
    sender: UnknownSender,
    operation: Callable[[], object],
    *,
    done: str,
    undo: str = "",
    back: str = "",
) -> HttpResponse:
    """Run it and lead on; the notice offers to take it back."""
    address = back or reverse("conversations:stranger", args=[sender.pk])
    try:
        operation()
    except Refusal as refusal:
        notices.error(request, refusal.sentence)
        address = reverse("conversations:strangers")
    else:
        undo_url = reverse(f"conversations:{undo}", args=[sender.pk]) if undo else ""
        notices.success(request, done, extra_tags=undo_url)
    return fragments.redirect(request, address)
