"""What nobody can vouch for waits for a person, who settles it once."""

from datetime import datetime, timedelta

import pytest
from django.core.files.base import ContentFile

from acuerdo.channels.adapter import StatusChange
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.contact_policy import facts
from acuerdo.conversations.models import Attachment, Attempt, Message, Outgoing, UncertainSend
from acuerdo.conversations.receiving import statuses
from acuerdo.conversations.receiving.news import News
from acuerdo.conversations.sending import delivery, uncertain
from acuerdo.conversations.tests.conftest import Provider
from acuerdo.conversations.tests.factories import NOW, customer, portfolio, queued, user
from acuerdo.customers.models import ContactPoint
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import Role
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def line(provider: Provider) -> ChannelAccount:
    return account(url=provider.url)


@pytest.fixture
def doubtful(provider: Provider, line: ChannelAccount) -> Message:
    """Accepted by the provider, whose answer never came."""
    message = queued(customer(), body="Hola, Ana")
    provider.turn(answer="accept_then_cut")
    drain(NOW)
    provider.turn(answer="ok")
    assert status(message) == "uncertain"
    return message


def drain(at: datetime) -> None:
    with clock.travel(at):
        delivery.drain()


def status(message: Message) -> str:
    return Interaction.objects.get(pk=message.pk).status


def test_it_is_listed_for_those_who_reach_the_customer(doubtful: Message) -> None:
    mine, other = user(Role.SUPERVISOR, portfolio()), user(Role.SUPERVISOR, portfolio("auto"))
    (row,) = uncertain.waiting(mine).rows
    assert (row.pk, row.message.body) == (doubtful.pk, "Hola, Ana")
    assert uncertain.waiting(other).rows == []


def test_counted_as_sent_it_is_sent_and_off_the_list(doubtful: Message) -> None:
    who = user(Role.SUPERVISOR, portfolio())
    uncertain.count_as_sent(doubtful, by=who, at=LATER, note="Lo confirmó por teléfono")
    row = Interaction.objects.get(pk=doubtful.pk)
    assert (row.status, row.sent_at) == ("sent", Attempt.objects.get().started_at)
    assert uncertain.waiting(who).rows == []
    told = Event.objects.get(type="message.resolved")
    assert (told.actor_id, told.data["decision"]) == (who.pk, "count_as_sent")


def test_sent_again_is_a_new_message_that_the_old_one_points_at(
    doubtful: Message, provider: Provider
) -> None:
    who = user(Role.SUPERVISOR, portfolio())
    Attachment.objects.create(
        message=doubtful, filename="a.txt", content_type="text/plain", created_at=NOW,
        file=ContentFile(b"hola", "a.txt"),
    )  # fmt: skip
    fresh = uncertain.send_again(doubtful, by=who, at=LATER)
    assert (fresh.pk != doubtful.pk, fresh.body) == (True, "Hola, Ana")
    assert UncertainSend.objects.get(pk=doubtful.pk).successor == fresh
    assert fresh.attachments.get().filename == "a.txt"
    assert status(doubtful) == "uncertain"
    assert uncertain.waiting(who).rows == []
    drain(LATER)
    held = Interaction.objects.get(pk=fresh.pk)
    assert held.reason == "cap_reached", "the old one counts"
    drain(held.at)
    assert status(fresh) == "sent"
    assert len({event["token"] for event in provider.events()}) == 2


def test_sending_again_waits_until_evidence_had_its_time(doubtful: Message) -> None:
    who = user(Role.SUPERVISOR, portfolio())
    with pytest.raises(Refusal, match="Todavía"):
        uncertain.send_again(doubtful, by=who, at=NOW + timedelta(minutes=14))
    assert not Outgoing.objects.exists()
    assert [row.pk for row in uncertain.waiting(who).rows] == [doubtful.pk]


def test_second_decision_is_refused(doubtful: Message) -> None:
    who = user(Role.SUPERVISOR, portfolio())
    uncertain.send_again(doubtful, by=who, at=LATER)
    for decide in (uncertain.send_again, uncertain.count_as_sent):
        with pytest.raises(Refusal, match="ya se resolvió"):
            decide(doubtful, by=who, at=LATER)
    assert Outgoing.objects.count() == 1


@pytest.mark.parametrize(("role", "code"), [(Role.ADVISER, "retail"), (Role.SUPERVISOR, "auto")])
def test_who_may_not_resolve_is_refused(doubtful: Message, role: str, code: str) -> None:
    with pytest.raises(Refusal, match="permiso"):
        uncertain.count_as_sent(doubtful, by=user(role, portfolio(code)), at=LATER)
    assert status(doubtful) == "uncertain"


def test_evidence_takes_it_off_the_list(doubtful: Message, line: ChannelAccount) -> None:
    token = Attempt.objects.get().token
    change = StatusChange("delivered", provider_id="late-1", token=token)
    statuses.apply([News(line.pk, change, LATER)], at=LATER)
    assert status(doubtful) == "delivered"
    assert UncertainSend.objects.get().decision == "evidence"
    assert uncertain.waiting(user(Role.ADMINISTRATOR)).rows == []


def test_it_counts_as_a_contact_even_when_sent_again(doubtful: Message) -> None:
    uncertain.send_again(doubtful, by=user(Role.SUPERVISOR, portfolio()), at=LATER)
    owner = doubtful.interaction.customer_id
    known = facts.load([owner], at=LATER, locked=False).by_customer[owner]
    assert len(known.contacts) == 1


def test_it_is_not_sent_again_to_another_address_than_its_own(doubtful: Message) -> None:
    ContactPoint.objects.filter(value=doubtful.address).delete()
    doubtful.refresh_from_db()
    with pytest.raises(Refusal) as refused:
        uncertain.send_again(doubtful, by=user(Role.SUPERVISOR, portfolio()), at=LATER)
    assert refused.value.code == "no_address"
    assert status(doubtful) == "uncertain"
