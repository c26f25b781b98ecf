"""The only door from a request to a customer."""

from django.db.models import QuerySet
from django.http import Http404

from acuerdo.customers.models import Customer
from acuerdo.organization.access import scope
from acuerdo.organization.models import User


def customers_for(user: User) -> QuerySet[Customer]:
    """Every customer that ``user`` may reach, those inactive or deleted included."""
    return Customer.objects.filter(scope(user).condition())


def customer(user: User, pk: int) -> Customer:
    """The customer ``pk``; Http404 when it does not exist or is out of reach, without telling."""
    found = (
        customers_for(user)
        .select_related("portfolio", "adviser", "segment", "standing")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found
