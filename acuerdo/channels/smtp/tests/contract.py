import pytest

from acuerdo.channels import secrets
from acuerdo.channels.adapter import Parcel
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.smtp import adapter as smtp
from acuerdo.channels.tests.contract import IMPATIENCE, SECRET, Subject


def line(port: int) -> ChannelAccount:
    return ChannelAccount(
        sender="Cobranzas <cobranzas@acme.example>",
        config={"host": "127.0.0.1", "port": port},
        secrets=secrets.seal({"password": SECRET}),
    )


def hasten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "DATA_TIMEOUT", IMPATIENCE)


SUBJECT = Subject(
    line=line,
    parcel=Parcel("token-1", "email", "ana@example.com", "Aviso", "Hola, Ana"),
    hasten=hasten,
    speaks="smtp",
)
