"""Batches of notices about answers to people who are nobody's yet."""

from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from acuerdo.channels.adapter import InboundMessage, StatusChange
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.receiving import arrivals, statuses
from acuerdo.conversations.receiving.news import News
from acuerdo.conversations.stranger_models import ReplyState, StrangerReply, UnknownSender
from acuerdo.conversations.tests.factories import NOW, user

pytestmark = pytest.mark.django_db


def replies(line: ChannelAccount, size: int, *, state: str = "sent") -> list[StrangerReply]:
    """Answers that were handed over under the tokens t-0, t-1 and so on, as p-0, p-1."""
    writer, made = user(), []
    for place in range(size):
        name = f"{line.pk}-{place}"
        arrivals.receive_message(line, InboundMessage(name, f"5198{place:07d}", "hola"), at=NOW)
        made.append(
            StrangerReply.objects.create(
                sender=UnknownSender.objects.get(provider_id=name),
                body="¿Quién es?",
                by=writer,
                key=name,
                state=state,
                token=f"t-{name}",
                provider_id=f"p-{name}",
                created_at=NOW,
                due_at=NOW,
            )
        )
    return made


def told(line: ChannelAccount, *changes: StatusChange) -> set[tuple[int, str, str]]:
    return statuses.apply([News(line.pk, change, NOW) for change in changes], at=NOW)


def test_statements_do_not_grow_with_the_batch() -> None:
    line, taken = account(), []
    made = replies(line, 42)
    for part in (made[:2], made[2:]):
        changes = [StatusChange("delivered", token=reply.token or "") for reply in part]
        unknown = [StatusChange("sent", provider_id=f"nobody-{reply.pk}") for reply in part]
        with CaptureQueriesContext(connection) as queries:
            known = told(line, *changes, *unknown)
        assert len(known) == len(part)
        taken.append(len(queries))
    assert set(StrangerReply.objects.values_list("state", flat=True)) == {"delivered"}
    assert taken[0] == taken[1]


@pytest.mark.parametrize("order", list(permutations(["sent", "failed", "opened", "delivered"])))
def test_batch_in_any_order_ends_with_the_highest(order: tuple[str, ...]) -> None:
    line = account()
    (reply,) = replies(line, 1, state="leaving")
    told(line, *[StatusChange(status, token=reply.token or "") for status in order])
    reply.refresh_from_db()
    assert reply.state == "opened"


def test_first_words_of_a_failure_stay() -> None:
    line = account()
    (reply,) = replies(line, 1)
    name = reply.provider_id
    told(line, StatusChange("failed", name, code="63"), StatusChange("failed", name, code="64"))
    told(line, StatusChange("failed", name, code="65"), StatusChange("sent", name))
    reply.refresh_from_db()
    assert (reply.state, reply.code) == ("failed", "63")


def test_one_that_has_not_left_is_moved_by_no_notice() -> None:
    line = account()
    (reply,) = replies(line, 1, state=ReplyState.WAITING)
    assert told(line, StatusChange("delivered", reply.provider_id))
    reply.refresh_from_db()
    assert reply.state == "waiting"


def test_notice_of_another_account_is_not_believed() -> None:
    line, other = account(), account()
    (reply,) = replies(line, 1)
    assert not told(other, StatusChange("failed", token=reply.token or ""))
    reply.refresh_from_db()
    assert reply.state == "sent"


def test_first_provider_id_that_was_told_counts() -> None:
    line = account()
    (reply,) = replies(line, 1, state="uncertain")
    StrangerReply.objects.update(provider_id="")
    token = reply.token or ""
    told(line, StatusChange("sent", "a", token), StatusChange("delivered", "b", token))
    told(line, StatusChange("opened", "c", token))
    reply.refresh_from_db()
    assert (reply.state, reply.provider_id) == ("opened", "a")
