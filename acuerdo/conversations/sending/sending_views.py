"""Por resolver: the desk of whoever answers for what was not delivered. Advisers have none of it."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from acuerdo.channels import receipts
from acuerdo.channels.models import Channel, ChannelAccount, WebhookReceipt
from acuerdo.contact_policy.models import Decision
from acuerdo.conversations import access
from acuerdo.conversations.models import Message, Outgoing, UncertainSend
from acuerdo.conversations.sending import desk, stranger_doubts, tallies, uncertain
from acuerdo.conversations.stranger_models import StrangerReply
from acuerdo.customers.access import customers_for
from acuerdo.organization.access import actor, requires
from acuerdo.organization.permissions import may
from acuerdo.primitives import clock
from acuerdo.ui import filtering, fragments, operations, pagination

# More of a body than anybody reads on a screen.
SHOWN = 60_000
DECISIONS = {"count_as_sent": uncertain.count_as_sent, "send_again": uncertain.send_again}
ANSWERS = {"si": True, "no": False}
DONE = {
    "count_as_sent": gettext_lazy("Queda contado como enviado."),
    "send_again": gettext_lazy("Sale de nuevo, como otro mensaje."),
}


@requires("sends.view")
@require_safe
def uncertain_list(request: HttpRequest) -> HttpResponse:
    """Answers to people who are nobody's yet stand above the first page, the newest of them."""
    user, now = actor(request), clock.now()
    account = filtering.number(request.GET, "cuenta")
    page = uncertain.waiting(user, request.GET.dict(), account=account)
    is_first = not {"after", "before"} & request.GET.keys()
    context = {
        "tallies": tallies.of_desk(user),
        "page": page,
        "rows": [(row, uncertain.is_ripe(row, at=now)) for row in page.rows],
        "strangers": stranger_doubts.told(user, account=account, at=now) if is_first else [],
        "filters": filtering.Bar(menus=(_accounts(request),)),
    }
    return render(request, "conversations/desk/uncertain.html", context)


@requires("sends.view")
@require_safe
def held_list(request: HttpRequest) -> HttpResponse:
    """Read along the index of one account: the queue may hold a hundred thousand rows."""
    now, wanted = clock.now(), filtering.number(request.GET, "cuenta")
    waiting = Exists(Outgoing.objects.filter(account_id=OuterRef("pk")))
    # Those with something to show first; a call waits in the tray of calls.
    written = ChannelAccount.objects.exclude(channel=Channel.CALL)
    accounts = list(written.order_by(waiting.desc(), "name", "pk"))
    account = next((row for row in accounts if row.pk == wanted), accounts[0] if accounts else None)
    when = filtering.choice(request.GET, "cuando", (desk.DUE, desk.LATER)) or desk.LATER
    context: dict[str, Any] = {"accounts": accounts, "account": account, "when": when, "rows": []}
    context["tallies"] = tallies.of_desk(actor(request))
    if account:
        context["tallies"] |= tallies.of_queue(actor(request), account, at=now)
        rows = desk.queue(actor(request), account, when=when, at=now)
        context["page"], context["rows"] = desk.queue_page(rows, request.GET, at=now)
    return render(request, "conversations/desk/held.html", context)


@requires("sends.view")
@require_safe
def failed_list(request: HttpRequest) -> HttpResponse:
    return _failures(request, "failed")


@requires("sends.view")
@require_safe
def not_sent_list(request: HttpRequest) -> HttpResponse:
    return _failures(request, "not_sent")


def _failures(request: HttpRequest, status: str) -> HttpResponse:
    rows = desk.failures(actor(request), request.GET, status=status)
    page, items = desk.failure_page(rows, request.GET)
    context = {"page": page, "rows": items, "current": status, "filters": _bar(request)}
    context["tallies"] = tallies.of_desk(actor(request))
    return render(request, "conversations/desk/failures.html", context)


def _bar(request: HttpRequest) -> filtering.Bar:
    """By account and first day as menus; the reason comes from a counter's link and shows as a chip."""
    code = filtering.text(request.GET, "motivo", longest=60)
    menus = [_accounts(request)]
    if code:
        menus.append(filtering.Menu("motivo", _("Motivo"), filtering.options([(code, code)]), code))
    period = filtering.Period(_("Desde"), filtering.day(request.GET, "desde"))
    return filtering.Bar(menus=tuple(menus), period=period)


def _accounts(request: HttpRequest) -> filtering.Menu:
    accounts = [(str(row.pk), row.name) for row in ChannelAccount.objects.all()]
    chosen = request.GET.get("cuenta", "")
    return filtering.Menu("cuenta", _("Cuenta"), filtering.options(accounts), chosen)


@requires("receipts.view")
@require_safe
def set_aside_list(request: HttpRequest) -> HttpResponse:
    """Bodies that nobody could read belong to no portfolio yet: administrators alone see them."""
    rows = receipts.aside().select_related("account").defer("body")
    account = filtering.number(request.GET, "cuenta")
    rows = rows.filter(account_id=account) if account else rows
    page = pagination.paginate(rows, request.GET, by="received_at")
    told = [(row, desk.aside_words(row.set_aside_reason)) for row in page.rows]
    context = {"page": page, "rows": told, "filters": _bar(request)}
    context["tallies"] = tallies.of_desk(actor(request))
    return render(request, "conversations/desk/set_aside.html", context)


@requires("receipts.view")
@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(WebhookReceipt.objects.select_related("account"), pk=pk)
    body = bytes(row.body)
    context = {
        "row": row,
        "text": body[:SHOWN].decode("utf-8", "replace").replace("\x00", "␀"),
        "size": len(body),
        "reason": desk.aside_words(row.set_aside_reason) if row.set_aside_reason else "",
        "is_cut": len(body) > SHOWN,
        "is_aside": row.handled_at is None and bool(row.set_aside_reason),
    }
    return _drawer(request, "receipt", context)


@requires("receipts.settle")
@require_POST
def receipt_retry(request: HttpRequest, pk: int) -> HttpResponse:
    return _settle(request, pk, receipts.retry, _("Vuelve a la cola: se lee en unos segundos."))


@requires("receipts.settle")
@require_POST
def receipt_dismissal(request: HttpRequest, pk: int) -> HttpResponse:
    return _settle(request, pk, receipts.dismiss, _("Aviso descartado. Su texto se conserva."))


def _settle(request: HttpRequest, pk: int, operation: Any, done: str) -> HttpResponse:
    row = get_object_or_404(WebhookReceipt.objects.select_related("account"), pk=pk)
    operation = partial(operation, row, by=actor(request), at=clock.now())
    return operations.answer(request, operation, done=done, back="sending:set_aside")


@requires("sends.view")
@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """Why: every hand-over of one message, and every answer of the policy about it."""
    row = access.message(actor(request), pk)
    return _drawer(request, "message", _ledger(request, row))


def _ledger(request: HttpRequest, row: Message) -> dict[str, Any]:
    user, entry = actor(request), row.interaction
    doubt = UncertainSend.objects.filter(pk=row.pk).select_related("by", "successor").first()
    is_open = doubt is not None and doubt.resolved_at is None and entry.status == "uncertain"
    return {
        "message": row,
        "entry": entry,
        "why": desk.why(row) if entry.reason else None,
        "attempts": row.attempts.order_by("pk")[:50],
        "decisions": Decision.objects.filter(interaction_id=row.pk).order_by("pk")[:50],
        "doubt": doubt,
        "may_resolve": is_open and may(user, "sends.resolve"),
        "is_ripe": doubt is not None and uncertain.is_ripe(doubt, at=clock.now()),
        "ripens_at": uncertain.ripens_at(doubt) if doubt else None,
        "may_open": customers_for(user).filter(pk=entry.customer_id).exists(),
    }


@requires("sends.resolve")
@require_POST
def resolution(request: HttpRequest, pk: int) -> HttpResponse:
    row = access.message(actor(request), pk)
    decision = filtering.choice(request.POST, "decision", DECISIONS)
    note = request.POST.get("nota", "").replace("\x00", "")
    if not decision:
        messages.error(request, _("Elija qué hacer con el envío."))
        return fragments.redirect(request, "sending:uncertain")
    settle = partial(DECISIONS[decision], row, by=actor(request), at=clock.now(), note=note)
    return operations.answer(request, settle, done=str(DONE[decision]), back="sending:uncertain")


@requires("sends.resolve")
@require_POST
def stranger_resolution(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(StrangerReply.objects.select_related("sender"), pk=pk)
    answer = filtering.choice(request.POST, "enviado", ANSWERS)
    if not answer:
        messages.error(request, _("Diga si el mensaje se envió o no."))
        return fragments.redirect(request, "sending:uncertain")
    settle = partial(stranger_doubts.settle, row, was_sent=ANSWERS[answer])
    move = partial(settle, by=actor(request), at=clock.now())
    return operations.answer(request, move, done=_("Resuelto."), back="sending:uncertain")


def _drawer(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    folder = f"conversations/{name}"
    return fragments.respond(
        request, page=f"{folder}/detail.html", fragment=f"{folder}/_drawer.html", context=context
    )
