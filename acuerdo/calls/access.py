"""The only door from a request to a call."""

from django.db.models import QuerySet
from django.http import Http404

from acuerdo.calls.models import Call
from acuerdo.organization.access import scope
from acuerdo.organization.models import User


def calls_for(user: User) -> QuerySet[Call]:
    """By the customer of today: who had it when the call was planned may not have it any more."""
    return Call.objects.filter(scope(user).condition("customer__"))


def call(user: User, pk: int) -> Call:
    """The call ``pk`` if ``user`` may reach it, else Http404."""
    found = calls_for(user).select_related("customer", "interaction").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
