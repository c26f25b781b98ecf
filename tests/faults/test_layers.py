"""Faults 6, 8, 26 and 40 are stopped in more than one place: each place, asked alone.

The tests of the whole pass with one guard missing, since the next one holds. These do not.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from acuerdo.channels import pacing
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.composer import replying
from acuerdo.conversations.models import Attachment, Message, Outgoing
from acuerdo.conversations.sending import claiming, delivery, outbox, settling
from acuerdo.conversations.tests.factories import NOW, customer, queued, user
from acuerdo.customers import pauses
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import holds, promises
from acuerdo.organization.models import Role
from acuerdo.primitives import clock
from acuerdo.primitives.money import Money
from tests.faults.running import Fake

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = NOW.date()


def drain() -> None:
    with clock.travel(NOW):
        delivery.drain()


def state(message: Message) -> tuple[str, str]:
    row = Interaction.objects.get(pk=message.pk)
    return row.status, row.reason


def test_fault_08_form_posted_again_uploads_its_file_once() -> None:
    account("email")
    owner, client = customer(), Client()
    client.force_login(user(Role.ADMINISTRATOR))
    for _time in range(2):
        fields = {"channel": "email", "body": "Va", "key": "a-form-of-the-page"}
        fields["uploads"] = SimpleUploadedFile("a.txt", b"hola", "text/plain")  # type: ignore[assignment]
        with clock.travel(NOW):
            answer = client.post(f"/conversaciones/{owner.pk}/mensajes/", fields)
        assert answer.status_code == 302
    assert (Message.objects.count(), Attachment.objects.count()) == (1, 1)


def test_fault_08_answer_given_again_asks_nothing_of_the_policy() -> None:
    """The first one used up what the day allows, and the second is the first."""
    account()
    owner, who = customer(), user(Role.ADMINISTRATOR)
    words = {"channel": "whatsapp", "body": "Hola", "key": "a-form-of-the-page", "by": who}
    first = replying.send(owner, at=NOW, **words)  # type: ignore[arg-type]
    # At that hour of the night nobody may write.
    again = replying.send(owner, at=NOW + timedelta(hours=14), **words)  # type: ignore[arg-type]
    assert again.pk == first.pk


def test_fault_08_key_known_to_the_queue_needs_no_account_any_more() -> None:
    line, owner = account(), customer()
    first = queued(owner, idempotency_key="one")
    ChannelAccount.objects.filter(pk=line.pk).update(is_active=False)
    assert queued(owner, idempotency_key="one").pk == first.pk


def test_fault_08_key_is_unique_in_the_database_itself() -> None:
    account()
    owner = customer()
    first, second = (queued(owner, idempotency_key=key) for key in ("one", "two"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=second.pk).update(idempotency_key=first.idempotency_key)


def test_fault_06_old_claim_begins_nothing_of_what_another_holds(line: ChannelAccount) -> None:
    """It slept through its lease; the message is due again, and somebody else has it now."""
    queued(customer())
    old = claiming.claim(line, at=NOW)
    Outgoing.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    settling.recover(at=NOW)
    new = claiming.claim(line, at=NOW)
    assert old.lease
    assert new.lease
    assert claiming.begin(line, old.claimed, lease=old.lease, at=NOW)[0] == set()
    claiming.give_back([row.message_id for row in old.claimed], lease=old.lease, at=NOW)
    assert Outgoing.objects.get().lease_until == new.lease
    begun, _first = claiming.begin(line, new.claimed, lease=new.lease, at=NOW)
    assert begun == {row.token for row in new.claimed}


def test_fault_26_nothing_is_claimed_while_the_account_waits(line: ChannelAccount) -> None:
    queued(customer())
    pacing.hold(line, retry_after=600)
    assert claiming.claim(line, at=NOW) == claiming.Batch(0, [])


@pytest.mark.parametrize("per_second", [0, 5])
def test_fault_26_what_was_claimed_before_does_not_begin(
    line: ChannelAccount, per_second: int
) -> None:
    """Another worker was told to wait in the meantime; with a pace and without one."""
    line.per_second = per_second
    line.save()
    queued(customer())
    batch = claiming.claim(line, at=NOW)
    assert batch.lease
    pacing.hold(line, retry_after=600)
    assert claiming.begin(line, batch.claimed, lease=batch.lease, at=NOW) == (set(), 0.0)


def test_fault_26_pause_asked_for_is_never_made_shorter(line: ChannelAccount) -> None:
    pacing.hold(line, retry_after=600)
    pacing.hold(line)
    pacing.hold(line, retry_after=1)
    line.refresh_from_db()
    assert line.paced_until
    assert line.paced_until > clock.now() + timedelta(seconds=590)


def test_fault_40_policy_alone_stops_what_a_pause_forbids(fake: Fake, line: ChannelAccount) -> None:
    """The ledger is not asked about messages of an event."""
    owner = customer()
    message = queued(owner, origin="event")
    pauses.pause(owner, until=TODAY + timedelta(days=5), by=None, at=NOW)
    drain()
    assert (state(message), fake.lines()) == (("not_sent", "paused"), [])


def test_fault_40_ledger_alone_stops_what_a_promise_forbids(
    fake: Fake, line: ChannelAccount
) -> None:
    """The policy knows nothing of promises."""
    owner = customer()
    message = queued(owner, origin="flow")
    amount, due = Money(Decimal(50), "PEN"), TODAY + timedelta(days=3)
    promises.register(owner, amount=amount, due_on=due, by=None, at=NOW)
    drain()
    assert (state(message), fake.lines()) == (("not_sent", "promise_pending"), [])


def test_fault_40_ledger_knows_of_a_pause_too() -> None:
    owner = customer()
    pauses.pause(owner, until=TODAY + timedelta(days=5), by=None, at=NOW)
    assert holds.blockers([owner.pk], on=TODAY) == {owner.pk: "paused"}
    assert holds.blockers([owner.pk], on=TODAY + timedelta(days=5)) == {}


def test_fault_40_message_taken_back_between_due_and_claim_stays(
    fake: Fake, line: ChannelAccount
) -> None:
    message = queued(customer())
    outbox.cancel(message, by=None, at=NOW)
    drain()
    assert (state(message)[0], fake.lines()) == ("cancelled", [])
    assert not Outgoing.objects.exists()
