"""Who may hear of an event on the live stream. The answer is ids; rights are checked again
when the page fetches the fragment."""

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.http import HttpRequest

from acuerdo.events.models import Event
from acuerdo.organization.access import Scope, scope
from acuerdo.organization.models import User

# About the installation and nobody in particular.
EVERYBODY = frozenset(
    {
        "clock.moved",
        "day.rolled",
        "sending.paused",
        "sending.released",
        "unknown_sender.deleted",
        "unknown_sender.received",
        "unknown_sender.restored",
    }
)


@dataclass(frozen=True, slots=True)
class Listener:
    user_id: int
    scope: Scope

    def may_hear(self, event: Event) -> bool:
        if event.type in EVERYBODY or event.actor_id == self.user_id:
            return True
        if self.scope.portfolios is None:
            return True
        portfolio_id = event.data.get("portfolio_id")
        if portfolio_id is None:
            return False
        return self.scope.allows(portfolio_id=portfolio_id, adviser_id=event.data.get("adviser_id"))


def listener(cookie_header: str) -> Listener | None:
    """The signed-in user of a request's cookies, with the scope of today; None for others."""
    try:
        jar = SimpleCookie(cookie_header)
    except CookieError:
        return None
    key = jar.get(settings.SESSION_COOKIE_NAME)
    if key is None:
        return None
    try:
        request = HttpRequest()
        request.session = SessionStore(key.value)
        user = get_user(request)
        if not isinstance(user, User) or not user.is_active:
            return None
        return Listener(user.pk, scope(user))
    finally:
        connections.close_all()
