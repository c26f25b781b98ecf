"""What the tests of the screens share: a customer who wrote, and pages at the hour of the cast."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.test import Client

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.receiving import arrivals
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW
from acuerdo.primitives import clock

HTMX = {"HX-Request": "true"}


def wrote(customer: Customer, text: str = "¿Puedo pagar mañana?") -> Customer:
    line = ChannelAccount.objects.filter(channel="whatsapp").first() or account()
    point = customer.contact_points.get(kind="phone")
    arrivals.receive_message(line, InboundMessage(uuid4().hex, point.value, text), at=NOW)
    return customer


class Browser:
    """A signed-in person, at the moment of the cast or at another."""

    def __init__(self, user: User, *, at: datetime = NOW) -> None:
        self.at = at
        self.client = Client()
        self.client.force_login(user)

    def get(self, address: str, *, htmx: Any = False, **query: Any) -> Any:
        return self._then(self.client.get, address, query, htmx=htmx)

    def post(self, address: str, *, htmx: Any = False, **form: Any) -> Any:
        return self._then(self.client.post, address, form, htmx=htmx)

    def _then(self, ask: Callable[..., Any], address: str, data: Any, *, htmx: bool) -> Any:
        with clock.travel(self.at):
            return ask(address, data, headers=HTMX if htmx else {})
