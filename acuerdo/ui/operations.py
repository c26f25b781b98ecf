"""How a page runs an operation: done, or the refusal shown where the person is looking."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import fragments

Done = TypeVar("Done")


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; an empty post is an answer too, and binds the form."""
    return request.POST if request.method == "POST" else None


def run(form: Form, operation: Callable[[], Done]) -> Done | None:
    """The operation's result, or None with the refusal among the form's errors."""
    try:
        return operation()
    except Refusal as refusal:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, ValidationError(refusal.sentence, code=refusal.code))
        return None


def answer(
    request: HttpRequest,
    operation: Callable[[], object],
    *,
    done: str,
    back: str,
    key: object = None,
) -> HttpResponse:
    """Run what a button asks for and lead back to a page, with a notice either way.

    ``back`` is a URL name or address; a ``next`` of this site in the form wins.
    """
    try:
        operation()
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, done)
    return redirect(came_from(request, back, key))


def came_from(request: HttpRequest, back: str, key: object = None) -> str:
    address = request.POST.get("next", "")
    # Without the slash Django would take it for the name of a place.
    is_path = address.startswith("/")
    if is_path and url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return address
    return resolve_url(back, *([key] if key is not None else []))


def form_page(
    request: HttpRequest,
    form: Form,
    *,
    title: str,
    back: str,
    action: str = "",
    intro: str = "",
    danger: bool = False,
) -> HttpResponse:
    """One form, as a page or, to htmx, as a drawer; 422 where what was typed will not do."""
    context = {
        "form": form,
        "title": title,
        "back": back,
        "action_label": action,
        "intro": intro,
        "danger": danger,
        "address": request.get_full_path(),
    }
    return fragments.respond(
        request,
        page="ui/form_page.html",
        fragment="ui/_form_drawer.html",
        context=context,
        status=422 if form.is_bound and form.errors else 200,
    )


def question(
    request: HttpRequest, form: Form, *, title: str, text: str, action: str, back: str
) -> HttpResponse:
    """Before what cannot be taken back: a dialog in the middle or, without scripts, a page."""
    address = request.get_full_path()
    context = {
        "form": form,
        "title": title,
        "intro": text,
        "text": text,
        "back": back,
        "action_label": action,
        "danger": True,
        "address": address,
        "action_url": address,
        "id": "question",
        "open": True,
    }
    return fragments.respond(
        request, page="ui/form_page.html", fragment="ui/_dialog.html", context=context
    )


def finish(request: HttpRequest, notice: str, back: str) -> HttpResponse:
    """Lead to ``back`` with a notice, from a page or from a drawer."""
    messages.success(request, notice)
    return fragments.redirect(request, back)
