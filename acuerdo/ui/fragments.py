"""One address answers a whole page or, to htmx, only the part that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.safestring import SafeString

SWAPS_WITH_WRAPPER = frozenset({"innerHTML", "beforeend", "afterbegin", "beforebegin", "afterend"})

Context = Mapping[str, Any]


def dom_id(row: Model, prefix: str = "") -> str:
    """conversation_12, or panel_conversation_12: the one way an element is named after a row."""
    name = f"{row._meta.model_name}_{row.pk}"
    return f"{prefix}_{name}" if prefix else name


def wanted(request: HttpRequest) -> bool:
    """True when htmx asks for a part. A boosted link and a restored page want the whole."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def page_path(request: HttpRequest) -> str:
    """The address of the page that asks for a part; what is none counts as this request's own."""
    return _page_address(request).path or request.path


def page_query(request: HttpRequest) -> QueryDict:
    """What the address of that page says."""
    return QueryDict(_page_address(request).query)


def _page_address(request: HttpRequest) -> SplitResult:
    try:
        return urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return urlsplit("")


def respond(
    request: HttpRequest,
    *,
    page: str,
    fragment: str,
    context: Context | None = None,
    status: int = 200,
) -> HttpResponse:
    template = fragment if wanted(request) else page
    html = render_to_string(template, dict(context or {}), request=request)
    response = HttpResponse(html, status=status)
    # Else a cache, or the browser's Back, would show the part as if it were the page.
    patch_vary_headers(response, ["HX-Request"])
    return response


def answer(
    request: HttpRequest, *parts: tuple[str, Context] | SafeString, status: int = 200
) -> HttpResponse:
    """Several parts in one answer: (template, context) pairs and ready HTML such as toast()."""
    html = "".join(
        part if isinstance(part, str) else render_to_string(part[0], dict(part[1]), request=request)
        for part in parts
    )
    return HttpResponse(html, status=status)


def out_of_band(html: str | SafeString, *, target: str, swap: str = "innerHTML") -> SafeString:
    """Put html somewhere else on the page. A part that replaces itself uses {% oob %} in its root."""
    if swap not in SWAPS_WITH_WRAPPER:
        raise ValueError(
            f"{swap} would leave the wrapper on the page; use the oob tag in the fragment"
        )
    return format_html('<div hx-swap-oob="{}:{}">{}</div>', swap, target, html)


def remove(element_id: str) -> SafeString:
    return format_html('<div id="{}" hx-swap-oob="delete"></div>', element_id)


def toast(
    message: str,
    *,
    tone: str = "ok",
    undo_url: str = "",
    seconds: int = 6,
    request: HttpRequest | None = None,
) -> SafeString:
    """A short notice at the bottom; with undo_url it offers Deshacer, which is posted there."""
    context = {"message": message, "tone": tone, "undo_url": undo_url, "seconds": seconds}
    html = render_to_string("ui/_toast.html", context, request=request)
    return out_of_band(html, target="#toasts", swap="beforeend")


def redirect(request: HttpRequest, to: str, *args: Any) -> HttpResponse:
    """Lead the whole page elsewhere, whoever asked."""
    address = resolve_url(to, *args)
    if not wanted(request):
        return HttpResponseRedirect(address)
    return HttpResponse(status=204, headers={"HX-Redirect": address})


def names(errors: Mapping[str, Sequence[Any]]) -> list[str]:
    """The invalid fields in order: the first one gets the focus."""
    return [name for name in errors if name != "__all__"]
