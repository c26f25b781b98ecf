"""The demonstration's WhatsApp templates: each stands on one that its provider has approved."""

from datetime import datetime

from acuerdo.channels.models import Channel, ChannelAccount, ProviderTemplate
from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.templating import message_templates
from acuerdo.organization.models import User

# Our name, the provider's, and what goes into its variables.
TEMPLATES: dict[str, tuple[str, dict[str, list[str]]]] = {
    "Vence hoy": ("vence_hoy", {"body": ["nombre", "empresa", "vencimiento", "saldo_total"]}),
    "Una semana": ("una_semana", {"body": ["nombre", "empresa", "deuda_vencida", "vencimiento"]}),
    "Retomar la conversación": (
        "retomar_conversacion", {"header": ["empresa"], "body": ["nombre", "saldo_total"]},
    ),
    "Recordatorio de acuerdo": ("recordatorio_de_acuerdo", {"body": ["nombre", "empresa"]}),
}  # fmt: skip


def stand_on(account: ChannelAccount, *, by: User, at: datetime) -> None:
    """Those of the strategy that go by WhatsApp, and two more for whoever writes by hand."""
    known = {row.name: row for row in MessageTemplate.objects.filter(channel=Channel.WHATSAPP)}
    listed = {row.name: row for row in ProviderTemplate.objects.filter(account=account)}
    for name, (provided, variables) in TEMPLATES.items():
        message_templates.save(
            known.get(name),
            name=name,
            channel=Channel.WHATSAPP,
            body="",
            provider_template=listed[provided],
            variables=variables,
            by=by,
            at=at,
        )
