"""What a provider or a mail server says against an address: it is not written to any more."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from acuerdo.contact_policy import opt_outs
from acuerdo.conversations.models import Message
from acuerdo.customers import contact_points

NOT_ON_CHANNEL, OPTED_OUT = "not_on_channel", "opted_out"
REASONS: dict[str, str | Promise] = {
    "hard_bounce": _("La dirección no existe o está cerrada: un envío rebotó."),
    "complaint": _("La persona marcó nuestro correo como no deseado."),
    NOT_ON_CHANNEL: _("La dirección no recibe mensajes por este canal."),
}


@transaction.atomic
def heed(faults: Mapping[int, str], *, at: datetime) -> None:
    """``faults`` by message; the same again, and what somebody mended since, change nothing."""
    wanted = {id_: fault for id_, fault in faults.items() if fault}
    if not wanted:
        return
    rows = Message.objects.filter(pk__in=wanted).select_related(
        "contact_point__customer", "interaction__customer"
    )
    for row in rows.order_by("pk"):
        _heed(row, wanted[row.pk], at=at)


def _heed(message: Message, fault: str, *, at: datetime) -> None:
    channel = message.interaction.channel
    if fault == OPTED_OUT:
        customer = message.interaction.customer
        opt_outs.record(customer, channel=channel, source="proveedor", by=None, at=at)
        return
    point = message.contact_point
    if point is None or point.value != message.address or fault not in REASONS:
        return
    reason = str(REASONS[fault])
    if fault == NOT_ON_CHANNEL:
        if channel not in point.refused_channels:
            contact_points.refuse_channel(point, channel=channel, reason=reason, by=None, at=at)
    elif point.is_usable:
        contact_points.mark_unusable(point, reason=reason, by=None, at=at)
