"""What an adviser does in a conversation: write, note, skip. Each works without a script too."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages as notices
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from acuerdo.conversations import inbox
from acuerdo.conversations.composer import composing, writing
from acuerdo.conversations.composer.forms import MessageForm, NoteForm, SkipForm
from acuerdo.conversations.models import Message
from acuerdo.conversations.screens import views, workspace
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.sending.states import SOON
from acuerdo.conversations.timeline import thread as threads
from acuerdo.conversations.tray import listing
from acuerdo.customers import access
from acuerdo.customers.models import Customer
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import filtering, fragments, operations


@requires("conversations.view")
@require_safe
def composer(request: HttpRequest, pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    if not fragments.wanted(request):
        return views.conversation(request, pk)
    context = workspace.composer(request, customer) | {"is_focused": True}
    response = render(request, "conversations/composer/_composer.html", context)
    # The panel says what the rules are for that channel.
    response["HX-Trigger-After-Swap"] = "channel:chosen"
    return response


@requires("messages.send")
@require_POST
def message_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    zone = settings.current().time_zone
    form = MessageForm(request.POST, request.FILES, zone=zone)
    if form.is_valid():
        uploads = request.FILES.getlist("uploads")
        send = partial(writing.send, customer, form, uploads, by=actor(request))
        message = operations.run(form, partial(send, at=clock.now()))
        if message:
            return _written(
                request, customer, channel=form.cleaned_data["channel"], message=message
            )
    return _not_taken(request, customer, form, channel=request.POST.get("channel", ""))


@requires("notes.write")
@require_POST
def note_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    form = NoteForm(request.POST, request.FILES)
    if form.is_valid():
        uploads = request.FILES.getlist("uploads")
        write = partial(writing.write_note, customer, form, uploads, by=actor(request))
        if operations.run(form, partial(write, at=clock.now())):
            return _written(request, customer, channel=composing.NOTE)
    return _not_taken(request, customer, form, channel=composing.NOTE)


@requires("messages.send")
@require_POST
def message_cancellation(request: HttpRequest, pk: int, message_pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    found = Message.objects.select_related("interaction__customer")
    message = get_object_or_404(found, pk=message_pk, interaction__customer=customer)
    withdraw = writing.take_back if "repetir" in request.GET else outbox.cancel
    cancel = partial(withdraw, message, by=actor(request), at=clock.now())
    return _acted(
        request,
        customer,
        cancel,
        done=_("Mensaje cancelado."),
        is_repeated="repetir" in request.GET,
    )


@requires("conversations.handle")
@require_POST
def omission(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the bold away without an answer."""
    customer = access.customer(actor(request), pk)
    form = SkipForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    skip = partial(inbox.skip, customer, by=actor(request), at=clock.now(), reason=reason)
    return _acted(
        request, customer, skip, done=_("Conversación omitida."), undo="conversations:pending"
    )


@requires("conversations.handle")
@require_POST
def pending_mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the bold back: the undo of a skip, or by hand."""
    customer = access.customer(actor(request), pk)
    mark = partial(inbox.mark_pending, customer, by=actor(request), at=clock.now())
    return _acted(request, customer, mark, done=_("Marcada por gestionar."))


def _written(
    request: HttpRequest,
    customer: Customer,
    *,
    channel: str,
    message: Message | None = None,
) -> HttpResponse:
    """An empty box again; thread, head and row beside it by themselves."""
    done = _done(message) if message else ""
    undo_url = _undo_url(customer, message) if message else ""
    if not fragments.wanted(request):
        if done:
            notices.success(request, done)
        return redirect("conversations:open", customer.pk)
    box = _box(request, workspace.composer(request, customer, channel=channel))
    beside = _beside(request, customer)
    notice = fragments.toast(done, undo_url=undo_url, request=request) if done else SafeString()
    response = fragments.answer(request, *box, *beside, notice)
    return _told(response, customer)


def _box(request: HttpRequest, context: workspace.Context) -> list[tuple[str, workspace.Context]]:
    """The box anew. A page that shows its own bubbles has emptied it and writes on: only the gate."""
    if "bubble" not in request.POST:
        return [("conversations/composer/_composer.html", context | {"is_focused": True})]
    parts = ("gate", "send", "gate_line")
    return [(f"conversations/composer/_{name}.html", context | {"oob": True}) for name in parts]


def _not_taken(
    request: HttpRequest, customer: Customer, form: Form, *, channel: str
) -> HttpResponse:
    """The box with what was typed, and what has to change."""
    wrong, words = next(iter(form.errors.items()), ("", [""]))
    error = str(words[0])
    context = workspace.composer(request, customer, channel=channel, form=form, error=error)
    context["wrong"] = wrong
    status = 409 if context["challenge"] else 422
    if fragments.wanted(request):
        context["is_focused"] = True
        return render(request, "conversations/composer/_composer.html", context, status=status)
    page = workspace.list_pane(request) | workspace.conversation(request, customer)
    return render(
        request,
        "conversations/conversation/page.html",
        page | context | {"current": customer.pk},
        status=status,
    )


def _acted(
    request: HttpRequest,
    customer: Customer,
    operation: Callable[[], object],
    *,
    done: str,
    undo: str = "",
    is_repeated: bool = False,
) -> HttpResponse:
    """Run what a button asks for; a toast says what came of it.

    ``is_repeated``: the box shows again what the address names.
    """
    tone = "ok"
    try:
        operation()
    except Refusal as refusal:
        done, tone, undo, is_repeated = refusal.sentence, "bad", "", False
    if not fragments.wanted(request):
        (notices.success if tone == "ok" else notices.error)(request, done)
        address = reverse("conversations:open", args=[customer.pk])
        return redirect(f"{address}?{request.GET.urlencode()}" if is_repeated else address)
    undo_url = reverse(undo, args=[customer.pk]) if undo else ""
    notice = fragments.toast(done, tone=tone, undo_url=undo_url, request=request)
    parts = _beside(request, customer)
    if is_repeated:
        box = workspace.composer(request, customer) | {"is_focused": True, "is_swapped": True}
        parts.append(("conversations/composer/_composer.html", box))
    return _told(fragments.answer(request, *parts, notice), customer)


def _beside(request: HttpRequest, customer: Customer) -> list[tuple[str, workspace.Context]]:
    """What any act in a conversation changes outside of the box: its end, its head, the count."""
    zone, since = settings.current().time_zone, request.POST.get("since", "")
    seen = filtering.number(request.POST, "seen") or 0
    page = threads.again(customer, since=since, zone=zone, now=clock.now(), seen=seen)
    about = workspace.head(customer) | {"page": page, "oob": True}
    return [
        ("conversations/conversation/_latest.html", about),
        ("conversations/conversation/_head.html", about),
        (
            "conversations/inbox/_counts.html",
            {"pending": listing.pending(actor(request)), "tray": "inbox", "oob": True},
        ),
    ]


def _told(response: HttpResponse, customer: Customer) -> HttpResponse:
    """The row and the panel follow at once, without waiting for the stream."""
    fact = {"type": "conversation.acted", "customer": customer.pk}
    return trigger_client_event(response, "live:change", fact)


def _done(message: Message) -> str:
    """In the words of its bubble."""
    is_later = message.interaction.at > clock.now() + SOON
    return _("Mensaje programado.") if is_later else _("Mensaje en camino.")


def _undo_url(customer: Customer, message: Message) -> str:
    """Cancelled while it waits, its words come back into the box."""
    address = reverse("conversations:cancel", args=[customer.pk, message.pk])
    return f"{address}?canal={message.account.channel}&repetir={message.pk}"
