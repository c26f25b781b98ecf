"""Signed-in browsers of a user."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from acuerdo.organization.models import User
from acuerdo.primitives import clock


def end_all(user: User) -> int:
    """Sign ``user`` out everywhere; says of how many browsers.

    A session's row does not say whose it is, so every live one is opened; a team has few.
    """
    live = Session.objects.filter(expire_date__gt=clock.now())
    theirs = [row.pk for row in live if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)
