"""Faults 39 to 43 and 62: somebody else was quicker, or the past comes back."""

import os
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

import pytest

from acuerdo.channels.models import ChannelAccount
from acuerdo.contact_policy import opt_outs
from acuerdo.conversations.models import Attempt, Message, Outgoing
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.sending import delivery, outbox
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, portfolio, queued
from acuerdo.customers import pauses
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Interaction
from acuerdo.organization import settings
from acuerdo.primitives import clock, failpoints
from tests.faults import dying, invariants, posting
from tests.faults.running import Fake
from tests.kills import lay

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 1000
RIVALS = 8


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + after):
        return delivery.drain()


def state(message: Message) -> tuple[str, str]:
    row = Interaction.objects.get(pk=message.pk)
    return row.status, row.reason


def test_fault_39_number_that_moved_to_somebody_else_meanwhile(
    fake: Fake, line: ChannelAccount
) -> None:
    owner, other = customer(), customer()
    message = queued(owner, due_at=NOW + timedelta(hours=1))
    point = phone_of(owner)
    other.contact_points.filter(kind="phone").delete()
    point.customer = other
    point.save()
    drain(timedelta(hours=1))
    assert (state(message), fake.lines()) == (("not_sent", "address_unusable"), [])
    assert invariants.check(fake.log, travelled=True) == []


@pytest.mark.parametrize("what", ["opt_out", "pause"])
def test_fault_40_refusal_between_due_and_claim_stops_it(
    fake: Fake, line: ChannelAccount, what: str
) -> None:
    owner = customer()
    message = queued(owner, origin="flow")
    if what == "opt_out":
        opt_outs.record(owner, channel="whatsapp", source="BAJA", by=None, at=NOW)
    else:
        pauses.pause(owner, until=NOW.date() + timedelta(days=5), by=None, at=NOW)
    drain()
    assert (state(message)[0], fake.lines()) == ("not_sent", [])


def test_fault_40_refusal_after_the_claim_lets_that_one_go_and_no_other(
    fake: Fake, line: ChannelAccount
) -> None:
    owner = customer()
    first = queued(owner, origin="flow")

    def refuse() -> None:
        opt_outs.record(owner, channel="", source="BAJA", by=None, at=clock.now())

    with failpoints.armed(outbox__claimed=refuse):
        drain()
    second = queued(owner, origin="flow")
    drain(timedelta(minutes=5))
    assert (state(first)[0], state(second)) == ("sent", ("not_sent", "opted_out"))
    assert invariants.check(fake.log, travelled=True) == []


def test_fault_41_eight_workers_and_a_thousand_rows(fake: Fake, line: ChannelAccount) -> None:
    lay._customers(MANY, portfolio=portfolio().pk, on=NOW.date(), at=NOW)
    drafts = [outbox.Draft(who, "whatsapp", "Hola", "manual") for who in Customer.objects.all()]
    outbox.queue_many(drafts, at=NOW)

    def work() -> None:
        for _turn in range(60):
            drain()

    with ExitStack() as rivals:
        for pid in [rivals.enter_context(dying.child(work)) for _number in range(RIVALS)]:
            os.waitpid(pid, 0)
    counted = Counter(line_["to"] for line_ in fake.lines())
    assert (len(counted), set(counted.values())) == (MANY, {1})
    assert Interaction.objects.filter(status="sent").count() == MANY
    assert invariants.check(fake.log, travelled=True) == []


def test_fault_62_restored_backup_sends_nothing_by_itself(fake: Fake, line: ChannelAccount) -> None:
    """Last night's rows say that yesterday's message is due; the provider knows better."""
    message = queued(customer())
    drain()
    (sent,) = fake.lines()
    bring_back_last_night(message, line)
    for number, told in enumerate(("sent", "delivered", "opened") * 3):
        posting.status(line, sent | {"id": sent["id"]}, told, detail=str(number))
    for hours in (0, 1, 24, 48, 24 * 7):
        with clock.travel(NOW + timedelta(days=1, hours=hours)):
            inbound.drain()
            delivery.drain()
    assert len(fake.lines()) == 1
    # Whatever left after the backup is known to the provider alone.
    assert {each.invariant for each in invariants.check(fake.log, travelled=True)} == {"I3"}
    assert settings.current().sending_paused_at is not None


def bring_back_last_night(message: Message, line: ChannelAccount) -> None:
    """What ``acuerdo restore`` leaves: the rows as they were, and sending paused."""
    Attempt.objects.all().delete()
    Message.objects.update(provider_id=None)
    Interaction.objects.filter(pk=message.pk).update(status="scheduled", sent_at=None)
    Outgoing.objects.create(
        message=message,
        account_id=line.pk,
        customer_id=Customer.objects.get().pk,
        due_at=NOW,
    )
    settings.pause_sending("copia restaurada", at=NOW)
