"""While somebody writes: the draft is kept, files are uploaded, an SMS is counted."""

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from acuerdo.channels import segments
from acuerdo.channels.models import Channel
from acuerdo.conversations import attachments
from acuerdo.conversations.composer import drafts, writing
from acuerdo.conversations.composer.forms import LONGEST, DraftForm
from acuerdo.customers import access
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import filtering


@requires("notes.write")
@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Keep what was typed; 409 where another tab wrote something else meanwhile."""
    customer = access.customer(actor(request), pk)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": _("No se pudo guardar el borrador.")}, status=422)
    data = form.cleaned_data
    if writing.is_sent(customer, data.pop("key")):
        return JsonResponse({"version": data["version"]})
    keep = partial(drafts.save, customer, **data, files=form.file_ids)
    try:
        return JsonResponse({"version": keep(by=actor(request), at=clock.now())})
    except Refusal as refusal:
        return JsonResponse({"error": refusal.sentence}, status=refusal.status)


@requires("messages.send")
@require_POST
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Each file becomes a line of the box; one that will not do says so by its name."""
    customer = access.customer(actor(request), pk)
    channel = filtering.choice(request.POST, "channel", [*Channel.values, attachments.NOTE])
    rows, refused = [], []
    for file in request.FILES.getlist("uploads"):
        try:
            keep = partial(attachments.upload, file, customer=customer, channel=channel)
            rows.append(keep(by=actor(request), at=clock.now()))
        except Refusal as refusal:
            refused.append(refusal.sentence)
    context = {"files": rows, "refused": refused, "customer_pk": pk}
    return render(request, "conversations/composer/_files.html", context)


@requires("messages.send")
@require_POST
def discard(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """Take a file out of the box again."""
    access.customer(actor(request), pk)
    attachments.drop([file_pk], by=actor(request))
    return HttpResponse()


@requires("messages.send")
@require_POST
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """How many SMS the text costs, and which letter makes it cost more; 422 where it is too long."""
    access.customer(actor(request), pk)
    text = request.POST.get("body", "").replace("\r\n", "\n").strip()
    longest = LONGEST[Channel.SMS]
    words, status = counted(text[:longest]), 200
    if len(text) > longest:
        words = _("El texto pasa de %d letras.") % longest
        words += " " + _("Quite %d.") % (len(text) - longest)
        status = 422
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


def counted(text: str) -> str:
    if not text:
        return ""
    found = segments.count(text)
    words = _("%(units)d caracteres · %(parts)s · quedan %(left)d") % {
        "units": found.units,
        "parts": f"{found.segments} SMS",
        "left": found.left,
    }
    odd = segments.strangers(text)
    if not odd:
        return words
    return _("%(words)s. «%(signs)s» no es del alfabeto de SMS y acorta cada mensaje.") % {
        "words": words,
        "signs": " ".join(odd[:5]),
    }
