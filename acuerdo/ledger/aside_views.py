"""What opens beside a conversation: who it is, what the debt is made of, the whole account.

To htmx each is a drawer over the page; to a browser without scripts, a page of its own.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from acuerdo.customers import access as customer_access
from acuerdo.customers import in_place
from acuerdo.ledger import card, composition, register
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import fragments


@requires("debts.view")
@require_safe
def card_detail(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = customer_access.customer(actor(request), customer_pk)
    context = {
        "customer": customer,
        "card": card.of(customer, at=clock.now()),
        "here": in_place.QUERY,
        "over": "#card-over",
    }
    return fragments.respond(
        request, page="ledger/card/page.html", fragment="ledger/card/_drawer.html", context=context
    )


@requires("debts.view")
@require_safe
def composition_detail(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = customer_access.customer(actor(request), customer_pk)
    context = {
        "customer": customer,
        "owed": composition.of(customer, at=clock.now()),
        "given_up": composition.given_up(customer),
        "here": in_place.QUERY,
        "over": "#composition-over",
    }
    return fragments.respond(
        request,
        page="ledger/composition/page.html",
        fragment="ledger/composition/_drawer.html",
        context=context,
    )


@requires("debts.view")
@require_safe
def account(request: HttpRequest, customer_pk: int) -> HttpResponse:
    """Everything of the account: a part of the customer's page, or a drawer beside a conversation."""
    customer = customer_access.customer(actor(request), customer_pk)
    today = clock.today(settings.current().time_zone)
    is_aside = in_place.is_wanted(request)
    context = {
        "customer": customer,
        "account": register.account(customer, on=today),
        "here": in_place.QUERY if is_aside else "",
        "over": "#account-over" if is_aside else "#dialogs",
    }
    return fragments.respond(
        request,
        page="ledger/account/detail.html",
        fragment="ledger/account/_drawer.html" if is_aside else "ledger/account/_panel.html",
        context=context,
    )
