from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from acuerdo.channels import provider_templates
from acuerdo.channels.adapter import AccountNotice, InboundMessage, OptOutNotice
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account as simulated
from acuerdo.contact_policy import opt_ins
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations.composer import replying
from acuerdo.conversations.models import Attempt, Outgoing
from acuerdo.conversations.receiving import arrivals, provider_news
from acuerdo.conversations.sending import claiming, holding, outbox, provider_rules, windows
from acuerdo.conversations.sending.provider_rules import Ruling, Wanted
from acuerdo.conversations.templating import message_templates
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, portfolio, user
from acuerdo.conversations.tests.whatsapp import account, hears, provider_template
from acuerdo.customers import contact_points
from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.organization import settings
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db
CALL = {"name": "aviso_cuota", "language": "es_PE"}
DAY = timedelta(hours=24)


def wanted(owner: Customer, id_: int = 1, **changes: Any) -> Wanted:
    what: dict[str, Any] = {"origin": "manual", "template_call": None} | changes
    return Wanted(id_, owner.pk, phone_of(owner).value, **what)


def ruling(line: ChannelAccount, *rows: Wanted, at: Any = NOW) -> Ruling:
    return provider_rules.ask(line, rows, at=at, zone="America/Lima")


def test_free_text_is_for_those_who_wrote_within_a_day() -> None:
    line, owner = account(), customer()
    hears(line, owner, at=NOW, address=phone_of(owner).value.removeprefix("+"))
    assert ruling(line, wanted(owner), at=NOW + DAY - timedelta(seconds=1)).allows(1)
    late = ruling(line, wanted(owner), at=NOW + DAY)
    assert late.closed[1].reason == "window_closed"
    assert "11 mar, 10:00" in late.closed[1].text


def test_window_is_of_one_account_and_one_address() -> None:
    line, owner = account(), customer()
    other = simulated()
    hears(other, owner, at=NOW, address=phone_of(owner).value)
    hears(line, owner, at=NOW, address="+51900000001")
    assert ruling(line, wanted(owner)).closed
    window = windows.of(line, owner, phone_of(owner).value)
    assert window is not None
    assert window.closes_at is None


def test_old_message_that_arrives_late_opens_nothing() -> None:
    line, owner = account(), customer()
    hears(line, owner, at=NOW - timedelta(days=3), address=phone_of(owner).value)
    assert ruling(line, wanted(owner)).closed


def test_provider_without_a_window_is_not_asked() -> None:
    line, owner = simulated(), customer()
    assert windows.of(line, owner, phone_of(owner).value) is None
    assert ruling(line, wanted(owner)).allows(1)


def test_approved_template_needs_no_window() -> None:
    line = account()
    provider_template(line)
    assert ruling(line, wanted(customer(), template_call=CALL)).allows(1)


def test_stopped_template_is_held_whoever_sends_it() -> None:
    line = account()
    provider_template(line, status="PAUSED", reason="Quejas")
    held = ruling(line, wanted(customer(), template_call=CALL)).held[1]
    assert held.reason == "template_unusable"
    assert "Quejas" in held.text


@pytest.mark.parametrize("origin", ["campaign", "flow", "manual"])
def test_red_quality_holds_what_nobody_asked_for(origin: str) -> None:
    line, owner = account(), customer()
    provider_template(line, quality="RED")
    told = ruling(line, wanted(owner, origin=origin, template_call=CALL))
    assert bool(told.held) == (origin != "manual")


def test_limit_of_persons_a_day_puts_off_the_next_one() -> None:
    line, first, second = account(daily_recipients="1"), customer(), customer()
    provider_template(line)
    sent = outbox.queue_message(
        first, at=NOW, channel="whatsapp", body="Hola", origin="manual",
        account=line, template_call=CALL,
    )  # fmt: skip
    Attempt.objects.create(message=sent, token="t", started_at=NOW, outcome="accepted")
    later = NOW + timedelta(hours=5)
    told = ruling(
        line, wanted(first, 1, template_call=CALL), wanted(second, 2, template_call=CALL), at=later
    )
    assert told.allows(1)
    assert told.later == {2: (NOW + DAY, "recipient_limit")}
    assert ruling(line, wanted(second, 2, template_call=CALL), at=NOW + DAY).allows(2)


def test_place_of_what_another_worker_has_claimed_is_taken() -> None:
    line, first, second = account(daily_recipients="1"), customer(), customer()
    provider_template(line)
    outbox.queue_message(
        first, at=NOW, channel="whatsapp", body="Hola", origin="manual",
        account=line, template_call=CALL,
    )  # fmt: skip
    assert len(claiming.claim(line, at=NOW).claimed) == 1
    assert not Attempt.objects.exists()
    told = ruling(line, wanted(second, 2, template_call=CALL))
    assert told.later == {2: (NOW + DAY, "recipient_limit")}


def test_hand_off_asks_again_what_the_composer_asked() -> None:
    """The window closed, and the template was paused, while the messages waited."""
    line, owner = account(), customer()
    kept = provider_template(line)
    hears(line, owner, at=NOW - DAY, address=phone_of(owner).value)
    what: dict[str, Any] = {"channel": "whatsapp", "origin": "manual", "account": line, "at": NOW}
    free = outbox.queue_message(owner, body="Hola", **what)
    other = customer()
    call = outbox.queue_message(other, body="Hola", template_call=CALL, **what)
    provider_templates.heed(line, AccountNotice("template", "PAUSED", kept.name, "es_PE"), at=NOW)
    assert claiming.claim(line, at=NOW).claimed == []
    row = Interaction.objects.get(pk=free.pk)
    assert (row.status, row.reason) == ("not_sent", "window_closed")
    assert Outgoing.objects.get().held_reason == "template_unusable"
    held = Event.objects.get(type="message.held")
    assert (held.subject_id, held.data["reason"]) == (call.pk, "template_unusable")
    news = AccountNotice("template", "REINSTATED", kept.name, "es_PE")
    provider_news.heed(line, news, at=NOW)
    assert [each.message_id for each in claiming.claim(line, at=NOW).claimed] == [call.pk]


def test_red_template_keeps_its_own_until_it_is_too_late_for_them() -> None:
    line = account()
    provider_template(line, quality="RED")
    outbox.queue_message(
        customer(), at=NOW, channel="whatsapp", body="Hola", origin="campaign",
        account=line, template_call=CALL, not_after=NOW + DAY,
    )  # fmt: skip
    for _turn in range(2):
        claiming.claim(line, at=NOW)
        holding.release_all(at=NOW)
    assert Event.objects.get(type="message.held").data["reason"] == "quality_red"
    late = NOW + DAY + timedelta(minutes=1)
    holding.release_all(at=late)
    claiming.claim(line, at=late)
    row = Interaction.objects.get(kind="message")
    assert (row.status, row.reason) == ("not_sent", "too_late")


def test_those_over_the_limit_wait_for_a_place_each() -> None:
    line = account(daily_recipients="2")
    provider_template(line)
    for hours in (1, 2):
        sent = outbox.queue_message(
            customer(), at=NOW, channel="whatsapp", body="Hola", origin="manual",
            account=line, template_call=CALL,
        )  # fmt: skip
        moment = NOW - timedelta(hours=hours)
        Attempt.objects.create(message=sent, token=str(hours), started_at=moment)
    told = ruling(line, *[wanted(customer(), id_, template_call=CALL) for id_ in (1, 2, 3)])
    moments = [told.later[id_][0] for id_ in (1, 2, 3)]
    first, last = NOW + DAY - timedelta(hours=2), NOW + DAY - timedelta(hours=1)
    assert moments == [first, last, last]


def test_open_window_lets_free_text_leave() -> None:
    line, owner = account(), customer()
    hears(line, owner, at=NOW - timedelta(hours=1), address=phone_of(owner).value)
    queued = outbox.queue_message(
        owner, body="Hola", channel="whatsapp", origin="manual", account=line, at=NOW
    )
    assert [row.message_id for row in claiming.claim(line, at=NOW).claimed] == [queued.pk]


def test_answer_outside_the_window_is_refused_with_the_moment() -> None:
    line, owner = account(), customer()
    hears(line, owner, at=NOW - DAY, address=phone_of(owner).value)
    write = partial(replying.send, owner, channel="whatsapp", body="Hola", by=user(), at=NOW)
    with pytest.raises(Refusal) as refusal:
        write(key="k" * 12)
    assert refusal.value.code == "window_closed"
    assert "10 mar, 10:00" in str(refusal.value.sentence)
    kept = provider_template(line, components=[{"type": "BODY", "text": "Hola {{1}}"}])
    made = message_templates.save(
        name="Aviso", channel="whatsapp", body="", provider_template=kept,
        variables={"body": ["nombre"]}, by=None, at=NOW,
    )  # fmt: skip
    sent = write(key="m" * 12, body=made.body, template=made)
    assert sent.template_call
    assert (sent.body, sent.template_call["body"]) == ("Hola Ana", ["Ana"])


def test_person_who_stops_in_whatsapp_is_written_no_more() -> None:
    line, owner = account(), customer()
    address = phone_of(owner).value.removeprefix("+")
    stop = OptOutNotice(address, NOW, detail="User requested to stop marketing messages")
    provider_news.heed(line, stop, at=NOW)
    provider_news.heed(line, stop, at=NOW)
    assert OptOut.objects.get().lifted_at is None
    old = OptOutNotice(address, NOW - DAY, is_back=True)
    provider_news.heed(line, old, at=NOW)
    assert OptOut.objects.get().lifted_at is None
    back = OptOutNotice(address, NOW + DAY, is_back=True)
    provider_news.heed(line, back, at=NOW + DAY)
    assert OptOut.objects.get().lifted_at == NOW + DAY


def test_person_who_hides_the_number_later_is_still_known() -> None:
    line, owner = account(), customer()
    number, scoped = phone_of(owner).value, "bsuid:PE.555"
    both = InboundMessage("w1", number.removeprefix("+"), "Hola", sender_id=scoped)
    arrivals.receive_message(line, both, at=NOW - 2 * DAY)
    arrivals.receive_message(line, InboundMessage("w2", scoped, "Otra vez"), at=NOW)
    assert [row.customer_id for row in Interaction.objects.all()] == [owner.pk, owner.pk]
    chosen = contact_points.for_channel([owner.pk], channel="whatsapp")[owner.pk]
    assert chosen.value == number
    assert contact_points.by_channel(owner)["whatsapp"].value == number
    assert ruling(line, wanted(owner), at=NOW).allows(1)
    stranger = customer()
    contact_points.learn_scoped_id(stranger, scoped, at=NOW)
    assert contact_points.find_owners("whatsapp", scoped) == [owner]


def test_nobody_is_written_to_first_who_never_agreed() -> None:
    line, owner = account(), customer(book=portfolio("nueva", consent=""))
    provider_template(line)
    first = ruling(line, wanted(owner, template_call=CALL))
    assert first.closed[1].reason == "no_opt_in"
    opt_ins.record(owner, channel="sms", source="Formulario web", by=None, at=NOW)
    assert ruling(line, wanted(owner, template_call=CALL)).closed
    opt_ins.record(owner, channel="whatsapp", source="Formulario web", by=None, at=NOW)
    assert ruling(line, wanted(owner, template_call=CALL)).allows(1)


def test_answer_needs_no_agreement() -> None:
    line, owner = account(), customer(book=portfolio("nueva", consent=""))
    hears(line, owner, at=NOW - timedelta(hours=1), address=phone_of(owner).value)
    assert ruling(line, wanted(owner)).allows(1)


def test_offers_are_for_those_who_agreed_to_offers() -> None:
    line, owner = account(), customer()
    provider_template(line, category="MARKETING")
    offer = wanted(owner, template_call=CALL)
    assert ruling(line, offer).closed[1].reason == "no_marketing_opt_in"
    opt_ins.record(
        owner, channel="whatsapp", source="Llamada", covers_marketing=True, by=None, at=NOW
    )
    assert ruling(line, offer).allows(1)
    abroad = offer._replace(address="+12025550143")
    assert ruling(line, abroad).closed[1].reason == "marketing_blocked"


def test_twilio_collects_for_no_third_party_in_north_america() -> None:
    organization = settings.current()
    line = ChannelAccount(channel="sms", adapter="sms_twilio")
    there = wanted(customer())._replace(address="+12025550143")
    for kind, reason in (("agency", "third_party_collection"), ("creditor", "")):
        organization.tenant_type = kind
        organization.save(update_fields=["tenant_type"])
        told = ruling(line, there, wanted(customer(), 2))
        assert told.closed.get(1, ("",))[0] == reason
        assert told.allows(2)


def test_answer_that_the_provider_would_not_take_is_refused_before_it_waits() -> None:
    line, owner = account(), customer(book=portfolio("nueva", consent=""))
    kept = provider_template(line, components=[{"type": "BODY", "text": "Hola {{1}}"}])
    made = message_templates.save(
        name="Aviso", channel="whatsapp", body="", provider_template=kept,
        variables={"body": ["nombre"]}, by=None, at=NOW,
    )  # fmt: skip
    with pytest.raises(Refusal) as refusal:
        replying.send(
            owner, channel="whatsapp", body=made.body, template=made, by=user(), at=NOW, key="k" * 9
        )
    assert refusal.value.code == "no_opt_in"


def test_limit_that_the_provider_tells_is_kept() -> None:
    line = account(daily_recipients="250")
    provider_news.heed(line, AccountNotice("limit", "1000"), at=NOW)
    line.refresh_from_db()
    assert line.config["daily_recipients"] == "1000"
    assert line.config["phone_number_id"]
