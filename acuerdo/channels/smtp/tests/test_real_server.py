"""Sending through Debian's own mail server, which keeps, relays and bounces."""

from email import message_from_bytes, policy
from uuid import uuid4

import pytest

from acuerdo.channels.adapter import InboundMessage, Outcome, Parcel, StatusChange
from acuerdo.channels.letters import reading
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.smtp import adapter as smtp
from acuerdo.channels.tests.opensmtpd import Opensmtpd

REFERENCE = "2s-abcdefghijklmnop"


def account(server: Opensmtpd) -> ChannelAccount:
    config = {"host": "127.0.0.1", "port": server.port, "bounce_domain": "acme.test"}
    return ChannelAccount(sender="Cobranzas <cobranzas@acme.test>", config=config)


def parcel(recipient: str, reference: str = REFERENCE) -> Parcel:
    body = "Señora Núñez:\n.\nTu cuota"
    return Parcel("t", "email", recipient, "Vencimiento mañana", body, reference=reference)


def test_letter_is_taken_and_read_back_as_it_was_written(opensmtpd: Opensmtpd) -> None:
    box = f"ana{uuid4().hex[:8]}"
    sent = smtp.ADAPTER.send(account(opensmtpd), parcel(f"{box}@acme.test"))
    assert sent.outcome == Outcome.ACCEPTED
    mail = message_from_bytes(opensmtpd.wait_for(box), policy=policy.default)
    assert mail["Message-ID"] == sent.provider_id == f"<{REFERENCE}@acme.test>"
    assert mail["Subject"] == "Vencimiento mañana"
    (letter,) = reading.notices(opensmtpd.wait_for(box))
    assert isinstance(letter, InboundMessage)
    assert letter.body == "Señora Núñez:\n.\nTu cuota"


@pytest.mark.parametrize(
    ("answer", "fault"), [("550 5.1.1 no such user", "hard_bounce"), ("550 5.7.1 spam", "")]
)
def test_bounce_of_the_server_comes_back_to_its_letter(
    opensmtpd: Opensmtpd, answer: str, fault: str
) -> None:
    reference = f"{uuid4().hex[:8]}-abcdefghijklmnop"
    opensmtpd.other_side.rcpt = answer
    recipient = f"{uuid4().hex[:8]}@example.test"
    smtp.ADAPTER.send(account(opensmtpd), parcel(recipient, reference))
    (change,) = reading.notices(opensmtpd.wait_for(f"bounces+{reference}"))
    assert isinstance(change, StatusChange)
    assert (change.status, change.token, change.address_fault) == ("failed", reference, fault)
