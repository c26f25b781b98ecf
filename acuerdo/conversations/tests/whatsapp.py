"""A saved WhatsApp account with templates, for tests."""

from datetime import datetime
from typing import Any

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount, ProviderTemplate
from acuerdo.channels.whatsapp_cloud.tests.factories import account as unsaved
from acuerdo.conversations.receiving import filing
from acuerdo.conversations.tests.factories import NOW
from acuerdo.customers.models import Customer

COMPONENTS: list[dict[str, Any]] = [
    {"type": "HEADER", "format": "TEXT", "text": "Hola {{1}}"},
    {"type": "BODY", "text": "Debes {{1}} desde el {{2}}."},
    {"type": "FOOTER", "text": "Responde BAJA para no recibir más."},
    {"type": "BUTTONS", "buttons": [
        {"type": "QUICK_REPLY", "text": "Ya pagué"},
        {"type": "URL", "text": "Pagar", "url": "https://pagos.example/{{1}}"},
    ]},
]  # fmt: skip
VARIABLES = {
    "header": ["nombre"],
    "body": ["deuda_vencida", "vencimiento"],
    "buttons": ["documento"],
}


def account(**config: object) -> ChannelAccount:
    row = unsaved(**config)  # type: ignore[arg-type]
    row.save()
    return row


def provider_template(line: ChannelAccount, **changes: Any) -> ProviderTemplate:
    what: dict[str, Any] = {
        "name": "aviso_cuota",
        "language": "es_PE",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": COMPONENTS,
    }
    return ProviderTemplate.objects.create(account=line, synced_at=NOW, **(what | changes))


def hears(line: ChannelAccount, owner: Customer, *, at: datetime, address: str) -> None:
    """``owner`` writes from ``address``."""
    filing.file(owner, line, InboundMessage(f"wamid.{at.timestamp()}", address, "Hola"), at=at)
