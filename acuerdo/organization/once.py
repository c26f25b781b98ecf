"""A form that is sent twice does its work once; the second sending gets the first one's answer.

A double click, Back and submit again, or a refresh sends the very same content. The page puts a
token of its own into every form (the ``once`` tag); token, content and sender make the key.
Whoever goes back and changes a value sends another content, which is done like any other.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from acuerdo.organization.models import SentForm
from acuerdo.primitives import clock
from acuerdo.ui import fragments

FIELD = "once"
KEPT = timedelta(days=2)
LONGEST_ADDRESS = 500


class OnceMiddleware:
    """Keeps what was done in the transaction that does it, so neither is there without the other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Who is asked first: to look for the field would use up the body of a webhook.
        if request.method != "POST" or not request.user.is_authenticated:
            return self.get_response(request)
        if FIELD not in request.POST:
            return self.get_response(request)
        return _once(request, _key(request), self.get_response)


def forget_old() -> int:
    """Drop what no browser will send again; says how many."""
    return SentForm.objects.filter(at__lt=clock.now() - KEPT).delete()[0]


@transaction.atomic
def _once(
    request: HttpRequest, key: str, get_response: Callable[[HttpRequest], HttpResponse]
) -> HttpResponse:
    row = SentForm(key=key, at=clock.now())
    # Whoever sends it meanwhile waits here until the first sending is done or undone.
    SentForm.objects.bulk_create([row], ignore_conflicts=True)
    held = SentForm.objects.select_for_update().get(key=key)
    if held.is_done:
        return _again(request, held.answer)
    response = get_response(request)
    if response.status_code >= 400:
        transaction.set_rollback(True)
    elif _has_acted(request, response):
        address = response.headers.get("HX-Redirect") or response.headers.get("Location", "")
        SentForm.objects.filter(key=key).update(is_done=True, answer=address[:LONGEST_ADDRESS])
    return response


def _key(request: HttpRequest) -> str:
    """One and the same for the same person sending the same content to the same place."""
    parts = [str(request.user.pk), request.path]
    for name in sorted(request.POST.keys() - {"csrfmiddlewaretoken"}):
        parts += [name, *request.POST.getlist(name)]
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            parts += [name, file.name or "", str(file.size)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _has_acted(request: HttpRequest, response: HttpResponse) -> bool:
    """A whole page in answer is the form shown once more; a redirect or a part is not."""
    return response.status_code != 200 or fragments.wanted(request)


def _again(request: HttpRequest, address: str) -> HttpResponse:
    if address and not urlsplit(address).netloc:
        messages.info(request, _("Ya se había registrado: no se repitió."))
        return fragments.redirect(request, address)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})
