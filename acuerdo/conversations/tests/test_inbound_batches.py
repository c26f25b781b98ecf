"""Many messages at once: filed together, and what spoils the batch is left alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from acuerdo.channels import receipts
from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import WebhookReceipt
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Conversation, Message
from acuerdo.conversations.receiving import arrivals, inbound
from acuerdo.conversations.receiving.filing import Arrival
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.conversations.tests.factories import NOW, customer, phone_of
from acuerdo.conversations.tests.test_inbound import drain, post, sent_message, written
from acuerdo.customers.models import ContactPoint
from acuerdo.events.models import Event
from acuerdo.primitives.tracebacks import Discreet

pytestmark = pytest.mark.django_db


def poison(word: str) -> None:
    """The database refuses messages of ``word`` from here on, as for a fault of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'spoilt %', NEW.body; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON conversations_message FOR EACH ROW"
            f" WHEN (NEW.body = '{word}') EXECUTE FUNCTION refuse()"
        )


def test_statements_do_not_grow_with_the_batch() -> None:
    line = account()
    taken = []
    for size in (2, 12):
        for place in range(size):
            owner = customer()
            post(line, written(owner, id_=f"in-{size}-{place}"))
            post(line, {"messages": [{"id": f"x-{size}-{place}", "from": "+5198", "body": "¿?"}]})
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert drain() == 2 * size
        taken.append(len(queries))
    assert Message.objects.count() == UnknownSender.objects.count() == 14
    assert taken[1] == taken[0]


def test_messages_of_one_customer_in_a_batch_all_count() -> None:
    line, owner = account(), customer()
    for place, words in enumerate(("Hola", "¿Están?", "Ya pagué")):
        post(line, written(owner, words, f"in-{place}"))
    drain()
    row = Conversation.objects.get()
    assert (row.unanswered, row.preview) == (3, "Ya pagué")
    events = Event.objects.filter(type="message.received").order_by("pk")
    assert [each.subject_id for each in events] == sorted(each.pk for each in Message.objects.all())


def test_message_that_cannot_be_filed_holds_back_no_other_of_its_batch() -> None:
    line, people = account(), [customer() for _ in range(7)]
    poison("veneno")
    for place, owner in enumerate(people):
        post(line, written(owner, "veneno" if place == 4 else "Hola", f"in-{place}"))
    drain()
    assert Message.objects.count() == 6
    waiting = WebhookReceipt.objects.get(handled_at=None)
    assert (waiting.tries, waiting.set_aside_reason) == (1, "")
    for _turn in range(receipts.TRIES):
        WebhookReceipt.objects.update(retry_at=None)
        drain()
    assert "spoilt" in WebhookReceipt.objects.get(handled_at=None).set_aside_reason


def test_words_of_a_message_that_cannot_be_filed_are_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    line, people = account(), [customer(), customer()]
    poison("Le debo a Carmen")
    for place, owner in enumerate(people):
        post(line, written(owner, "Le debo a Carmen", f"in-{place}"))
    drain()
    written_down = "\n".join(map(Discreet().format, caplog.records))
    assert "is halved" in written_down
    assert f"receipt {WebhookReceipt.objects.order_by('pk')[0].pk}" in written_down
    assert "_take" in written_down
    assert "Carmen" not in written_down


def test_statuses_and_messages_of_one_batch_are_both_done() -> None:
    line, owner = account(), customer()
    message = sent_message(line)
    post(line, {"statuses": [{"id": "sim-1", "status": "delivered"}]})
    post(line, written(owner))
    post(line, written(owner, "stop", "in-2"))
    assert drain() == 3
    message.interaction.refresh_from_db()
    assert message.interaction.status == "delivered"
    assert Conversation.objects.get(pk=owner.pk).unanswered == 2
    assert not WebhookReceipt.objects.filter(handled_at=None).exists()


def test_who_quotes_us_is_told_apart_in_a_batch() -> None:
    line, one, other = account(), customer(), customer()
    point = other.contact_points.filter(kind="phone")
    point.update(key=phone_of(one).key, value=phone_of(one).value)
    ours = sent_message(line)
    ours.interaction.customer = other
    ours.interaction.save()
    sender = phone_of(one).value
    arrivals.receive_many(
        [
            Arrival(line, InboundMessage("a", sender, "Hola"), NOW),
            Arrival(line, InboundMessage("b", sender, "Sí", answers=("sim-1",)), NOW),
        ]
    )
    assert UnknownSender.objects.get().provider_id == "a"
    assert Message.objects.get(provider_id="b").interaction.customer == other


def test_scoped_ids_of_a_batch_are_learned_once() -> None:
    line, owner = account(), customer()
    sender = phone_of(owner).value
    batch = [
        Arrival(line, InboundMessage(f"m-{n}", sender, "Hola", sender_id="bsuid:PE.77"), NOW)
        for n in range(3)
    ]
    arrivals.receive_many(batch)
    arrivals.receive_many(batch)
    assert Message.objects.count() == 3
    assert ContactPoint.objects.filter(customer=owner, key="bsuid:PE.77").count() == 1


def test_a_customer_is_held_before_the_conversation_as_by_a_send() -> None:
    line, owner = account(), customer()
    message = InboundMessage("m", phone_of(owner).value, "Hola", sender_id="bsuid:PE.77")
    with CaptureQueriesContext(connection) as asked:
        arrivals.receive_many([Arrival(line, message, NOW)])
    said = [each["sql"] for each in asked.captured_queries]
    held = next(n for n, sql in enumerate(said) if "FOR NO KEY UPDATE" in sql)
    touched = next(n for n, sql in enumerate(said) if "conversations_conversation" in sql)
    assert "customers_customer" in said[held]
    assert held < touched


@contextmanager
def most_locks(number: int) -> Iterator[None]:
    """The database refuses messages from a transaction that holds more locks of ours than that."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION few_locks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            f" AND pid = pg_backend_pid()) > {number} THEN RAISE 'too many locks'; END IF;"
            " RETURN NULL; END $$;"
            " CREATE TRIGGER few_locks AFTER INSERT ON conversations_unknownsender"
            " FOR EACH STATEMENT EXECUTE FUNCTION few_locks()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION few_locks() CASCADE")


def crowd(size: int) -> dict[str, object]:
    """A notice of very many tiny messages, each of somebody else."""
    return {"messages": [{"id": f"{n}", "from": f"5198{n:07d}", "body": "¿?"} for n in range(size)]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("careful", [False, True])
def test_notice_of_thousands_of_messages_leaves_room_for_the_locks_of_others(
    careful: bool,
) -> None:
    line = account()
    post(line, crowd(600 if careful else 5000))
    # What failed before is taken message by message.
    WebhookReceipt.objects.update(tries=1 if careful else 0)
    with most_locks(550):
        assert drain() == 1
    assert WebhookReceipt.objects.get().handled_at
    names = UnknownSender.objects.order_by("pk").values_list("provider_id", flat=True)
    assert list(names) == [str(n) for n in range(600 if careful else 5000)]


@pytest.mark.django_db(transaction=True)
def test_receipts_that_are_large_together_are_filed_in_their_order() -> None:
    line = account()
    for place in range(4):
        words = [{"id": f"{place}-{n}", "from": "+51980", "body": "¿?"} for n in range(200)]
        post(line, {"messages": words})
    with most_locks(550):
        assert drain() == 4
    names = list(UnknownSender.objects.order_by("pk").values_list("provider_id", flat=True))
    assert names == [f"{place}-{n}" for place in range(4) for n in range(200)]


def test_bad_message_in_a_large_notice_holds_back_none_of_its_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbound, "MOST", 3)
    line, people = account(), [customer() for _ in range(8)]
    poison("veneno")
    words = [
        written(each, "veneno" if n == 4 else "Hola", f"in-{n}") for n, each in enumerate(people)
    ]
    post(line, {"messages": [one for each in words for one in each["messages"]]})  # type: ignore[attr-defined]
    drain()
    assert set(Message.objects.values_list("provider_id", flat=True)) == {
        f"in-{n}" for n in range(8) if n != 4
    }
    waiting = WebhookReceipt.objects.get()
    assert (waiting.handled_at, waiting.tries) == (None, 1)
