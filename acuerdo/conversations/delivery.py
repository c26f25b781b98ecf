"""Sends what is due: at most one hand-over to the provider for each message.

A batch is claimed and its attempts are committed before a byte leaves; the exchange
happens outside any transaction; the answers are settled together. What nobody can tell
becomes ``uncertain``, which the machine never sends again.
"""

import logging
from datetime import datetime
from functools import partial

from acuerdo.channels import accounts, sending
from acuerdo.channels.adapter import Parcel, Result
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.conversations import claiming, references, settling, unsubscribing
from acuerdo.conversations.claiming import Claimed
from acuerdo.organization import settings
from acuerdo.primitives import clock, failpoints

logger = logging.getLogger(__name__)


def drain() -> int:
    """One batch for each account that may send; says how many messages were dealt with."""
    recovered = settling.recover(at=clock.now())
    if settings.current().sending_paused_at:
        return recovered
    return recovered + sum(_drain(account) for account in accounts.sendable())


def _drain(account: ChannelAccount) -> int:
    """What goes wrong with one account holds back none of the others."""
    try:
        if sending.is_busy(account):
            return 0
        batch = claiming.claim(account, at=clock.now())
        failpoints.hit("outbox.claimed")
        _hand_over(account, batch.claimed)
    except Exception:
        logger.exception("account %s cannot send", account.pk)
        return 0
    return batch.seen


def _hand_over(account: ChannelAccount, claimed: list[Claimed]) -> None:
    if not claimed:
        return
    by_token = {row.token: row for row in claimed}
    late = partial(_settle_late, by_token, offset_at=clock.now())
    answers = sending.send_many(account, [_parcel(row) for row in claimed], late=late)
    failpoints.hit("outbox.answered")
    settling.settle(
        [(by_token[parcel.token], result) for parcel, result in answers], at=clock.now()
    )
    failpoints.hit("outbox.settled")


def _parcel(row: Claimed) -> Parcel:
    return Parcel(
        token=row.token,
        channel=row.channel,
        recipient=row.address,
        subject=row.subject,
        body=row.body,
        reference=references.of(row.message_id),
        unsubscribe_url=unsubscribing.url_of(row.message_id)
        if row.channel == Channel.EMAIL
        else "",
    )


def _settle_late(
    by_token: dict[str, Claimed], parcel: Parcel, result: Result, *, offset_at: datetime
) -> None:
    # A travelled clock belongs to the thread that claimed; this one has none.
    settling.settle([(by_token[parcel.token], result)], at=max(offset_at, clock.now()))
