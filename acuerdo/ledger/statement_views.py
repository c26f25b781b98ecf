"""The statement of account on screen and as a PDF."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from acuerdo.customers import access as customer_access
from acuerdo.ledger import account_statement
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import fragments


@requires("debts.view")
@require_safe
def statement_page(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = customer_access.customer(actor(request), customer_pk)
    context = {"customer": customer, "statement": account_statement.of(customer, at=clock.now())}
    return fragments.respond(
        request,
        page="ledger/statement/page.html",
        fragment="ledger/statement/_drawer.html",
        context=context,
    )


@requires("debts.view")
@require_safe
def statement_pdf(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = customer_access.customer(actor(request), customer_pk)
    at = clock.now()
    try:
        content = account_statement.pdf(customer, at=at)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("ledger:statement", customer_pk)
    response = HttpResponse(content, content_type="application/pdf")
    name = account_statement.filename(customer, at=at)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
