"""What the box for writing offers to put in: tags, templates, and how the text would read."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.channels.models import Channel
from acuerdo.conversations.composer import approved, insertions
from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.screens import views
from acuerdo.customers import access
from acuerdo.ledger import pay_links
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import filtering, fragments


@requires("messages.send")
@require_safe
def tags(request: HttpRequest, pk: int) -> HttpResponse:
    """Every tag with what it says of this customer."""
    customer = access.customer(actor(request), pk)
    if not fragments.wanted(request):
        return views.conversation(request, pk)
    context = {"tags": insertions.tags(customer, at=clock.now())}
    return render(request, "conversations/composer/_tag_list.html", context)


@requires("messages.send")
@require_safe
def templates(request: HttpRequest, pk: int) -> HttpResponse:
    """Templates to insert: of one channel, for this customer's portfolio and language."""
    customer = access.customer(actor(request), pk)
    if not fragments.wanted(request):
        return views.conversation(request, pk)
    found = insertions.templates(
        customer,
        channel=filtering.choice(request.GET, "canal", Channel.values),
        search=filtering.text(request.GET, "buscar"),
        at=clock.now(),
    )
    return render(request, "conversations/composer/_templates.html", {"choices": found})


@requires("messages.send")
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What is being typed, as the customer would read it, and what stops it."""
    customer = access.customer(actor(request), pk)
    subject = filtering.text(request.POST, "subject", longest=200)
    body = request.POST.get("body", "").replace("\x00", "")[:20_000]
    found = insertions.preview(customer, subject=subject, body=body, at=clock.now())
    return render(request, "conversations/composer/_preview.html", {"preview": found})


@requires("messages.send")
@require_POST
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """Today's statement of account as a file of the box, as if it had been uploaded."""
    customer, at = access.customer(actor(request), pk), clock.now()
    channel = filtering.choice(request.POST, "channel", Channel.values)
    context: dict[str, object] = {"customer_pk": pk}
    try:
        paper = insertions.statement(customer, channel=channel, by=actor(request), at=at)
        context["files"] = [paper]
    except Refusal as refusal:
        context["refused"] = [refusal.sentence]
    return render(request, "conversations/composer/_files.html", context)


@requires("messages.send")
@require_safe
def pay_page(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page as the customer will find it."""
    customer = access.customer(actor(request), pk)
    return redirect(pay_links.url(customer, at=clock.now()))


@requires("messages.send")
@require_POST
def links_revoked(request: HttpRequest, pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    pay_links.revoke(customer, by=actor(request), at=clock.now())
    done = _("Los enlaces que ya se enviaron dejaron de funcionar.")
    if fragments.wanted(request):
        return fragments.answer(request, fragments.toast(done, request=request))
    messages.success(request, done)
    return redirect("conversations:open", pk)


@requires("messages.send")
@require_POST
def approved_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """A template with what is typed into its variables so far."""
    customer = access.customer(actor(request), pk)
    number = filtering.number(request.POST, "template") or 0
    found = MessageTemplate.objects.filter(pk=number).exclude(provider_template=None)
    template = get_object_or_404(found.select_related("provider_template"))
    chosen = approved.filled(template, customer, approved.typed(request.POST), at=clock.now())
    return render(request, "conversations/composer/_approved_preview.html", {"chosen": chosen})
