from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Conversation, Message, Outgoing
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued, user
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db


def test_queued_message_is_frozen_scheduled_and_due() -> None:
    line, owner = account(), customer()
    message = queued(owner, body="Hola, Ana")
    assert message.address == phone_of(owner).value
    assert message.account_id == line.pk
    assert Interaction.objects.get(pk=message.pk).status == "scheduled"
    assert Outgoing.objects.get(pk=message.pk).due_at == NOW
    assert Event.objects.get(type="message.queued").subject_id == message.pk


def test_same_key_gives_the_first_message() -> None:
    account()
    owner = customer()
    first = queued(owner, idempotency_key="form-1")
    again = queued(owner, idempotency_key="form-1", body="otro texto")
    assert (again.pk, again.body) == (first.pk, "Hola")
    assert Message.objects.count() == 1


def test_same_key_twice_in_one_batch_is_one_message() -> None:
    account()
    draft = outbox.Draft(customer(), "whatsapp", "Hola", "flow", idempotency_key="step-1")
    first, second = outbox.queue_many([draft, draft], at=NOW)
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert first.pk == second.pk
    assert Message.objects.count() == Interaction.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_same_form_posted_by_many_threads_at_once_is_one_message() -> None:
    account()
    owner = customer()

    def post(_number: int) -> int:
        try:
            return int(queued(owner, idempotency_key="form-1").pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(post, range(8)))) == 1
    assert Message.objects.count() == Interaction.objects.count() == 1


def test_batch_refuses_the_bad_and_queues_the_good() -> None:
    account()
    good, silent = customer(), customer()
    silent.contact_points.all().delete()
    drafts = [outbox.Draft(who, "whatsapp", "Hola", "flow") for who in (silent, good)]
    refused, taken = outbox.queue_many(drafts, at=NOW)
    assert isinstance(refused, Refusal)
    assert refused.code == "no_address"
    assert isinstance(taken, Message)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"body": " "}, "empty_body"), ({"channel": "sms"}, "no_account")],
)
def test_message_without_text_or_line_is_refused(changes: dict[str, str], code: str) -> None:
    account()
    with pytest.raises(Refusal) as refusal:
        queued(customer(), **changes)
    assert refusal.value.code == code


def test_address_of_somebody_else_is_refused() -> None:
    account()
    with pytest.raises(Refusal) as refusal:
        queued(customer(), contact_point=phone_of(customer()))
    assert refusal.value.code == "foreign_address"


def test_answer_of_a_person_takes_the_bold_away() -> None:
    account()
    owner, adviser = customer(), user()
    queued(owner, origin="flow")
    Conversation.objects.filter(pk=owner.pk).update(pending_since=NOW, unanswered=2)
    queued(owner, by=adviser)
    row = Conversation.objects.get(pk=owner.pk)
    assert (row.pending_since, row.unanswered) == (None, 0)
    assert Event.objects.get(type="conversation.handled").actor_id == adviser.pk


def test_automatic_message_leaves_the_bold() -> None:
    account()
    owner = customer()
    queued(owner, origin="flow")
    Conversation.objects.filter(pk=owner.pk).update(pending_since=NOW)
    queued(owner, origin="flow")
    assert Conversation.objects.get(pk=owner.pk).pending_since == NOW


def test_message_for_later_does_not_move_the_conversation_yet() -> None:
    account()
    owner = customer()
    queued(owner, origin="flow", due_at=NOW + timedelta(days=1))
    assert not Conversation.objects.filter(pk=owner.pk).exists()


def test_cancelled_message_leaves_the_queue() -> None:
    account()
    message = queued(customer())
    outbox.cancel(message, by=None, at=NOW)
    assert Interaction.objects.get(pk=message.pk).status == "cancelled"
    assert not Outgoing.objects.exists()


def test_message_on_its_way_cannot_be_cancelled() -> None:
    account()
    message = queued(customer())
    Interaction.objects.filter(pk=message.pk).update(status="processing")
    with pytest.raises(Refusal):
        outbox.cancel(message, by=None, at=NOW)
    assert Outgoing.objects.filter(pk=message.pk).exists()
