"""Who may hear of what on the live stream. The answer is ids; rights are checked again
when the page fetches the fragment."""

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from acuerdo.events.models import Event
from acuerdo.events.news import News
from acuerdo.organization.access import Scope, scope
from acuerdo.organization.models import User

# About the installation and nobody in particular.
EVERYBODY = frozenset(
    {
        "clock.moved",
        "customers.imported",
        "day.rolled",
        "segments.recomputed",
        "sending.paused",
        "sending.released",
        "unknown_sender.deleted",
        "unknown_sender.received",
        "unknown_sender.restored",
    }
)
# After these somebody may reach other customers than before.
RESHAPING = frozenset(
    {
        "customers.imported",
        "portfolio.created",
        "portfolio.updated",
        "settings.updated",
        "team.updated",
        "user.updated",
    }
)
LOST = "customer.lost"


@dataclass(frozen=True, slots=True)
class Listener:
    user_id: int
    scope: Scope

    def hears(self, news: News) -> str | None:
        """As what type to pass it on; None for what is not theirs.

        A customer's news go by whose the customer is now, however the event came to be: who
        lost the customer hears of that, and of nothing else.
        """
        if news.customer_id is not None:
            if self._reaches(news):
                return news.type
            return LOST if self._lost(news) else None
        return news.type if news.event and self._concerns(news.event) else None

    def _reaches(self, news: News) -> bool:
        if news.owner is None:
            return self.scope.portfolios is None
        portfolio_id, adviser_id = news.owner
        return self.scope.allows(portfolio_id=portfolio_id, adviser_id=adviser_id)

    def _lost(self, news: News) -> bool:
        if news.type != "customer.assigned" or news.event is None:
            return False
        data = news.event.data
        before, portfolio_id = data.get("before"), data.get("portfolio_id")
        return portfolio_id is not None and self.scope.allows(
            portfolio_id=portfolio_id, adviser_id=before
        )

    def _concerns(self, event: Event) -> bool:
        if event.type in EVERYBODY or event.actor_id == self.user_id:
            return True
        if self.scope.portfolios is None:
            return True
        portfolio_id = event.data.get("portfolio_id")
        return portfolio_id is not None and self.scope.allows(
            portfolio_id=portfolio_id, adviser_id=event.data.get("adviser_id")
        )


def listener(cookie_header: str) -> Listener | None:
    """The signed-in user of a request's cookies, with the scope of today; None for others."""
    try:
        jar = SimpleCookie(cookie_header)
    except CookieError:
        return None
    key = jar.get(settings.SESSION_COOKIE_NAME)
    if key is None:
        return None
    request = HttpRequest()
    request.session = SessionStore(key.value)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        return None
    return Listener(user.pk, scope(user))
