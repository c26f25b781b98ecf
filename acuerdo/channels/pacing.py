"""Keeps an account within its provider's pace, whatever the number of workers."""

from django.db import connection

from acuerdo.channels.models import ChannelAccount


def allowance(account: ChannelAccount, *, most: int) -> int:
    """How many messages may be claimed now; the account stays locked until the commit.

    Call it inside the claiming transaction and follow it with ``spend``. Zero when the
    account's turn has not come, or another worker has it.
    """
    if not account.per_second:
        return most
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM channels_channelaccount WHERE id = %s"
            " AND (paced_until IS NULL OR paced_until <= clock_timestamp())"
            " FOR NO KEY UPDATE SKIP LOCKED",
            [account.pk],
        )
        return min(account.per_second, most) if cursor.fetchone() else 0


def spend(account: ChannelAccount, claimed: int) -> None:
    """``claimed`` messages leave now: the next ones wait for their share of a second."""
    if account.per_second and claimed:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE channels_channelaccount SET paced_until ="
                " clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
                [claimed / account.per_second, account.pk],
            )
