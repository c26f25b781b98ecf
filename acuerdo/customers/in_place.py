"""What is begun beside a conversation ends there: nobody loses the page, nor what was half typed.

A link says that it stands there by ``?aqui=1``. Without scripts, and from any other page, the way
leads back to a page of its own.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event

from acuerdo.customers.models import Customer
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import fragments, operations

MARK = "aqui"
QUERY = f"?{MARK}=1"


def is_wanted(request: HttpRequest) -> bool:
    return MARK in request.GET and fragments.wanted(request)


def finish(request: HttpRequest, customer: Customer, notice: str, *, back: str) -> HttpResponse:
    """After a form: the dialog goes and whatever shows this customer asks for itself again."""
    if not is_wanted(request):
        return operations.finish(request, notice, back)
    return changed(request, customer, notice)


def answer(
    request: HttpRequest,
    operation: Callable[[], object],
    *,
    customer: Customer,
    done: str,
    back: str,
) -> HttpResponse:
    """After a button; a refusal is told where the person is looking."""
    if not is_wanted(request):
        return operations.answer(request, operation, done=done, back=back)
    try:
        operation()
    except Refusal as refusal:
        notice = fragments.toast(refusal.sentence, tone="bad", request=request)
        return fragments.answer(request, notice)
    return changed(request, customer, done)


def changed(request: HttpRequest, customer: Customer, notice: str) -> HttpResponse:
    response = fragments.answer(request, fragments.toast(notice, request=request))
    trigger_client_event(response, f"live:customer:{customer.pk}", {})
    fact = {"type": "customer.acted", "customer": customer.pk}
    return trigger_client_event(response, "live:change", fact)
