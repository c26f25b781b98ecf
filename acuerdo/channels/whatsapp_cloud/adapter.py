"""WhatsApp through Meta's own Cloud API."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from acuerdo.channels import secrets
from acuerdo.channels.adapter import (
    Delivery,
    File,
    Need,
    Notice,
    Outcome,
    Parcel,
    RemoteTemplate,
    Result,
)
from acuerdo.channels.exchange import Wire
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.whatsapp_cloud import graph, media, payloads, template_list, writing
from acuerdo.primitives import phone, signing
from acuerdo.primitives.refusals import Refusal

MARKETING = "MARKETING"
NORTH_AMERICA = ("US", "CA")
SIGNATURE = "X-Hub-Signature-256"
SCHEME = "sha256="


class WhatsAppCloud:
    label = "WhatsApp Cloud API (Meta)"
    channels = ("whatsapp",)
    needs = (
        Need("phone_number_id", _("Identificador del número")),
        Need("business_account_id", _("Identificador de la cuenta de WhatsApp Business")),
        Need("access_token", _("Token de acceso"), is_secret=True),
        Need("app_secret", _("Clave secreta de la aplicación"), is_secret=True),
        Need("verify_token", _("Token de verificación del webhook"), is_secret=True),
        Need("version", _("Versión de la API"), is_required=False, help=graph.VERSION),
        Need("url", _("Dirección de la API"), is_required=False, help=graph.URL),
        Need(
            "daily_recipients",
            _("Personas distintas en 24 horas"),
            is_required=False,
            help=_("El límite que Meta da a toda la empresa; vacío: sin límite."),
        ),
    )
    concurrency = 16
    # An upload, then the message: each may take its time to connect, to write and to answer.
    patience = 6 * graph.TIMEOUT
    # One message to a person every six seconds, else 131056.
    pair_seconds = 6.0
    service_window = timedelta(hours=24)
    # Meta's messaging policy: a stored opt-in that names the business, before we write first.
    asks_consent = True

    def __init__(self) -> None:
        self.wire = Wire(graph.TIMEOUT)

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result:
        fault = writing.fault(parcel)
        if fault:
            return Result(Outcome.REFUSED, code=fault)
        try:
            url, headers = f"{graph.number(account)}/messages", graph.headers(account)
        except (graph.Misconfigured, Refusal) as wrong:
            return Result(Outcome.NOT_TAKEN, code="misconfigured", detail=str(wrong))
        media_id = ""
        if parcel.files:
            uploaded = self._upload(account, parcel.files[0], headers)
            if isinstance(uploaded, Result):
                return uploaded
            media_id = uploaded
        message = writing.message(parcel, media_id=media_id)
        answer = self.wire.ask("POST", url, json=message, headers=headers)
        return answer if isinstance(answer, Result) else graph.result(answer)

    def _upload(self, account: ChannelAccount, file: File, headers: dict[str, str]) -> str | Result:
        """The id of the file at the provider. A failure here reached nobody: it is not taken."""
        content_type = writing.bare_type(file)
        answer = self.wire.ask(
            "POST",
            f"{graph.number(account)}/media",
            data={"messaging_product": "whatsapp", "type": content_type},
            files={"file": (file.filename, file.content, content_type)},
            headers=headers,
        )
        if isinstance(answer, Result):
            return replace(answer, outcome=Outcome.NOT_TAKEN)
        media_id = answer.json().get("id") if answer.is_success else None
        if isinstance(media_id, str) and media_id:
            return media_id
        told = graph.result(answer)
        outcome = Outcome.REFUSED if told.outcome == Outcome.REFUSED else Outcome.NOT_TAKEN
        return replace(told, outcome=outcome, provider_id="")

    def forbids(self, address: str, *, tenant_type: str, category: str) -> str:
        """Marketing to numbers of +1 is blocked since 1 April 2025 (Meta's pricing updates)."""
        del tenant_type
        is_blocked = category == MARKETING and phone.region(address) in NORTH_AMERICA
        return "marketing_blocked" if is_blocked else ""

    def verify(self, account: ChannelAccount, delivery: Delivery) -> bool:
        secret = secrets.for_verifying(account.secrets).get("app_secret", "")
        sent = delivery.headers.get(SIGNATURE, "")
        return sent.startswith(SCHEME) and signing.is_signed(
            secret, delivery.body, sent.removeprefix(SCHEME)
        )

    def challenge(self, account: ChannelAccount, query: str) -> str | None:
        """Meta asks once, by GET, whether the address is ours: the answer is its own word."""
        try:
            asked = parse_qs(query, max_num_fields=10)
        except ValueError:
            return None
        token = secrets.for_verifying(account.secrets).get("verify_token", "")
        told = asked.get("hub.verify_token", [""])[0]
        if asked.get("hub.mode") != ["subscribe"] or not token:
            return None
        if not constant_time_compare(told, token):
            return None
        return asked.get("hub.challenge", [""])[0][:200]

    def fetch_media(self, account: ChannelAccount, media_id: str, *, most_bytes: int) -> File:
        return media.fetch(account, media_id, self.wire, most_bytes=most_bytes)

    def templates(self, account: ChannelAccount) -> list[RemoteTemplate]:
        return template_list.read(account, self.wire)

    def parse(self, account: ChannelAccount, delivery: Delivery) -> list[Notice]:
        return payloads.read(account, delivery.body)


ADAPTER = WhatsAppCloud()
