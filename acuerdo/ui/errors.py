"""Error answers for the root address list: a fragment that fits its pane, or a whole page."""

from __future__ import annotations

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from acuerdo.ui import fragments

STATUSES = (400, 403, 404, 500, 503)
# What PostgreSQL says to a write while it only reads, as after a fail-over.
READ_ONLY = "25006"


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    del exception
    return error(request, 400)


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    del exception
    return error(request, 403)


def page_not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    del exception
    return error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that is away, or full, comes back: whoever asked may ask again."""
    fault = sys.exception()
    is_read_only = getattr(fault and fault.__cause__, "sqlstate", "") == READ_ONLY
    if is_read_only or isinstance(fault, OperationalError | InterfaceError):
        return unavailable(request)
    return error(request, 500)


def unavailable(request: HttpRequest, *, retry_seconds: int = 10) -> HttpResponse:
    response = error(request, 503)
    response["Retry-After"] = str(retry_seconds)
    return response


def error(request: HttpRequest, status: int, *, detail: str = "") -> HttpResponse:
    template = "ui/errors/_body.html" if fragments.wanted(request) else "ui/errors/page.html"
    # No request context: the fault may lie in what a context processor reads.
    html = render_to_string(template, {"status": status, "detail": detail, "request": request})
    return HttpResponse(html, status=status)
