"""From STOP to silence: whatever way it is said, once confirmed, on that channel alone."""

from datetime import timedelta

import pytest

from acuerdo.channels.adapter import InboundMessage, Outcome, Result
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.segments import Encoding, count
from acuerdo.channels.tests.factories import account
from acuerdo.contact_policy import opt_outs
from acuerdo.contact_policy.models import Decision, OptOut
from acuerdo.conversations.models import Message
from acuerdo.conversations.receiving import arrivals, stopping
from acuerdo.conversations.sending import claiming, settling
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, queued
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Origin

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "body",
    [
        *("STOP", "stopall", "UNSUBSCRIBE", "Cancel", "END", "Quit", "REVOKE", "OPTOUT"),
        *("OPT-OUT", "Remove", "BAJA", "Alto", "parar", "PARE", "Salir", "CANCELAR", "NO MAS"),
        *("SAIR", "no más", "¡NO MÁS!", "  Stop. ", "«baja»", "S̶top".replace("̶", ""), "ＳＴＯＰ"),
        *("não mais", "Não quero receber mensagens!", "No me escriban más.", "STOP 🛑"),
        *("stop\nall", "Dar de baja", "no quiero recibir más mensajes"),
    ],
)
def test_every_way_to_say_stop(body: str) -> None:
    assert stopping.asks_to_stop(body)


@pytest.mark.parametrize(
    "body",
    [
        *("", "?", "¿Puedo cancelar mi deuda?", "Ya voy a parar en el banco", "baja el monto"),
        *("No", "no más tarde", "el alto de la cuadra", "stopping", "fin", "não", "👎"),
    ],
)
def test_what_is_no_refusal(body: str) -> None:
    assert not stopping.asks_to_stop(body)


def write(owner: Customer, line: ChannelAccount, body: str, id_: str = "in-1") -> None:
    message = InboundMessage(id_, phone_of(owner).value, body)
    arrivals.receive_message(line, message, at=NOW)


def confirmations() -> list[Message]:
    return list(Message.objects.filter(interaction__source="opt_out_ack"))


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_one_confirmation_leaves_and_then_there_is_silence(channel: str) -> None:
    line, owner = account(channel), customer()
    planned = queued(owner, channel=channel, account=line)
    write(owner, line, "BAJA")
    write(owner, line, "Stop", "in-2")
    (confirmation,) = confirmations()
    assert confirmation.address == phone_of(owner).value
    claimed = claiming.claim(line, at=NOW).claimed
    assert [row.message_id for row in claimed] == [confirmation.pk]
    planned.interaction.refresh_from_db()
    assert (planned.interaction.status, planned.interaction.reason) == ("not_sent", "opted_out")


def test_confirmation_fits_one_sms_and_names_nobody() -> None:
    line, owner = account("sms"), customer()
    write(owner, line, "stop")
    (confirmation,) = confirmations()
    found = count(confirmation.body)
    assert (found.encoding, found.segments) == (Encoding.GSM7, 1)
    assert owner.first_name not in confirmation.body


def test_confirmation_may_leave_at_night() -> None:
    line, owner = account("sms"), customer()
    night = NOW.replace(hour=7)
    message = InboundMessage("in-1", phone_of(owner).value, "stop")
    arrivals.receive_message(line, message, at=night)
    assert len(claiming.claim(line, at=night + timedelta(seconds=1)).claimed) == 1
    assert Decision.objects.get().answer == "allow"


def test_confirmation_that_is_late_does_not_leave() -> None:
    line, owner = account("sms"), customer()
    write(owner, line, "stop")
    assert not claiming.claim(line, at=NOW + timedelta(days=1)).claimed


def test_flow_cannot_name_itself_into_the_exemption() -> None:
    line, owner = account("sms"), customer()
    opt_outs.record(owner, channel="sms", by=None, at=NOW)
    queued(owner, channel="sms", account=line, origin=Origin.FLOW, source="opt_out_ack")
    assert not claiming.claim(line, at=NOW).claimed


def test_whoever_came_back_and_stops_again_is_told_again() -> None:
    line, owner = account("sms"), customer()
    write(owner, line, "stop")
    opt_outs.lift(OptOut.objects.get(), by=None, at=NOW)
    write(owner, line, "stop", "in-2")
    assert len(confirmations()) == 2


def test_shared_number_is_told_once_and_silent_for_all() -> None:
    line, one, other = account("sms"), customer(), customer()
    other.contact_points.filter(kind="phone").update(
        key=phone_of(one).key, value=phone_of(one).value
    )
    write(one, line, "stop")
    assert OptOut.objects.count() == 2
    assert len(confirmations()) == 1


def test_opt_out_that_the_provider_answered_is_not_answered_again() -> None:
    line, owner = account("sms"), customer()
    opt_outs.record(owner, channel="sms", source="Twilio: STOP", by=None, at=NOW)
    write(owner, line, "stop")
    assert not confirmations()


def test_mail_is_stopped_without_one_more_mail() -> None:
    line, owner = account("email"), customer()
    address = owner.contact_points.get(kind="email").value
    arrivals.receive_message(line, InboundMessage("m-1", address, "Baja"), at=NOW)
    assert OptOut.objects.get().channel == "email"
    assert not confirmations()


@pytest.mark.parametrize(
    ("fault", "opted_out", "usable", "refused"),
    [
        ("opted_out", True, True, []),
        ("hard_bounce", False, False, []),
        ("not_on_channel", False, True, ["sms"]),
        ("", False, True, []),
    ],
)
def test_refusal_that_blames_the_address_is_heeded(
    fault: str, refused: list[str], *, opted_out: bool, usable: bool
) -> None:
    line, owner = account("sms"), customer()
    queued(owner, channel="sms", account=line)
    (claimed,) = claiming.claim(line, at=NOW).claimed
    result = Result(Outcome.REFUSED, code="21610", address_fault=fault)
    settling.settle([(claimed, result)], at=NOW)
    point = phone_of(owner)
    assert OptOut.objects.filter(customer=owner, channel="sms").exists() is opted_out
    assert (point.is_usable, point.refused_channels) == (usable, refused)
    assert not confirmations()
