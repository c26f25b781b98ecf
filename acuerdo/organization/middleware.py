"""What every request needs to know of the organisation."""

from collections.abc import Callable

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse

from acuerdo.organization import reading, settings


class OrganizationMiddleware:
    """Keeps a demonstration's clock in step, and asks for the settings once a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if django_settings.DEMO:
            settings.follow_clock()
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with reading.kept():
            return self.get_response(request)
