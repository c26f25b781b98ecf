"""Somebody writes STOP: from then on nothing goes out to them by that channel.

One confirmation says that it was heard; after it there is silence.
"""

import logging
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.contact_policy import opt_outs
from acuerdo.contact_policy.decide import OPT_OUT_ACK
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations.sending import outbox
from acuerdo.customers import contact_points
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Origin
from acuerdo.primitives.refusals import Refusal

# The whole message, without accents, digits and punctuation, is one of these.
OPT_OUT_WORDS = frozenset(
    {
        # What providers and operators listen to.
        "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke",
        "optout", "opt out", "remove",
        # What people write in Spanish.
        "baja", "alto", "parar", "pare", "paren", "salir", "cancelar", "no mas", "no molestar",
        "no molesten", "no contactar", "no me contacten", "dar de baja", "darme de baja",
        "denme de baja", "quitar", "no mas mensajes", "no me escriban", "no me escriban mas",
        "no escriban mas", "no quiero mas mensajes", "no quiero recibir mensajes",
        "no quiero recibir mas mensajes", "dejen de escribir", "dejen de escribirme",
        "dejen de molestar", "borrenme",
        # And in Portuguese.
        "sair", "parem", "descadastrar", "remover", "nao mais",
        "nao quero receber", "nao quero mais receber", "nao quero mais mensagens",
        "nao quero receber mensagens", "nao me mande mais mensagens", "nao envie mais",
        "nao enviar mais", "me tire da lista", "cancelar envio", "cancelar inscricao",
    }
)  # fmt: skip
# A confirmation by mail would be one more letter to somebody who wants none.
CONFIRMED_ON = (Channel.SMS, Channel.WHATSAPP)
# Later than this the answer would come out of the blue.
CONFIRM_WITHIN = timedelta(hours=12)

logger = logging.getLogger(__name__)


def obey(
    owners: Sequence[Customer], account: ChannelAccount, message: InboundMessage, *, at: datetime
) -> None:
    """Whoever of ``owners`` it was, that address asked for silence, and is told so once."""
    stopped = [owner for owner in owners if heed(owner, account, message.body, at=at)]
    if stopped and account.channel in CONFIRMED_ON:
        _confirm(stopped[0], account, message.sender, at=at)


def heed(customer: Customer, account: ChannelAccount, body: str, *, at: datetime) -> bool:
    """Whether ``body`` ended the writing: not when it had ended before."""
    if not asks_to_stop(body):
        return False
    standing = OptOut.objects.filter(customer=customer, lifted_at=None)
    had_ended = standing.filter(channel__in=["", account.channel]).exists()
    opt_outs.record(customer, channel=account.channel, source=f"«{body[:40]}»", by=None, at=at)
    return not had_ended


def asks_to_stop(body: str) -> bool:
    letters = unicodedata.normalize("NFKD", body.casefold())
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z]+", bare)) in OPT_OUT_WORDS


def _confirm(customer: Customer, account: ChannelAccount, sender: str, *, at: datetime) -> None:
    """To the very address that asked, and to no other; it names nobody and fits one SMS."""
    row = OptOut.objects.get(customer=customer, channel=account.channel, lifted_at=None)
    kinds = contact_points.KINDS_OF_CHANNEL[account.channel]
    key = contact_points.canonical_key(kinds[0], sender)
    point = customer.contact_points.filter(kind__in=kinds, key=key).first()
    if point is None:
        return
    try:
        outbox.queue_message(
            customer,
            channel=account.channel,
            account=account,
            contact_point=point,
            body=_("Recibimos su pedido. Ya no le escribiremos por este medio a este teléfono."),
            origin=Origin.SYSTEM,
            source=OPT_OUT_ACK,
            not_after=at + CONFIRM_WITHIN,
            idempotency_key=f"{OPT_OUT_ACK}:{row.pk}",
            at=at,
        )
    except Refusal as refusal:
        logger.info("opt-out %s is not confirmed: %s", row.pk, refusal.code)
