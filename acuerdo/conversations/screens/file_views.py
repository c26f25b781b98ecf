"""Files and letters of a conversation: given out one by one, to whoever may read the message."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from acuerdo.conversations import access, attachments
from acuerdo.conversations.models import Attachment
from acuerdo.conversations.timeline import inline_pictures, letters
from acuerdo.organization.access import actor, requires

# Even opened by its own address, a file runs nothing and reaches nothing of ours.
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@requires("conversations.view")
@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """To be saved; with ``ver``, shown in the page where the type is harmless."""
    row = access.attachment(actor(request), pk)
    if row.state != attachments.STORED or not row.file:
        raise Http404
    general = row.content_type.partition(";")[0].strip().lower()
    is_shown = "ver" in request.GET and general in attachments.SHOWN
    response = FileResponse(
        row.file.open("rb"),
        as_attachment=not is_shown,
        filename=row.filename or "archivo",
        content_type=general if general in attachments.SHOWN else "application/octet-stream",
    )
    response["Content-Security-Policy"] = ALONE
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response


@requires("conversations.view")
@require_safe
@xframe_options_sameorigin
def html(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter as its sender laid it out."""
    row = access.message(actor(request), pk)
    pictures = inline_pictures.of(row.content, row.attachments.order_by("pk")) if row.html else {}
    return _letter(request, row.html, pictures)


@requires("unregistered.view")
@require_safe
@xframe_options_sameorigin
def stranger_html(request: HttpRequest, pk: int) -> HttpResponse:
    kept = access.readable_sender(actor(request), pk).message
    files = Attachment.objects.filter(pk__in=kept.get("attachments") or ()).order_by("pk")
    pictures = inline_pictures.of(kept.get("content"), files)
    return _letter(request, str(kept.get("html") or ""), pictures)


def _letter(request: HttpRequest, markup: str, pictures: dict[str, str]) -> HttpResponse:
    if not markup:
        raise Http404
    with_images = "imagenes" in request.GET
    response = HttpResponse(letters.page(markup, with_images=with_images, pictures=pictures))
    response["Content-Security-Policy"] = letters.policy(with_images=with_images)
    response["Referrer-Policy"] = "no-referrer"
    return response
