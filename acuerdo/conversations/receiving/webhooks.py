"""Where providers post. The body is kept, the answer is given, the work comes later."""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from acuerdo.channels import receipts
from acuerdo.channels.adapter import Delivery
from acuerdo.primitives import clock, failpoints
from acuerdo.primitives.refusals import Refusal

ADDRESS = re.compile(r"/webhooks/([-\w]+)/", re.ASCII)
LENGTH = re.compile(r"[0-9]{1,20}")


class WebhookMiddleware:
    """Answers a provider before anybody asks for sessions, languages and forms: it has none.

    They took twice as long as the answer itself, and a provider sends three notices a message.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = ADDRESS.fullmatch(request.path_info)
        if found is None:
            return self.get_response(request)
        # Raises for a name that is not ours, as it does for every page.
        request.get_host()
        response = receive_webhook(request, found[1])
        response.headers["Content-Length"] = str(len(response.content))
        return response


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive_webhook(request: HttpRequest, key: str) -> HttpResponse:
    try:
        if request.method == "GET":
            return _challenged(request, key)
        stored = receipts.accept(key, _delivery(request), at=clock.now())
    except Refusal as refusal:
        return JsonResponse(
            {"code": refusal.code, "detail": refusal.sentence}, status=refusal.status
        )
    failpoints.hit("webhook.stored")
    return JsonResponse({"stored": stored is not None})


def _challenged(request: HttpRequest, key: str) -> HttpResponse:
    """As plain text: the word came from outside."""
    answer = receipts.challenge(key, request.META.get("QUERY_STRING", ""))
    return HttpResponse(answer, content_type="text/plain; charset=utf-8")


def _delivery(request: HttpRequest) -> Delivery:
    """The public address is the configured one: what the request calls itself is hearsay."""
    return Delivery(
        body=_body(request),
        content_type=request.headers.get("Content-Type", ""),
        headers=request.headers,
        query=request.META.get("QUERY_STRING", ""),
        url=settings.BASE_URL + request.get_full_path(),
    )


def _body(request: HttpRequest) -> bytes:
    """The raw bytes; re-encoded JSON would not verify."""
    # Not every sign that counts as a digit is one in a number, and Python reads no endless ones.
    told = LENGTH.fullmatch(request.headers.get("Content-Length", ""))
    if told and int(told[0]) > receipts.LARGEST:
        raise Refusal("too_large", "El aviso es demasiado grande.", status=413)
    try:
        return request.read(receipts.LARGEST + 1)
    except (UnreadablePostError, RawPostDataException):
        raise Refusal("unreadable", "El aviso llegó incompleto.", status=400) from None
