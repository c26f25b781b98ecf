"""Keeps an account within its provider's pace, whatever the number of workers.

Messages leave in slots of time that are reserved on the account's row, one after the
other. What missed its slot gives it up: that is what keeps every second within the limit.
"""

import random

from django.db import connection

from acuerdo.channels.models import ChannelAccount

# Slots lie a little further apart than the limit asks, and none may be left by more than
# LATENESS: together they absorb what the machine and the network add between two of them.
SPREAD = 1.04
LATENESS = 0.02
# A first slot begins after the commit that reserves it.
LEAD = 0.03
# Nobody reserves while others have so many seconds before them, or the account has to wait.
AHEAD = 1.0
FIRST_BACKOFF = 5.0
LONGEST_BACKOFF = 900.0


def spacing(account: ChannelAccount) -> float:
    """Seconds between two messages of a paced account; zero for one without a limit."""
    return SPREAD / account.per_second if account.per_second else 0.0


def may_leave(account: ChannelAccount) -> bool:
    """Whether the account is sending, and is not told to wait."""
    with connection.cursor() as cursor:
        cursor.execute(_MAY_LEAVE, [account.pk, AHEAD])
        return bool(cursor.fetchone())


_MAY_LEAVE = """
SELECT 1 FROM channels_channelaccount WHERE id = %s AND is_active AND stopped_reason = ''
    AND (paced_until IS NULL OR paced_until <= clock_timestamp() + make_interval(secs => %s))
"""


def reserve(account: ChannelAccount, count: int) -> float | None:
    """Seconds until the first of ``count`` slots that are now the caller's.

    None when the account was stopped or has to wait. The row stays locked until the commit.
    """
    if not account.per_second:
        return 0.0 if may_leave(account) else None
    taken = count * spacing(account)
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, [LEAD, taken, account.pk, AHEAD, taken])
        row = cursor.fetchone()
    return float(row[0]) if row else None


_RESERVE = """
UPDATE channels_channelaccount SET paced_until = greatest(
    coalesce(paced_until, clock_timestamp()), clock_timestamp() + make_interval(secs => %s)
) + make_interval(secs => %s)
WHERE id = %s AND is_active AND stopped_reason = ''
    AND (paced_until IS NULL OR paced_until <= clock_timestamp() + make_interval(secs => %s))
RETURNING extract(epoch FROM paced_until - clock_timestamp()) - %s
"""


def hold(account: ChannelAccount, *, retry_after: float | None = None) -> None:
    """The provider asked for a pause: its own, or one that doubles each time in a row."""
    jitter = random.uniform(1.0, 1.25)  # noqa: S311 - it spreads load, it guards nothing
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLD,
            {
                "account": account.pk,
                "asked": retry_after,
                "first": FIRST_BACKOFF,
                "longest": LONGEST_BACKOFF,
                "jitter": jitter,
                "ahead": AHEAD,
            },
        )


# One burst of refusals is one step, however many messages were in the air.
_HOLD = """
UPDATE channels_channelaccount SET
    paced_until = greatest(paced_until, clock_timestamp() + make_interval(secs => coalesce(
        %(asked)s::float8, least(%(first)s * power(2, least(throttles, 16)), %(longest)s)
    ) * %(jitter)s)),
    throttles = least(throttles + 1, 30)
WHERE id = %(account)s AND (paced_until IS NULL
    OR paced_until <= clock_timestamp() + make_interval(secs => %(ahead)s)
    OR %(asked)s::float8 IS NOT NULL)
"""


def relax(account: ChannelAccount) -> None:
    """Something was taken again: the next pause begins small."""
    if account.throttles:
        ChannelAccount.objects.filter(pk=account.pk).update(throttles=0)
        account.throttles = 0
