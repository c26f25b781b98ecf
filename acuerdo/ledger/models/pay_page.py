"""The customer's own page, which a link leads to."""

from django.db import models

from acuerdo.customers.models import Customer


class PayPage(models.Model):
    """What is kept of the page; most customers have no row.

    ``generation`` is part of every link: raising it ends those that were given out.
    ``tries`` counts wrong answers until a right one; ``blocked_until`` ends a pause after many.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="+")
    generation = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    blocked_until = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.customer_id}.{self.generation}"
