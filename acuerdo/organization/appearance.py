"""A person's own look and language: kept with the user, and for the sign-in page in the browser."""

from collections.abc import Callable

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from acuerdo.organization import users
from acuerdo.organization.models import User
from acuerdo.primitives import clock

CHOSEN = "chosen_language"
YEAR = 365 * 24 * 3600
LANGUAGES = frozenset(dict(django_settings.LANGUAGES))
CHOICES = {
    "theme": frozenset({"light", "dark", "system"}),
    "density": frozenset({"comfortable", "compact"}),
    "language": LANGUAGES,
}


class LanguageMiddleware:
    """The person's language, else the one chosen in this browser, else Spanish.

    What a browser asks for is not followed: a team reads one language, whatever its computers are
    set to, and help over the telephone names the words of one screen.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        return response


def language_of(request: HttpRequest) -> str:
    user = request.user
    wanted = user.language if isinstance(user, User) else request.COOKIES.get("language", "")
    return wanted if wanted in LANGUAGES else django_settings.LANGUAGE_CODE


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Works without script, and for somebody who has not signed in yet."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = {
        name: request.POST[name]
        for name, allowed in CHOICES.items()
        if request.POST.get(name) in allowed
    }
    for name, value in chosen.items():
        response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    if chosen and isinstance(request.user, User):
        users.update(request.user, by=request.user, at=clock.now(), **chosen)
    elif "language" in chosen:
        request.session[CHOSEN] = chosen["language"]
    return response


def keep_language(request: HttpRequest, user: User) -> None:
    """Who chose a language and then signed in goes on in it, also in another browser.

    The session knows it, not the cookie: that is of whoever used this browser last.
    """
    language = request.session.pop(CHOSEN, user.language)
    if language != user.language:
        users.update(user, by=user, at=clock.now(), language=language)
