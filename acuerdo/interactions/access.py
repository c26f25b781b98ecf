"""The only door from a request to the register."""

from django.db.models import QuerySet

from acuerdo.interactions.models import Interaction
from acuerdo.organization.access import scope
from acuerdo.organization.models import User


def interactions_for(user: User) -> QuerySet[Interaction]:
    """Rows of the customers that ``user`` may reach today, whoever worked them then."""
    return Interaction.objects.filter(scope(user).condition("customer__"))
