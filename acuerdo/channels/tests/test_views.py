"""The pages of Ajustes › Canales."""

import pytest
from django.test import Client

from acuerdo.channels import configuration
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.conftest import MailServer
from acuerdo.channels.tests.factories import NOW, account
from acuerdo.events.models import Event
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.organization.tests.factories import user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return user("administrator")


@pytest.fixture
def browser(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def mailbox(admin: User, mail_server: MailServer) -> ChannelAccount:
    values = {"host": "127.0.0.1", "port": str(mail_server.port), "password": "muy secreta"}
    return configuration.create(
        adapter="smtp", name="Cobranzas", channel="email", sender="cobranzas@example.com",
        per_second=0, values=values, by=admin, at=NOW,
    )  # fmt: skip


def test_an_account_is_made_from_what_its_adapter_needs(browser: Client) -> None:
    form = {
        "name": "Cobranzas", "sender": "a@example.com", "per_second": "2",
        "need_host": "mail.example.com", "need_password": "muy secreta",
    }  # fmt: skip
    answer = browser.post("/ajustes/canales/nueva/smtp/", form)
    row = ChannelAccount.objects.get()
    assert answer.headers["Location"] == f"/ajustes/canales/{row.pk}/"
    assert (row.channel, row.per_second, row.config["host"]) == ("email", 2, "mail.example.com")
    assert not row.is_active


def test_what_is_missing_is_named_at_its_field(browser: Client) -> None:
    answer = browser.post("/ajustes/canales/nueva/smtp/", {"name": "X", "per_second": "-1"})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"per_second", "need_host"}


def test_a_stored_secret_is_never_shown(browser: Client, mailbox: ChannelAccount) -> None:
    page = browser.get(f"/ajustes/canales/{mailbox.pk}/").content.decode()
    assert "muy secreta" not in page
    assert "Guardado. Déjelo vacío para conservarlo." in page
    assert f"/webhooks/{mailbox.key}/" in page
    bad = browser.post(f"/ajustes/canales/{mailbox.pk}/", {"need_password": "otra clave"})
    assert bad.status_code == 422
    assert "otra clave" not in bad.content.decode()


def test_a_trial_reaches_the_provider_and_touches_no_customer(
    browser: Client, mailbox: ChannelAccount, mail_server: MailServer
) -> None:
    address = f"/ajustes/canales/{mailbox.pk}/prueba/"
    page = browser.post(address, {"recipient": "yo@example.com"}).content.decode()
    assert "El proveedor aceptó la prueba" in page
    (mail,) = mail_server.postman.mails
    assert mail.rcpt_tos == ["yo@example.com"]
    event = Event.objects.get(type="channel.tested")
    assert (event.customer_id, event.data["outcome"]) == (None, "accepted")


def test_a_trial_goes_only_where_the_channel_reaches(
    browser: Client, mailbox: ChannelAccount, mail_server: MailServer
) -> None:
    line = account("sms")
    for row, typed in ((mailbox, "+51987654321"), (line, "yo@example.com")):
        answer = browser.post(f"/ajustes/canales/{row.pk}/prueba/", {"recipient": typed})
        assert answer.status_code == 422
        assert f"«{typed}» no es un" in answer.content.decode()
    assert not mail_server.postman.mails
    assert not Event.objects.filter(type="channel.tested").exists()


def test_a_refused_trial_is_explained(
    browser: Client, mailbox: ChannelAccount, mail_server: MailServer
) -> None:
    mail_server.postman.rcpt = "550 no such user"
    address = f"/ajustes/canales/{mailbox.pk}/prueba/"
    page = browser.post(address, {"recipient": "nadie@example.com"}).content.decode()
    assert "El proveedor rechazó la prueba" in page
    assert "El buzón no existe" in page
    assert "no such user" in page


def test_the_switch_turns_the_account_on(browser: Client, mailbox: ChannelAccount) -> None:
    browser.post(f"/ajustes/canales/{mailbox.pk}/actividad/")
    mailbox.refresh_from_db()
    assert mailbox.is_active


def test_the_clause_is_answered_for_by_name(
    browser: Client, mailbox: ChannelAccount, admin: User
) -> None:
    settings.update(tenant_type="agency")
    ChannelAccount.objects.filter(pk=mailbox.pk).update(channel="whatsapp")
    here = f"/ajustes/canales/{mailbox.pk}/"
    browser.post(f"{here}actividad/")
    browser.post(f"{here}constancia/")
    assert not mailbox.acknowledgements.exists()
    browser.post(f"{here}constancia/", {"leido": "1"})
    browser.post(f"{here}actividad/")
    mailbox.refresh_from_db()
    assert mailbox.is_active
    assert f"Constancia de {admin.name}" in browser.get(here).content.decode()


def test_a_supervisor_is_kept_out(mailbox: ChannelAccount) -> None:
    client = Client()
    client.force_login(user("supervisor"))
    for path in ("", f"{mailbox.pk}/", "nueva/", "nueva/smtp/"):
        assert client.get(f"/ajustes/canales/{path}").status_code == 403
