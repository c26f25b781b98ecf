"""The link in every e-mail that ends the e-mails: it holds from the moment it is used."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from acuerdo.channels.models import Channel
from acuerdo.contact_policy import opt_outs
from acuerdo.conversations import references
from acuerdo.conversations.models import Message
from acuerdo.primitives.refusals import Refusal

PURPOSE = "unsubscribe"


def url_of(message_id: int) -> str:
    token = references.of(message_id, purpose=PURPOSE)
    return str(settings.BASE_URL) + reverse("unsubscribe", args=[token])


def message_of(token: str) -> Message:
    """The e-mail whose link ``token`` is; Refusal (404) for anything else."""
    id_ = references.read(token, purpose=PURPOSE)
    row = Message.objects.filter(pk=id_).select_related("interaction__customer").first()
    if row is None:
        raise Refusal("unknown_link", _("Este enlace no es válido."), status=404)
    return row


def stop_emails(message: Message, *, at: datetime, source: str = "") -> None:
    """No e-mail to this customer any more; a second click changes nothing."""
    source = source or _("Enlace de baja de un correo")
    customer = message.interaction.customer
    opt_outs.record(customer, channel=Channel.EMAIL, source=source, by=None, at=at)
