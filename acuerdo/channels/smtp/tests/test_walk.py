"""A letter from the queue to the mail server, and the click that is the last of them."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from django.test import Client

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests import factories
from acuerdo.channels.tests.conftest import MailServer
from acuerdo.conversations import references
from acuerdo.conversations.sending import delivery
from acuerdo.conversations.tests.factories import NOW, customer, queued
from acuerdo.interactions.models import Interaction
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(mail_server: MailServer) -> ChannelAccount:
    row = factories.account("email")
    row.adapter, row.sender = "smtp", "Tiendas Sol <cobranzas@acme.example>"
    row.config = {"host": "127.0.0.1", "port": mail_server.port, "bounce_domain": "acme.example"}
    row.secrets = ""
    row.save()
    return row


def last_mail(server: MailServer) -> EmailMessage:
    content = server.postman.mails[-1].content
    assert isinstance(content, bytes)
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_letter_can_be_answered_traced_and_ended(
    line: ChannelAccount, mail_server: MailServer
) -> None:
    owner = customer()
    with clock.travel(NOW):
        sent = queued(owner, channel="email", subject="Aviso", html="<p>Hola, <b>Ana</b></p>")
        delivery.drain()
        mail = last_mail(mail_server)
        reference = references.of(sent.pk)
        assert mail["Message-ID"] == f"<{reference}@acme.example>"
        assert mail_server.postman.mails[-1].mail_from == f"bounces+{reference}@acme.example"
        page = mail.get_body(("html",))
        assert isinstance(page, EmailMessage)
        assert "<b>Ana</b>" in page.get_content()
        link = re.search(r"<(http[^>]+)>", mail["List-Unsubscribe"])
        assert link
        Client().post(urlsplit(link[1]).path, {"List-Unsubscribe": "One-Click"})
        later = queued(owner, channel="email", origin="flow")
        delivery.drain()
    assert len(mail_server.postman.mails) == 1
    assert Interaction.objects.get(pk=later.pk).status == "not_sent"
