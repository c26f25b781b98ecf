"""The product at one end, the provider's process at the other, and what passes between them."""

import time
from dataclasses import dataclass
from uuid import uuid4

from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.conversations.models import Message
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.sending import delivery
from acuerdo.conversations.tests.conftest import Provider
from acuerdo.conversations.tests.factories import customer, queued
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Interaction
from acuerdo.simulator import gateway
from acuerdo.simulator.gateway import Posted
from acuerdo.simulator.phones import phone

PATIENCE_SECONDS = 40


@dataclass
class Bench:
    provider: Provider
    lines: dict[str, ChannelAccount]

    def address(self, owner: Customer, channel: str) -> str:
        return phone(owner, channel).address

    def says(self, owner: Customer, channel: str, body: str = "Hola", **more: str) -> None:
        """The person writes, and the product has heard it when this returns."""
        before = self.count(channel)
        address = self.address(owner, channel)
        gateway.write(self.lines[channel], address=address, body=body, **more)
        self.posted(channel, before + 1)
        self.hear()

    def sends(self, channel: str, **changes: object) -> Message:
        """A message to somebody who has just written, handed over."""
        owner = customer()
        self.says(owner, channel, body=f"Hola {uuid4().hex}")
        return self.sends_to(owner, channel, **changes)

    def sends_to(self, owner: Customer, channel: str, **changes: object) -> Message:
        told = {"body": "Buenos días", "subject": "Su cuenta"} | changes
        message = queued(owner, channel=channel, **told)
        delivery.drain()
        return message

    def behave(self, channel: str, **manners: object) -> None:
        gateway.set_manners(self.lines[channel], manners)

    def count(self, channel: str) -> int:
        return len(gateway.posted(self.lines[channel]))

    def posted(self, channel: str, count: int) -> list[Posted]:
        """The notices of one line once there are so many, oldest first."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found := gateway.posted(self.lines[channel])) < count:
            assert time.monotonic() < deadline, found
            time.sleep(0.02)
        return found[::-1]

    def hear(self) -> None:
        while inbound.drain():
            pass

    def ends(self, message: Message, channel: str, count: int) -> Interaction:
        """What is known of ``message`` after so many more notices than there are now."""
        self.posted(channel, count)
        self.hear()
        return Interaction.objects.get(pk=message.pk)

    def receipts(self) -> int:
        return WebhookReceipt.objects.count()
