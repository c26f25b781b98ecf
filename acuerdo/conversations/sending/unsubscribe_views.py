"""The page behind the link that ends e-mails, for people and for mail programs (RFC 8058)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from acuerdo.conversations.sending import unsubscribing
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

PAGE = "conversations/unsubscribe/page.html"


# A mail program posts without cookies, so there is no token to ask for; the link is the proof.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing: scanners of mail follow every link."""
    try:
        message = unsubscribing.message_of(token)
    except Refusal as refusal:
        return render(request, PAGE, {}, status=refusal.status)
    if request.method == "POST":
        unsubscribing.stop_emails(message, at=clock.now())
    context = {"address": message.address, "is_done": request.method == "POST"}
    return render(request, PAGE, context)
