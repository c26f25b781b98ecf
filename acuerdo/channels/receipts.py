"""Keeps what providers post, as it came and once, before anybody looks into it."""

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.channels import registry
from acuerdo.channels.adapter import (
    AnswersChallenges,
    Delivery,
    Malformed,
    Notice,
    StatusChange,
    Unreadable,
    plain,
)
from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.primitives import failpoints
from acuerdo.primitives.arrays import literal
from acuerdo.primitives.refusals import Refusal

MOST_BYTES = 1024 * 1024
# No adapter may ask for more: a letter with its files comes in one body.
LARGEST = 8 * MOST_BYTES
# The worker listens here; what it does not hear it finds a second later.
CHANNEL = "acuerdo_receipts"
# Eight and a half minutes in all: a notice must outlast the lease of a hand-over that crashed,
# since until it ends the message is not settled and its proof cannot be applied.
TRIES = 10
# Tokens of trials begin so.
TRIAL = "prueba-"
FIRST_WAIT = timedelta(seconds=1)

# What one batch may hold in memory.
BATCH_BYTES = 32 * 1024 * 1024

logger = logging.getLogger(__name__)


def accept(key: str, delivery: Delivery, *, at: datetime) -> WebhookReceipt | None:
    """Store a delivery to the address ``key``; None when it had been stored before.

    Raises Refusal: 404 for an unknown address, 413 for a body too large, 403 unless the
    provider signed these very bytes, 400 for an empty one and for what is not even in its
    wire format. Nothing is stored then.
    """
    account = _account(key)
    if account is None:
        raise Refusal("unknown_webhook", _("Esa dirección no existe."), status=404)
    if len(delivery.body) > getattr(registry.adapter(account), "most_bytes", MOST_BYTES):
        raise Refusal("too_large", _("El aviso es demasiado grande."), status=413)
    if not registry.adapter(account).verify(account, delivery):
        raise Refusal("bad_signature", _("La firma no corresponde."), status=403)
    if not delivery.body:
        raise Refusal("empty_body", _("El aviso está vacío."), status=400)
    _refuse_malformed(account, delivery)
    return _store(account, delivery, at=at)


def _account(key: str) -> ChannelAccount | None:
    """What adapters read with; other fields are fetched when somebody asks for one.

    By hand: to compile or to describe the whole row costs as much as the rest of the answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT, [key])
        row = cursor.fetchone()
    if row is None:
        return None
    *values, config, sealed = row
    return ChannelAccount.from_db(connection.alias, _READ, [*values, json.loads(config), sealed])


# In the order of the model, which is how it takes them.
_READ = ("id", "channel", "adapter", "key", "sender", "config", "secrets")
_ACCOUNT = f"SELECT {', '.join(_READ)} FROM channels_channelaccount WHERE key = %s AND is_active"


def _refuse_malformed(account: ChannelAccount, delivery: Delivery) -> None:
    """Noise is turned away; what is merely strange is kept, for a person to look into."""
    try:
        registry.adapter(account).parse(account, replace(delivery, headers={}))
    except Malformed:
        sentence = _("El aviso no está en el formato de este proveedor.")
        raise Refusal("malformed", sentence, status=400) from None
    except Exception:
        logger.info("a notice for account %s will be set aside", account.pk)


def challenge(key: str, query: str) -> str:
    """The answer to a provider that asks whether the address ``key`` is ours.

    Raises Refusal: 404 for an unknown address, 405 where nobody has to ask, 403 for whoever
    does not know the word.
    """
    account = ChannelAccount.objects.filter(key=key).first()
    if account is None:
        raise Refusal("unknown_webhook", _("Esa dirección no existe."), status=404)
    adapter = registry.adapter(account)
    if not isinstance(adapter, AnswersChallenges):
        raise Refusal("no_challenge", _("Los avisos llegan aquí por POST."), status=405)
    answer = adapter.challenge(account, query)
    if answer is None:
        raise Refusal("bad_challenge", _("El token de verificación no corresponde."), status=403)
    return answer


def keep(
    account: ChannelAccount, delivery: Delivery, *, event_key: str, at: datetime
) -> WebhookReceipt | None:
    """Store what we fetched ourselves, under a key of its own; None when it is there already."""
    return _store(account, delivery, at=at, event_key=event_key)


def _store(
    account: ChannelAccount, delivery: Delivery, *, at: datetime, event_key: str = ""
) -> WebhookReceipt | None:
    """In one statement, which is its own transaction: a provider waits for the answer."""
    row = WebhookReceipt(
        account=account,
        event_key=event_key or _event_key(delivery),
        body=delivery.body,
        content_type=plain(delivery.content_type, most=100),
        query=plain(delivery.query, most=500),
        received_at=at,
    )
    failpoints.hit("webhook.storing")
    values: list[Any] = [
        account.pk, row.event_key, delivery.body, row.content_type, row.query, at, CHANNEL,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        stored = cursor.fetchone()
    if stored is None:
        return None
    row.pk = stored[0]
    return row


_INSERT = """
WITH stored AS (
    INSERT INTO channels_webhookreceipt (account_id, event_key, body, content_type, query,
        received_at, tries, set_aside_reason) VALUES (%s, %s, %s, %s, %s, %s, 0, '')
    ON CONFLICT DO NOTHING RETURNING id
)
SELECT id, pg_notify(%s, '') FROM stored
"""


def _event_key(delivery: Delivery) -> str:
    return hashlib.sha256(delivery.query.encode() + b"\n" + delivery.body).hexdigest()


def claim(*, limit: int, at: datetime, only: Sequence[int] | None = None) -> list[WebhookReceipt]:
    """Unhandled receipts, oldest first, locked until the commit; skips those of others.

    No more than memory holds together: a notice is small, and a mail may be large.
    """
    values = {"at": at, "limit": limit, "only": None if only is None else literal(only)}
    rows = list(WebhookReceipt.objects.raw(_CLAIM, values | {"room": BATCH_BYTES}))
    accounts = ChannelAccount.objects.in_bulk({row.account_id for row in rows}) if rows else {}
    for row in rows:
        row.account = accounts[row.account_id]
    return rows


# An array and not a join: of a queue that was empty a moment ago the planner knows nothing.
_CLAIM = """
SELECT receipt.* FROM channels_webhookreceipt AS receipt
WHERE receipt.handled_at IS NULL AND receipt.set_aside_reason = '' AND receipt.id = ANY(ARRAY(
    SELECT id FROM (
        SELECT id, sum(size) OVER (ORDER BY id) AS upto, row_number() OVER (ORDER BY id) AS place
        FROM (
            SELECT id, octet_length(body) AS size FROM channels_webhookreceipt
            WHERE handled_at IS NULL AND set_aside_reason = ''
                AND (retry_at IS NULL OR retry_at <= %(at)s)
                AND (%(only)s::bigint[] IS NULL OR id = ANY(%(only)s::bigint[]))
            ORDER BY id LIMIT %(limit)s
        ) AS due
    ) AS fitting WHERE upto <= %(room)s OR place = 1
))
ORDER BY receipt.id FOR UPDATE SKIP LOCKED
"""


def parse(row: WebhookReceipt) -> list[Notice]:
    """What the receipt says; raises ``Unreadable`` and nothing else."""
    adapter = registry.adapter(row.account)
    delivery = Delivery(bytes(row.body), row.content_type, query=row.query)
    try:
        notices = adapter.parse(row.account, delivery)
        return [notice for notice in notices if not _is_of_trial(notice)]
    except Unreadable:
        raise
    except Exception as fault:
        raise Unreadable(f"{type(fault).__name__}: {fault}") from fault


def _is_of_trial(notice: Notice) -> bool:
    """News of an administrator's trial: it belongs to no message of ours."""
    return isinstance(notice, StatusChange) and notice.token.startswith(TRIAL)


def finish(ids: Iterable[int], *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_webhookreceipt SET handled_at = %s WHERE id = ANY(%s::bigint[])",
            [at, literal(ids)],
        )


def set_aside(row: WebhookReceipt, *, reason: str) -> None:
    """Out of the queue, kept and visible: nobody but a person can do more with it."""
    WebhookReceipt.objects.filter(pk=row.pk).update(set_aside_reason=plain(reason) or "unreadable")


def postpone(row: WebhookReceipt, *, reason: str, at: datetime) -> None:
    """Try again a little later, and set aside after the last of ``TRIES``."""
    if row.tries + 1 >= TRIES:
        set_aside(row, reason=reason)
        return
    WebhookReceipt.objects.filter(pk=row.pk).update(
        tries=row.tries + 1, retry_at=at + FIRST_WAIT * 2**row.tries
    )


@transaction.atomic
def retry(row: WebhookReceipt, *, by: User, at: datetime) -> None:
    """Back into the queue, with all its tries: what made no sense then may make sense now."""
    _take_back(row, set_aside_reason="", tries=0, retry_at=None)
    log.record("receipt.retried", subject=row, by=by, at=at)


@transaction.atomic
def dismiss(row: WebhookReceipt, *, by: User, at: datetime) -> None:
    """A person looked and nothing is to be done; the body and the reason stay."""
    _take_back(row, handled_at=at)
    log.record("receipt.dismissed", subject=row, by=by, at=at)


def _take_back(row: WebhookReceipt, **changes: object) -> None:
    if not aside().filter(pk=row.pk).update(**changes):
        raise Refusal("stale_state", _("Este aviso ya no está apartado."), status=409)


def aside() -> QuerySet[WebhookReceipt]:
    """Those that wait for a person."""
    return WebhookReceipt.objects.filter(handled_at=None).exclude(set_aside_reason="")
