"""Faults 35 and 36: a thousand messages at once, a week of notices at once, some of them odd."""

import json
import os
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from acuerdo.channels import receipts
from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.tests.factories import account
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations.models import Conversation, Message, Outgoing
from acuerdo.conversations.receiving import inbound
from acuerdo.conversations.sending import delivery, outbox
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Interaction
from acuerdo.organization import settings
from acuerdo.primitives import clock
from tests.faults import dying, invariants, passing, posting
from tests.faults.running import Fake

Json = dict[str, Any]
pytestmark = pytest.mark.django_db(transaction=True)

THOUSAND = 1000
# The whole of it outside of the suite: ACUERDO_BACKLOG=100000, which takes minutes.
BACKLOG = int(os.environ.get("ACUERDO_BACKLOG") or 6000)
WEEK_LATER = NOW + timedelta(days=7)
# Bodies as large as one may be; all of them together are more than the worker may hold.
LARGE, LARGE_BYTES = 120, 1_000_000
MEMORY = 150 * 1024 * 1024
# What the goal allows for a hundred thousand is half an hour; the machine may be busy.
PER_SECOND = 56


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + timedelta(days=1) + after):
        return inbound.drain()


@contextmanager
def table_that_refuses(body: str) -> Iterator[None]:
    """A message that this database will never take, whoever tries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.body = '{body}' THEN RAISE check_violation USING MESSAGE = 'poison'; END IF;"
            " RETURN NEW; END $$; CREATE TRIGGER no_poison BEFORE INSERT ON conversations_message"
            " FOR EACH ROW EXECUTE FUNCTION no_poison()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION no_poison() CASCADE")


def thousand(people: list[Customer], **poison: object) -> list[dict[str, object]]:
    """As many messages of ``people``; the one in the middle is spoiled."""
    phones = [phone_of(owner).value for owner in people]
    many: list[dict[str, object]] = [
        {"id": f"m-{number}", "from": phone, "body": f"texto {number}"}
        for number, phone in enumerate(islice(cycle(phones), THOUSAND))
    ]
    many[THOUSAND // 2] |= poison
    return many


def test_fault_35_one_that_makes_no_sense_among_a_thousand() -> None:
    line, people = account(), [customer() for _number in range(20)]
    many = thousand(people, body={"not": "a text"})
    assert posting.notice(line, {"messages": many}) == 200
    assert posting.notice(line, {"messages": many}) == 200
    drain()
    drain(timedelta(hours=1))
    assert Message.objects.count() == THOUSAND - 1
    assert Conversation.objects.count() == 20
    kept = list(receipts.aside())
    assert [row.set_aside_reason.partition(": ")[2] for row in kept] == [
        "1/1000: ValueError: a text was expected"
    ] * 2


def test_fault_35_one_that_cannot_be_stored_among_a_thousand() -> None:
    """It is tried again, and again, and set aside in the end; nobody waits for it."""
    line, people = account(), [customer() for _number in range(20)]
    posting.notice(line, {"messages": thousand(people, body="veneno")})
    posting.notice(
        line, {"messages": [{"id": "next", "from": phone_of(people[0]).value, "body": "Hola"}]}
    )
    with table_that_refuses("veneno"):
        drain()
        assert Message.objects.count() == THOUSAND
        WebhookReceipt.objects.filter(handled_at=None).update(tries=receipts.TRIES - 2)
        for hours in (1, 2):
            drain(timedelta(hours=hours))
    (kept,) = receipts.aside()
    assert "1/1000: " in kept.set_aside_reason
    assert "poison" in kept.set_aside_reason
    assert Message.objects.count() == THOUSAND
    assert WebhookReceipt.objects.filter(handled_at=None).count() == 1


def keep(line: ChannelAccount, bodies: Iterable[tuple[datetime, bytes]]) -> None:
    """Receipts as they were stored at their moments, and handled by nobody."""
    columns = "account_id, event_key, body, content_type, received_at, tries, set_aside_reason"
    copying = f"COPY channels_webhookreceipt ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for at, body in bodies:
            copy.write_row((line.pk, uuid.uuid4().hex, body, "application/json", at, 0, ""))


def a_week(about: list[Json]) -> Iterator[tuple[datetime, bytes]]:
    """``BACKLOG`` notices, evenly over the days; ``#`` is their number."""
    texts = [json.dumps(one) for one in about]
    step = timedelta(days=6) / BACKLOG
    for number in range(BACKLOG):
        text = texts[number % len(texts)].replace("#", str(number))
        yield NOW + step * number, text.encode()
    filler = "x" * LARGE_BYTES
    for number in range(LARGE):
        yield NOW + timedelta(days=6), json.dumps({"n": number, "filler": filler}).encode()


def send_all(at: datetime) -> None:
    with clock.travel(at):
        while delivery.drain():
            pass


def written_to(fake: Fake, people: list[Customer]) -> list[Json]:
    """Each by a flow, a week ago; what the provider would call these messages."""
    for owner in people:
        queued(owner, origin="flow")
    send_all(NOW)
    return [{name: line[name] for name in ("id", "token")} for line in fake.lines()]


def news(told: list[Json], people: list[Customer]) -> list[Json]:
    """Four of each message to one answer; the first five failed, and want no more."""
    statuses = [
        {"n": "#", "statuses": [one | {"status": status}]}
        for place, one in enumerate(told)
        for status in ("sent", "failed" if place < 5 else "delivered") * 2
    ]
    answers = [
        {"id": "old-#", "from": phone_of(owner).value, "body": "BAJA" if place < 5 else "Ya pagué"}
        for place, owner in enumerate(people)
    ]
    return [*statuses, *({"messages": [answer]} for answer in answers)]


def with_a_way_round(fake: Fake, people: list[Customer]) -> None:
    """Failures are answered by e-mail, which reached these people before."""
    settings.update(contingency_channel=True)
    letters = account("email", url=fake.url)
    day_before = NOW - timedelta(days=1)
    drafts = [outbox.Draft(owner, "email", "Hola", "manual") for owner in people]
    outbox.queue_many(drafts, at=day_before)
    send_all(day_before)
    for line in fake.lines():
        posting.status(letters, line, "delivered")
    drain()


def own_memory(pid: int) -> int:
    """Bytes that belong to the process alone, as far as it has touched them."""
    (line,) = [
        row
        for row in Path(f"/proc/{pid}/status").read_text().splitlines()
        if row.startswith("RssAnon")
    ]
    return int(line.split()[1]) * 1024


def unhandled() -> int:
    return WebhookReceipt.objects.filter(handled_at=None, set_aside_reason="").count()


def watch(pid: int, *, until: Callable[[], bool], seconds: float) -> int:
    """The most memory that it took in the meantime."""
    deadline, most = time.monotonic() + seconds, 0
    while not until():
        assert time.monotonic() < deadline, f"{unhandled()} are left"
        most = max(most, own_memory(pid))
        time.sleep(0.1)
    return most


def work_off(fake: Fake, today: list[Customer]) -> None:
    """A worker reads the week; what ``today`` asks for leaves long before it is done."""
    earlier = len(fake.lines())
    with dying.child(partial(passing.work_from, WEEK_LATER)) as pid:
        start, began = own_memory(pid), time.monotonic()
        watch(pid, until=lambda: unhandled() < BACKLOG, seconds=60)
        drafts = [outbox.Draft(owner, "whatsapp", "Hoy", "manual") for owner in today]
        outbox.queue_many(drafts, at=WEEK_LATER)
        watch(pid, until=lambda: len(fake.lines()) == earlier + len(today), seconds=30)
        assert unhandled() > BACKLOG // 4
        most = watch(pid, until=lambda: not unhandled(), seconds=60 + BACKLOG / PER_SECOND)
        # Whatever would be started by the last of them.
        time.sleep(3)
    took = f"{(most - start) >> 20} MB, {time.monotonic() - began:.0f} s"
    sys.stdout.write(f"{BACKLOG} notices and {LARGE} large ones: {took}\n")
    assert most - start < MEMORY


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_fault_36_backlog_of_a_week_starves_nobody_and_starts_nothing(
    fake: Fake, line: ChannelAccount
) -> None:
    people = [customer() for _number in range(40)]
    with_a_way_round(fake, people[:5])
    told = written_to(fake, people)[5:]
    keep(line, a_week(news(told, people)))
    work_off(fake, people[5:25])
    # Nobody is answered, confirmed or written to by another way because of a week ago.
    assert len(fake.lines()) == 5 + 40 + 20
    assert not Outgoing.objects.exists()
    assert Message.objects.filter(interaction__direction="incoming").count() == BACKLOG // 5
    states = Counter(Interaction.objects.filter(origin="flow").values_list("status", flat=True))
    assert (states, OptOut.objects.count()) == ({"failed": 5, "delivered": 35}, 5)
    assert invariants.check(fake.log, travelled=True) == []
