"""Messages that a provider's word holds back: kept in the queue with the reason, until it lifts."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from acuerdo.channels import provider_templates
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.models import Outgoing
from acuerdo.interactions import lifecycle
from acuerdo.interactions.lifecycle import Move
from acuerdo.primitives.arrays import literal

TEMPLATE = "template_unusable"
QUALITY = "quality_red"


class Hold(NamedTuple):
    reason: str
    text: str = ""


def hold(moves: Sequence[Move]) -> None:
    """Each for its move's reason. Call it where the rows are locked."""
    if not moves:
        return
    lifecycle.put_off(moves)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_outgoing AS row SET held_reason = held.reason"
            " FROM unnest(%s::bigint[], %s::text[]) AS held (id, reason)"
            " WHERE row.message_id = held.id AND row.lease_until IS NULL",
            [literal(move.id for move in moves), literal(move.reason for move in moves)],
        )


@transaction.atomic
def release(account: ChannelAccount) -> None:
    """What the provider no longer holds back is due again; the policy is asked anew."""
    account.refresh_from_db(fields=["quality"])
    with connection.cursor() as cursor:
        if account.quality != provider_templates.RED:
            cursor.execute(_RELEASE, [account.pk, QUALITY, provider_templates.RED])
        cursor.execute(_RELEASE_TEMPLATES, [account.pk, TEMPLATE, provider_templates.APPROVED])


def release_all(*, at: datetime) -> None:
    """A list that was copied, or a notice that was lost, may have lifted what holds them.

    What is too late by now is let go as well: the next claim closes it, with its reason.
    """
    held = Outgoing.objects.filter(held_reason__in=(TEMPLATE, QUALITY))
    held.filter(not_after__lt=at).update(held_reason="")
    for account in ChannelAccount.objects.filter(pk__in=held.values("account_id")):
        release(account)


# What a red template holds is not let go with the account: the next claim would hold it again.
_RELEASE = """
UPDATE conversations_outgoing AS row SET held_reason = ''
FROM conversations_message AS message
WHERE row.account_id = %s AND row.held_reason = %s AND message.interaction_id = row.message_id
    AND NOT EXISTS (SELECT FROM channels_providertemplate AS template
        WHERE template.account_id = row.account_id AND template.quality = %s
            AND template.name = message.template_call ->> 'name'
            AND template.language = message.template_call ->> 'language')
"""
_RELEASE_TEMPLATES = """
UPDATE conversations_outgoing AS row SET held_reason = ''
FROM conversations_message AS message, channels_providertemplate AS template
WHERE row.account_id = %s AND row.held_reason = %s AND message.interaction_id = row.message_id
    AND template.account_id = row.account_id AND template.status = %s
    AND template.name = message.template_call ->> 'name'
    AND template.language = message.template_call ->> 'language'
"""
