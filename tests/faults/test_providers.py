"""The faults that depend on how a provider speaks: Twilio's and Meta's own wire, end to end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as django_settings

from acuerdo.channels import accounts
from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import SECRET
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations.models import Message
from acuerdo.conversations.receiving import arrivals, inbound
from acuerdo.conversations.sending import delivery
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued
from acuerdo.interactions.models import Interaction
from acuerdo.organization import settings as organization
from acuerdo.primitives import clock
from acuerdo.simulator import wires
from tests.faults import invariants, passing, posting
from tests.faults.running import Fake

pytestmark = pytest.mark.django_db(transaction=True)

WROTE_AT = NOW - timedelta(hours=1)
SID = "AC0000000000000000000000000000abcd"


def twilio(fake: Fake) -> ChannelAccount:
    return accounts.create(
        name="SMS", channel="sms", adapter="sms_twilio", sender="+51900000000",
        config={"account_sid": SID, "base_url": fake.url},
        secret_values={"auth_token": SECRET}, at=NOW,
    )  # fmt: skip


def meta(fake: Fake) -> ChannelAccount:
    organization.update(tenant_type="creditor")
    return accounts.create(
        name="WhatsApp", channel="whatsapp", adapter="whatsapp_cloud", sender="+51900000000",
        config={"phone_number_id": "106540352242922", "business_account_id": "102290129340398",
                "url": fake.url},
        secret_values={"access_token": "a-token", "app_secret": SECRET, "verify_token": "ours"},
        at=NOW,
    )  # fmt: skip


LINES: dict[str, Callable[[Fake], ChannelAccount]] = {"twilio": twilio, "meta": meta}


def to_send(line: ChannelAccount) -> Message:
    """A text to somebody who wrote an hour ago: WhatsApp lets no other text out."""
    owner = customer()
    arrivals.receive_message(
        line, InboundMessage(f"hello-{owner.pk}", phone_of(owner).value, "Hola"), at=WROTE_AT
    )
    return queued(owner, channel=line.channel)


def drain(after: timedelta = timedelta(0)) -> int:
    with clock.travel(NOW + after):
        return delivery.drain()


def status(message: Message) -> str:
    return Interaction.objects.get(pk=message.pk).status


def tell(line: ChannelAccount, sent: dict[str, str], told: str, **extra: str) -> int:
    """A notice as that provider writes and signs it."""
    query = sent["callback"].partition("?")[2]
    url = f"{django_settings.BASE_URL}/webhooks/{line.key}/" + (f"?{query}" if query else "")
    notice = wires.status_notice(sent, told, callback=url, secret=SECRET, extra=extra)
    return posting.raw(line, notice.body, notice.headers, query=query)


def handle() -> None:
    with clock.travel(NOW + timedelta(days=3000)):
        inbound.drain()


@pytest.mark.parametrize("wire", LINES)
@pytest.mark.parametrize("mode", ["500", "half", "html", "shape", "cut"])
def test_fault_24_answer_that_nobody_can_read_is_settled_by_the_notice(
    fake: Fake, wire: str, mode: str
) -> None:
    line = LINES[wire](fake)
    message = to_send(line)
    fake.fault(mode)
    drain()
    drain(timedelta(hours=1))
    assert status(message) == "uncertain"
    (sent,) = fake.lines()
    for told in ("delivered", "sent", "delivered"):
        assert tell(line, sent, told) == 200
        handle()
    assert status(message) == "delivered"
    message.refresh_from_db()
    assert message.provider_id == sent["id"]
    assert invariants.check(fake.log, travelled=True) == []


@pytest.mark.parametrize("wire", LINES)
@pytest.mark.parametrize("mode", ["429", "busy"])
def test_fault_26_provider_that_is_busy_gets_it_later(fake: Fake, wire: str, mode: str) -> None:
    line = LINES[wire](fake)
    message = to_send(line)
    fake.fault(mode, times=1)
    passing.drain_at(NOW, (0, 5, 30))
    assert (status(message), len(fake.lines())) == ("sent", 1)
    assert invariants.check(fake.log, travelled=True) == []


@pytest.mark.parametrize("wire", LINES)
def test_fault_27_revoked_key_stops_that_line(fake: Fake, wire: str) -> None:
    line = LINES[wire](fake)
    messages = [to_send(line) for _number in range(3)]
    fake.fault("revoked")
    drain()
    drain(timedelta(minutes=30))
    line.refresh_from_db()
    assert line.stopped_reason
    assert {status(message) for message in messages} == {"scheduled"}
    assert fake.lines() == []


@pytest.mark.parametrize(("code", "opts_out"), [("21211", False), ("21610", True)])
def test_fault_28_twilio_says_why_for_good(fake: Fake, code: str, *, opts_out: bool) -> None:
    line = twilio(fake)
    owner = customer()
    message = queued(owner, channel=line.channel)
    fake.fault("refuse", code=code)
    drain()
    row = Interaction.objects.get(pk=message.pk)
    assert (row.status, row.reason) == ("failed", code)
    assert OptOut.objects.filter(customer=owner, channel="sms").exists() is opts_out


@pytest.mark.parametrize(("code", "end"), [("131026", "failed"), ("131056", "sent")])
def test_fault_28_meta_says_no_for_good_or_for_now(fake: Fake, code: str, end: str) -> None:
    message = to_send(meta(fake))
    fake.fault("refuse", code=code, times=1)
    passing.drain_at(NOW, (0, 5, 30))
    assert status(message) == end
    assert invariants.check(fake.log, travelled=True) == []


@pytest.mark.parametrize("wire", LINES)
def test_fault_32_same_message_of_a_person_many_times(fake: Fake, wire: str) -> None:
    line, owner = LINES[wire](fake), customer()
    url = f"{django_settings.BASE_URL}/webhooks/{line.key}/"
    said = {"wire": wire, "id": wires.new_id(wire), "from": phone_of(owner).value}
    said |= {"body": "Ya pagué", "to": line.sender, "account": _account_id(line)}
    for _time in range(3):
        notice = wires.message_notice(said, callback=url, secret=SECRET)
        assert posting.raw(line, notice.body, notice.headers) == 200
        handle()
    assert Message.objects.filter(interaction__direction="incoming").count() == 1


def _account_id(line: ChannelAccount) -> str:
    return str(line.config.get("account_sid") or line.config.get("phone_number_id"))
