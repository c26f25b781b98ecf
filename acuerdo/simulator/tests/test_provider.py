"""Each control of the provider, from its switch to what the product makes of it."""

import time
from datetime import timedelta

import httpx
import pytest

from acuerdo.channels import provider_templates
from acuerdo.channels.models import WebhookReceipt
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations.models import Message
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.conversations.tests.factories import NOW, customer
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock
from acuerdo.simulator import gateway, lines
from acuerdo.simulator.tests.bench import Bench

pytestmark = pytest.mark.django_db(transaction=True)

CHANNELS = ("whatsapp", "sms", "email")
BEST = {"whatsapp": "opened", "sms": "delivered", "email": "opened"}
TOLD = {"whatsapp": 3, "sms": 2, "email": 2}


def row(message: Message) -> Interaction:
    return Interaction.objects.get(pk=message.pk)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_person_writes_and_the_answer_is_read_over_the_real_wire(
    bench: Bench, channel: str
) -> None:
    owner = customer()
    bench.says(owner, channel, body="¿Cuánto debo?")
    assert Message.objects.get().body.strip() == "¿Cuánto debo?"
    bench.behave(channel, auto=True, until="opened")
    message = bench.sends_to(owner, channel)
    assert bench.ends(message, channel, 1 + TOLD[channel]).status == BEST[channel]
    bubbles = gateway.thread(bench.lines[channel], [bench.address(owner, channel)])
    assert [bubble.is_ours for bubble in bubbles] == [False, True]
    assert bubbles[1].status == BEST[channel]


@pytest.mark.parametrize("channel", CHANNELS)
def test_duplicates_out_of_order_end_in_the_same_state(bench: Bench, channel: str) -> None:
    bench.behave(channel, auto=True, until="opened", copies=3, shuffle=True)
    owner = customer()
    gateway.write(bench.lines[channel], address=bench.address(owner, channel), body="Hola")
    bench.posted(channel, 3)
    bench.hear()
    assert Message.objects.filter(interaction__direction="incoming").count() == 1
    message = bench.sends_to(owner, channel)
    told = bench.posted(channel, 3 + 3 * TOLD[channel])[3:]
    bench.hear()
    assert row(message).status == BEST[channel]
    ranks = [("sent", "delivered", "opened").index(each.what) for each in told]
    assert sorted(ranks) != ranks
    assert not WebhookReceipt.objects.exclude(set_aside_reason="").exists()


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_wrong_signature_is_refused_and_nothing_stored(bench: Bench, channel: str) -> None:
    message = bench.sends(channel)
    before = bench.receipts()
    bench.behave(channel, forged=True)
    owner = message.interaction.customer
    gateway.write(bench.lines[channel], address=bench.address(owner, channel), body="Soy otro")
    gateway.report(
        bench.lines[channel], message=message.provider_id or _sent(message), status="delivered"
    )
    told = bench.posted(channel, 3)
    assert [each.answer for each in told] == [200, 403, 403]
    assert bench.receipts() == before
    assert row(message).status == "sent"


def _sent(message: Message) -> str:
    return str(Message.objects.get(pk=message.pk).provider_id)


ANSWERED = [
    ("whatsapp", "131056", "scheduled"), ("whatsapp", "130429", "scheduled"),
    ("whatsapp", "190", "scheduled"), ("whatsapp", "132001", "failed"),
    ("whatsapp", "131000", "uncertain"), ("sms", "21610", "failed"),
    ("sms", "20429", "scheduled"), ("sms", "20003", "scheduled"), ("sms", "21211", "failed"),
    ("email", "429", "scheduled"), ("email", "400", "failed"), ("email", "500", "uncertain"),
]  # fmt: skip


@pytest.mark.parametrize(("channel", "code", "status"), ANSWERED)
def test_an_error_in_the_answer(bench: Bench, channel: str, code: str, status: str) -> None:
    bench.behave(channel, answer="code", code=code, times=1)
    message = bench.sends(channel)
    assert row(message).status == status
    account = bench.lines[channel]
    account.refresh_from_db()
    assert bool(account.stopped_reason) == (code in {"190", "20003"})
    assert len(bench.provider.events("not_accepted")) == 1
    assert OptOut.objects.exists() == (code == "21610")


@pytest.mark.parametrize(
    ("channel", "code", "reason"),
    [
        ("whatsapp", "131047", "131047"), ("whatsapp", "131026", "131026"),
        ("whatsapp", "131049", "131049"), ("sms", "30003", "30003"), ("sms", "30007", "30007"),
        ("email", "bounced", "bounced"),
    ],
)  # fmt: skip
def test_an_error_that_comes_afterwards(bench: Bench, channel: str, code: str, reason: str) -> None:
    bench.behave(channel, answer="code", code=code, times=1)
    message = bench.sends(channel)
    found = bench.ends(message, channel, 2)
    assert (found.status, found.reason) == ("failed", reason)
    assert len(bench.provider.events()) == 1


def test_a_window_that_the_provider_holds_closed_until_the_person_writes(bench: Bench) -> None:
    owner = customer()
    bench.says(owner, "whatsapp")
    gateway.close_window(bench.lines["whatsapp"], bench.address(owner, "whatsapp"))
    late = bench.sends_to(owner, "whatsapp")
    found = bench.ends(late, "whatsapp", 2)
    assert (found.status, found.reason) == ("failed", "131047")
    bench.says(owner, "whatsapp", body="Otra vez yo")
    with clock.travel(NOW + timedelta(minutes=1)):
        assert row(bench.sends_to(owner, "whatsapp")).status == "sent"


def test_somebody_without_a_number_is_known_by_a_name_alone(bench: Bench) -> None:
    line = bench.lines["whatsapp"]
    about = {"name": "Luz", "username": "luz.m"}
    gateway.write(line, address="bsuid:PE.123456", body="Hola", **about)
    bench.posted("whatsapp", 1)
    bench.hear()
    found = UnknownSender.objects.get()
    assert (found.key, found.name, found.body) == ("bsuid:PE.123456", "Luz", "Hola")
    assert found.message["content"]["username"] == "luz.m"


@pytest.mark.parametrize(("is_silent", "end"), [(True, "uncertain"), (False, "delivered")])
def test_a_lost_answer_stays_in_doubt_unless_the_provider_tells(
    bench: Bench, is_silent: bool, end: str
) -> None:
    bench.behave("whatsapp", auto=True, answer="accept_then_cut", times=1, is_silent=is_silent)
    message = bench.sends("whatsapp")
    assert row(message).status == "uncertain"
    assert bench.ends(message, "whatsapp", 1 if is_silent else 3).status == end
    assert len(bench.provider.events()) == 1


def test_an_error_for_the_next_message_spares_the_one_after(bench: Bench) -> None:
    bench.behave("sms", answer="code", code="21211", times=1)
    assert row(bench.sends("sms")).status == "failed"
    assert row(bench.sends("sms")).status == "sent"


def test_late_notices_come_late(bench: Bench) -> None:
    bench.behave("sms", delay=0.6)
    owner, began = customer(), time.monotonic()
    gateway.write(bench.lines["sms"], address=bench.address(owner, "sms"), body="Hola")
    bench.posted("sms", 1)
    assert time.monotonic() - began >= 0.6


def test_a_template_is_filled_by_the_provider_and_checked_as_meta_does(bench: Bench) -> None:
    call = {"name": "una_semana", "language": "es", "body": ["Ana", "Sol", "S/ 10", "ayer"]}
    message = bench.sends_to(customer(), "whatsapp", template_call=call)
    assert row(message).status == "sent"
    (sent,) = bench.provider.events()
    assert sent["body"].startswith("Hola, Ana. Le escribe Sol. Tiene pendientes S/ 10")
    for wrong in ({"name": "otra"}, {"body": ["Ana"]}):
        message = bench.sends_to(customer(), "whatsapp", template_call=call | wrong)
        assert row(message).reason in {"132000", "132001"}


def test_the_list_of_templates_is_read_by_the_real_adapter(bench: Bench) -> None:
    line = bench.lines["whatsapp"]
    line.templates.all().delete()
    assert provider_templates.sync(line, at=line.created_at).listed == 5
    assert line.templates.get(name="campana_de_descuento").status == "PAUSED"


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_wrong_key_is_not_let_in(bench: Bench, channel: str) -> None:
    told = lines.introduction(bench.lines[channel]) | {"key": "another"}
    httpx.post(f"{bench.provider.url}/accounts", json=told, trust_env=False).raise_for_status()
    owner = customer()
    bench.says(owner, "sms" if channel != "sms" else "email")
    call = {"name": "una_semana", "language": "es", "body": ["a", "b", "c", "d"]}
    more = {"template_call": call} if channel == "whatsapp" else {}
    message = bench.sends_to(owner, channel, **more)
    assert row(message).status == "scheduled"
    bench.lines[channel].refresh_from_db()
    assert bench.lines[channel].stopped_reason
    assert bench.provider.events() == []
