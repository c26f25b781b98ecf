"""Faults that are stopped in more than one place: each place, asked alone.

The tests of the whole pass with one guard missing, since the next one holds. These do not.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from acuerdo.channels import pacing, sending
from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.composer import replying
from acuerdo.conversations.models import Attachment, Attempt, Message, Outgoing
from acuerdo.conversations.receiving import arrivals
from acuerdo.conversations.sending import claiming, delivery, outbox, settling
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued, user
from acuerdo.customers import pauses
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import holds, promises
from acuerdo.organization.models import Role
from acuerdo.primitives import clock, failpoints
from acuerdo.primitives.money import Money
from acuerdo.server import ports
from tests.faults import outside
from tests.faults.running import Fake

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = NOW.date()


def drain(after: timedelta = timedelta(0)) -> None:
    with clock.travel(NOW + after):
        delivery.drain()


def state(message: Message) -> tuple[str, str]:
    row = Interaction.objects.get(pk=message.pk)
    return row.status, row.reason


def test_fault_01_earlier_try_says_nothing_of_a_claim_that_died() -> None:
    """It was not taken then, and it did not leave now: it is due again, and not uncertain."""
    line = account(url=f"http://127.0.0.1:{ports.any_free()}")
    message = queued(customer())
    drain()
    later = NOW + timedelta(hours=1)
    assert len(claiming.claim(line, at=later).claimed) == 1
    Outgoing.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    settling.recover(at=later)
    assert (state(message)[0], Attempt.objects.get().outcome) == ("scheduled", "not_taken")


def test_fault_04_row_that_outlived_its_settling_is_never_due_again(
    fake: Fake, line: ChannelAccount
) -> None:
    """The queue forgot to forget it: the register knows that it was sent."""
    message = queued(customer())
    row = Outgoing.objects.get()
    drain()
    row.lease_until = timezone.now() - timedelta(seconds=1)
    row.save(force_insert=True)
    drain()
    assert (state(message)[0], Outgoing.objects.count()) == ("sent", 0)
    drain(timedelta(days=1))
    assert len(fake.lines()) == 1


def test_fault_08_form_posted_again_uploads_its_file_once() -> None:
    account("email")
    owner, client = customer(), Client()
    client.force_login(user(Role.ADMINISTRATOR))
    for _time in range(2):
        file = SimpleUploadedFile("a.txt", b"hola", "text/plain")
        words = {"channel": "email", "subject": "Lo pedido", "body": "Va"}
        fields = words | {"key": "a-form-of-the-page", "uploads": file}
        with clock.travel(NOW):
            answer = client.post(f"/conversaciones/{owner.pk}/mensajes/", fields)
        assert answer.status_code == 302
    assert (Message.objects.count(), Attachment.objects.count()) == (1, 1)


def test_fault_08_answer_given_again_asks_nothing_of_the_policy() -> None:
    """The first one used up what the day allows, and the second is the first."""
    account()
    owner, who = customer(), user(Role.ADMINISTRATOR)
    send = partial(
        replying.send, owner, channel="whatsapp", body="Hola", key="a-form-of-the-page", by=who
    )
    first = send(at=NOW)
    # At that hour of the night nobody may write.
    again = send(at=NOW + timedelta(hours=14))
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


def test_fault_12_what_leaves_is_on_disk_though_the_rest_may_wait(line: ChannelAccount) -> None:
    """A crash of the machine forgets what was committed lazily; this it must not forget."""
    queued(customer())
    batch = claiming.claim(line, at=NOW)
    assert batch.lease
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL synchronous_commit = off")
        claiming.begin(line, batch.claimed, lease=batch.lease, at=NOW)
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)


class Deaf(delivery.Turn):
    """Its settling is done, though nobody hears so, and another worker goes on from there."""

    theirs: claiming.Batch | None = None

    def settle(self, answers: Sequence[sending.Answer]) -> None:
        super().settle(answers)
        at = NOW + timedelta(hours=1)
        self.theirs = self.theirs or claiming.claim(self.account, at=at)
        raise OperationalError("the connection is lost")


def test_fault_13_what_was_not_taken_is_given_back_once() -> None:
    """Given back a second time, it would be taken from whoever sends it by now."""
    line = account(url=f"http://127.0.0.1:{ports.any_free()}")
    message = queued(customer())
    with clock.travel(NOW):
        turn = Deaf(line, claiming.claim(line, at=NOW))
        with pytest.raises(OperationalError):
            sending.hand_over(line, turn.parcels(), turn)
    assert turn.theirs
    assert turn.theirs.lease
    assert (state(message)[0], Outgoing.objects.get().lease_until) == (
        "processing",
        turn.theirs.lease,
    )


def test_fault_24_whatever_goes_wrong_after_the_bytes_left_is_uncertain(
    fake: Fake, line: ChannelAccount
) -> None:
    """Also where the adapter did not foresee it."""
    message = queued(customer())
    with failpoints.armed(outbox__handed_over="raise"):
        drain()
    drain(timedelta(days=2))
    assert (state(message), len(fake.lines())) == (("uncertain", "fault"), 1)
    assert Attempt.objects.get().outcome == "uncertain"


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


def test_fault_32_message_of_a_provider_is_unique_in_the_database_itself() -> None:
    account()
    first, second = queued(customer()), queued(customer())
    Message.objects.filter(pk=first.pk).update(provider_id="in-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=second.pk).update(provider_id="in-1")


def test_fault_32_whoever_brings_the_same_meanwhile_waits_and_finds_it() -> None:
    """Two notices of one message, handled side by side."""
    line, owner = account(), customer()
    message = InboundMessage("in-1", phone_of(owner).value, "Ya pagué")

    def bring() -> None:
        try:
            arrivals.receive_message(line, message, at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            arrivals.receive_message(line, message, at=NOW)
            second = pool.submit(bring)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        assert second.result(timeout=20) is None
    assert Message.objects.count() == 1


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


def test_fault_41_rows_of_a_rival_are_passed_over(line: ChannelAccount) -> None:
    """Neither taken from it nor waited for."""
    mine, theirs = queued(customer()), queued(customer())
    with outside.connect() as rival, rival.transaction():
        rival.execute(LOCKED, [theirs.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '3s'")
            batch = claiming.claim(line, at=NOW)
            cursor.execute("RESET lock_timeout")
    assert [row.message_id for row in batch.claimed] == [mine.pk]


LOCKED = "SELECT 1 FROM conversations_outgoing WHERE message_id = %s FOR UPDATE"


def test_fault_41_claim_takes_only_what_is_still_scheduled(line: ChannelAccount) -> None:
    """Whatever the queue says: the register is asked and set in one statement."""
    queued(customer())
    Interaction.objects.update(status="processing")
    assert claiming.claim(line, at=NOW) == claiming.Batch(1, [], None)


def test_fault_42_sweeper_passes_over_what_another_holds(line: ChannelAccount) -> None:
    """Whoever begins it holds it until its attempt can be seen."""
    message = queued(customer())
    claiming.claim(line, at=NOW)
    Outgoing.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with outside.connect() as other, other.transaction():
        other.execute(LOCKED, [message.pk])
        assert settling.recover(at=NOW) == 0
    assert settling.recover(at=NOW) == 1


def test_fault_42_whoever_begins_waits_for_the_sweeper(line: ChannelAccount) -> None:
    """And finds that the message is not its own any more."""
    message = queued(customer())
    batch = claiming.claim(line, at=NOW)
    assert batch.lease
    with outside.connect() as sweeper, sweeper.transaction():
        sweeper.execute(LOCKED, [message.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
            with pytest.raises(OperationalError):
                claiming.begin(line, batch.claimed, lease=batch.lease, at=NOW)
            cursor.execute("RESET lock_timeout")
    assert not Attempt.objects.exists()
