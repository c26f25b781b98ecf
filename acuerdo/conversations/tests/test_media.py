"""Files that a message only names are fetched afterwards; failures are seen."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from acuerdo.channels import registry
from acuerdo.channels.adapter import (
    File,
    InboundFile,
    InboundMessage,
    Outcome,
    Result,
    Unfetchable,
)
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Attachment, UncertainSend
from acuerdo.conversations.receiving import arrivals, media
from acuerdo.conversations.sending import claiming, lookups, settling
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n and so on"


class Library:
    """What the provider keeps: bytes, or the fault that asking for them meets."""

    def __init__(self) -> None:
        self.kept: dict[str, File | Unfetchable] = {}
        self.asked: list[str] = []

    def fetch_media(self, _account: ChannelAccount, media_id: str, *, most_bytes: int) -> File:
        assert most_bytes == media.MOST_BYTES
        self.asked.append(media_id)
        found = self.kept[media_id]
        if isinstance(found, Unfetchable):
            raise found
        return found


@pytest.fixture
def library() -> Iterator[Library]:
    adapter: Any = registry.named("simulated")
    found = Library()
    adapter.fetch_media = found.fetch_media
    yield found
    del adapter.fetch_media


def arrived(sender: str) -> Attachment:
    files = (InboundFile("", "image/jpeg", media_id="m-1"),)
    message = InboundMessage("in-1", sender, "", kind="image", files=files)
    arrivals.receive_message(account(), message, at=NOW)
    return Attachment.objects.get()


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + after):
        return media.drain()


@pytest.mark.parametrize("is_known", [True, False])
def test_file_is_fetched_once_and_is_what_its_bytes_say(library: Library, is_known: bool) -> None:
    row = arrived(phone_of(customer()).value if is_known else "+51911111111")
    library.kept["m-1"] = File("foto.png", "", PNG)
    assert [drain(), drain(timedelta(days=1))] == [1, 0]
    row.refresh_from_db()
    assert (row.state, row.content_type, row.size) == ("stored", "image/png", len(PNG))
    with row.file.open() as stored:
        assert stored.read() == PNG
    assert (row.filename, library.asked) == ("foto.png", ["m-1"])


def test_file_that_is_gone_is_said_to_be(library: Library) -> None:
    row = arrived(phone_of(customer()).value)
    library.kept["m-1"] = Unfetchable("expired", is_final=True)
    drain()
    row.refresh_from_db()
    assert (row.state, row.reason) == ("failed", "expired")
    assert drain(timedelta(days=1)) == 0


def test_busy_provider_is_asked_again_and_given_up_in_the_end(library: Library) -> None:
    row = arrived(phone_of(customer()).value)
    library.kept["m-1"] = Unfetchable("busy")
    assert [drain(), drain(timedelta(seconds=5))] == [1, 0]
    for days in range(1, 10):
        drain(timedelta(days=days))
    row.refresh_from_db()
    assert (len(library.asked), row.state, row.reason) == (media.TRIES, "failed", "busy")


def test_too_large_a_file_is_not_kept(library: Library) -> None:
    row = arrived(phone_of(customer()).value)
    library.kept["m-1"] = File("a", "video/mp4", b"x" * (media.MOST_BYTES + 1))
    drain()
    row.refresh_from_db()
    assert (row.state, row.reason, bool(row.file)) == ("failed", "too_large", False)


@pytest.mark.parametrize(("outcome", "status"), [("accepted", "sent"), ("refused", "failed")])
def test_look_up_settles_what_nobody_answered(outcome: str, status: str) -> None:
    line, message = account(), queued(customer())
    batch = claiming.claim(line, at=NOW)
    assert batch.lease
    claiming.begin(line, batch.claimed, lease=batch.lease, at=NOW)
    settling.settle([(batch.claimed[0], Result(Outcome.UNCERTAIN))], at=NOW)
    adapter: Any = registry.named("simulated")
    answers = [None, Result(Outcome(outcome), provider_id="p-1", code="550")]

    def look_up(_account: ChannelAccount, token: str, _to: str, since: datetime) -> Result | None:
        assert (token, since) == (batch.claimed[0].token, NOW)
        return answers.pop(0)

    adapter.look_up = look_up
    try:
        for minutes in (1, 2, 4, 30):
            with clock.travel(NOW + timedelta(minutes=minutes)):
                lookups.drain()
    finally:
        del adapter.look_up
    assert (Interaction.objects.get(pk=message.pk).status, answers) == (status, [])
    assert UncertainSend.objects.get().decision == "evidence"
