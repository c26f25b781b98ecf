"""Lines, numbers and mailboxes: opened, stopped, and chosen for a message."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, JSONField, Q, QuerySet, Value
from django.db.models.expressions import CombinedExpression

from acuerdo.channels import readiness, secrets
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.primitives import clock, signing
from acuerdo.primitives.refusals import Refusal


def create(
    *,
    name: str,
    channel: Channel | str,
    adapter: str,
    sender: str = "",
    config: dict[str, Any] | None = None,
    secret_values: dict[str, str] | None = None,
    per_second: int = 0,
    is_active: bool = True,
    at: datetime,
) -> ChannelAccount:
    """A new account with a webhook address of its own; ``secret_values`` are stored sealed.

    One that is active from the start is refused where somebody has to answer for it first.
    """
    account = ChannelAccount(
        name=name,
        channel=channel,
        adapter=adapter,
        key=signing.token(),
        sender=sender,
        config=config or {},
        secrets=secrets.seal(secret_values or {}),
        per_second=per_second,
        is_active=is_active,
        created_at=at,
    )
    if is_active:
        readiness.refuse_unanswered(account)
    account.save(force_insert=True)
    return account


@transaction.atomic
def stop(
    account: ChannelAccount,
    *,
    reason: str,
    by: User | None = None,
    at: datetime | None = None,
    told_at: datetime | None = None,
) -> bool:
    """Hold every send through ``account``; what waits stays due. False when it was stopped.

    Whoever comes first says why; only that is told. What the provider ``told_at`` a moment
    before somebody put the account right stops nothing.
    """
    standing = ChannelAccount.objects.filter(pk=account.pk, stopped_reason="")
    if told_at:
        standing = standing.filter(_not_later("settled_at", told_at))
    is_new = bool(standing.update(stopped_reason=reason[:200]))
    account.refresh_from_db(fields=["stopped_reason"])
    if is_new:
        log.record(
            "channel.stopped",
            subject=account,
            by=by,
            at=at,
            channel=account.channel,
            reason=reason[:200],
        )
    return is_new


@transaction.atomic
def resume(account: ChannelAccount, *, by: User | None = None, at: datetime | None = None) -> bool:
    """Let what waits leave, from a clean slate; False when nothing was stopped.

    Refused while Meta's clause concerns the account and nobody has answered for it.
    """
    readiness.refuse_unanswered(account)
    stopped = ChannelAccount.objects.filter(pk=account.pk).exclude(stopped_reason="")
    moment = at or clock.now()
    is_new = bool(
        stopped.update(stopped_reason="", paced_until=None, throttles=0, settled_at=moment)
    )
    account.refresh_from_db(fields=["stopped_reason", "paced_until", "throttles"])
    if is_new:
        log.record("channel.resumed", subject=account, by=by, at=at, channel=account.channel)
    return is_new


def stop_unanswered(*, at: datetime) -> None:
    """The organisation is of another kind now: who has to answer for an account anew holds it."""
    for account in ChannelAccount.objects.filter(is_active=True, channel=Channel.WHATSAPP):
        try:
            readiness.refuse_unanswered(account)
        except Refusal as refusal:
            stop(account, reason=refusal.sentence, at=at)


def judge(account: ChannelAccount, *, quality: str, told_at: datetime) -> None:
    """What the provider says of how people take our messages; RED holds what is not asked for."""
    current = _unsettled(account, "judged_at", told_at)
    current.update(quality=quality[:10], judged_at=told_at)


def limit_recipients(account: ChannelAccount, number: str, *, told_at: datetime) -> None:
    """How many persons a day the provider lets it write to first; empty for any number."""
    current = _unsettled(account, "limited_at", told_at)
    current.update(config=_merged({"daily_recipients": number}), limited_at=told_at)


def reconfigure(account: ChannelAccount, values: dict[str, Any]) -> None:
    """Change settings that are no secrets; the others stay, whoever changes them meanwhile."""
    ChannelAccount.objects.filter(pk=account.pk).update(config=_merged(values))
    account.refresh_from_db(fields=["config"])


def _merged(values: dict[str, Any]) -> CombinedExpression:
    """The settings as they are in the row at that moment, with these in them."""
    told = Value(values, output_field=JSONField())
    return CombinedExpression(F("config"), "||", told, output_field=JSONField())


def _unsettled(account: ChannelAccount, kind: str, told_at: datetime) -> QuerySet[ChannelAccount]:
    """The account, unless it was put right or the provider spoke again after ``told_at``."""
    row = ChannelAccount.objects.filter(pk=account.pk)
    return row.filter(_not_later("settled_at", told_at), _not_later(kind, told_at))


def _not_later(column: str, told_at: datetime) -> Q:
    return Q((column, None)) | Q((f"{column}__lte", told_at))


def active() -> dict[str, ChannelAccount]:
    """The account that each channel writes from: its first active one."""
    chosen: dict[str, ChannelAccount] = {}
    for account in ChannelAccount.objects.filter(is_active=True).order_by("id"):
        chosen.setdefault(account.channel, account)
    return chosen


def sendable() -> list[ChannelAccount]:
    return list(ChannelAccount.objects.filter(is_active=True, stopped_reason="").order_by("id"))


def webhook_address(account: ChannelAccount) -> str:
    """Where the provider is told to post what happens."""
    return f"{settings.BASE_URL}/webhooks/{account.key}/"


def with_mailbox() -> list[ChannelAccount]:
    """Those whose mail is to be fetched; a stopped one still gets its mail."""
    found = ChannelAccount.objects.filter(is_active=True, channel=Channel.EMAIL)
    return list(found.exclude(config__imap_host=None).exclude(config__imap_host=""))
