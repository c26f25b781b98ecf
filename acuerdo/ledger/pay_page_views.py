"""The customer's own page: no account, no cookie, no script. The link and their document are the key."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from acuerdo.customers.models import Customer
from acuerdo.ledger import account_statement, pay_links, pay_pages
from acuerdo.organization import settings
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

PAGE = "ledger/pay_page/page.html"
View = Callable[[HttpRequest, str], HttpResponse]


def _private(view: View) -> View:
    """Kept by nobody on the way, found by no search, told to no other site."""

    @wraps(view)
    def answered(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Referrer-Policy"] = "no-referrer"
        return response

    # Nobody is signed in here, so there is nothing that another site could use.
    return csrf_exempt(never_cache(answered))


@_private
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """A GET shows and changes nothing: programs that read mail follow every link."""
    return _page(request, token, is_statement=False)


@_private
@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, token, is_statement=True)


def _page(request: HttpRequest, token: str, *, is_statement: bool) -> HttpResponse:
    at = clock.now()
    try:
        customer = pay_links.read(token, at=at)
    except Refusal as refusal:
        return render(request, PAGE, {"ended": refusal.sentence}, status=refusal.status)
    context = {
        "customer": customer,
        "company": pay_pages.company(customer),
        "digits": pay_pages.DIGITS,
        "is_statement": is_statement,
        "token": token,
    }
    if request.method != "POST":
        return render(request, PAGE, context)
    try:
        proof = pay_pages.prove(customer, request.POST.get("answer", "")[:60], at=at)
    except Refusal as refusal:
        context["error"] = refusal.sentence
        return render(request, PAGE, context, status=refusal.status)
    context |= {
        "proof": proof,
        "statement": account_statement.of(customer, at=at),
        "how_to_pay": settings.current().how_to_pay,
    }
    return render(request, PAGE, context)


@_private
@require_POST
def paper(request: HttpRequest, token: str) -> HttpResponse:
    """The statement as a PDF, for whoever has just proved who they are."""
    at = clock.now()
    try:
        customer = pay_links.read(token, at=at)
        return _pdf(customer, request.POST.get("proof", ""))
    except Refusal as refusal:
        return render(request, PAGE, {"ended": refusal.sentence}, status=refusal.status)


def _pdf(customer: Customer, proof: str) -> HttpResponse:
    if not pay_pages.is_proven(customer, proof):
        raise Refusal("not_proven", pay_pages.again(), status=403)
    at = clock.now()
    content = account_statement.pdf(customer, at=at)
    pay_pages.tell_paper(customer, at=at)
    response = HttpResponse(content, content_type="application/pdf")
    name = account_statement.filename(customer, at=at)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
