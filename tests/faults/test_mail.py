"""Fault 58: two systems that answer each other. Fault 57 lives with the mailbox's own tests."""

from datetime import timedelta

import pytest

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.tests.factories import account
from acuerdo.conversations import arrivals, delivery
from acuerdo.conversations.models import Conversation, Message, Outgoing
from acuerdo.conversations.tests.factories import NOW, customer, queued
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock
from tests.faults import invariants
from tests.faults.running import Fake

pytestmark = pytest.mark.django_db(transaction=True)

STORM = 60


def test_fault_58_storm_of_automatic_answers_is_kept_and_answered_by_nobody(fake: Fake) -> None:
    line, owner = account("email", url=fake.url), customer()
    address = owner.contact_points.get(kind="email").value
    for number in range(STORM):
        mail = InboundMessage(
            f"auto-{number}", address, "Estoy de vacaciones. BAJA", is_automatic=True
        )
        arrivals.receive_message(line, mail, at=NOW + timedelta(seconds=number))
    assert Message.objects.filter(is_automatic=True).count() == STORM
    # Nobody waits for an answer, none is on its way, and the flow is not stopped.
    assert Conversation.objects.get().unanswered == 0
    assert not Outgoing.objects.exists()
    message = queued(owner, channel="email", origin="flow")
    with clock.travel(NOW + timedelta(minutes=5)):
        delivery.drain()
    assert Interaction.objects.get(pk=message.pk).status == "sent"
    assert len(fake.lines()) == 1
    assert invariants.check(fake.log, travelled=True) == []
