"""Messages that a provider's word holds back: kept in the queue with the reason, until it lifts."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection, transaction

from acuerdo.channels import provider_templates
from acuerdo.channels.models import ChannelAccount
from acuerdo.interactions import lifecycle
from acuerdo.interactions.lifecycle import Move
from acuerdo.primitives.arrays import literal

TEMPLATE = "template_unusable"
QUALITY = "quality_red"


class Hold(NamedTuple):
    reason: str
    text: str = ""


def hold(held: Sequence[tuple[int, Hold]], moves: Sequence[Move]) -> None:
    """``moves`` say the same to the register. Call it where the rows are locked."""
    if not held:
        return
    lifecycle.put_off(moves)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_outgoing AS row SET held_reason = held.reason"
            " FROM unnest(%s::bigint[], %s::text[]) AS held (id, reason)"
            " WHERE row.message_id = held.id AND row.lease_until IS NULL",
            [literal(id_ for id_, _hold in held), literal(hold.reason for _id, hold in held)],
        )


@transaction.atomic
def release(account: ChannelAccount) -> None:
    """What the provider no longer holds back is due again; the policy is asked anew."""
    account.refresh_from_db(fields=["quality"])
    with connection.cursor() as cursor:
        if account.quality != provider_templates.RED:
            cursor.execute(_RELEASE, [account.pk, QUALITY])
        cursor.execute(_RELEASE_TEMPLATES, [account.pk, TEMPLATE, provider_templates.APPROVED])


_RELEASE = """
UPDATE conversations_outgoing SET held_reason = '' WHERE account_id = %s AND held_reason = %s
"""
_RELEASE_TEMPLATES = """
UPDATE conversations_outgoing AS row SET held_reason = ''
FROM conversations_message AS message, channels_providertemplate AS template
WHERE row.account_id = %s AND row.held_reason = %s AND message.interaction_id = row.message_id
    AND template.account_id = row.account_id AND template.status = %s
    AND template.name = message.template_call ->> 'name'
    AND template.language = message.template_call ->> 'language'
"""
