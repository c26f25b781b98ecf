"""The list of messages that did not arrive: entered in bulk where they are closed."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet

from acuerdo.conversations.models import Setback
from acuerdo.organization.access import scope
from acuerdo.organization.models import User
from acuerdo.primitives.arrays import literal

STATUSES = ("failed", "not_sent")


def enter(message_ids: Iterable[int], *, at: datetime) -> None:
    """Copy what the register says of messages that were just closed."""
    ids = list(message_ids)
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_ENTER, [at, literal(ids)])


_ENTER = """
INSERT INTO conversations_setback (message_id, account_id, status, code, at)
SELECT entry.id, message.account_id, entry.status, entry.reason, %s
FROM interactions_interaction AS entry
JOIN conversations_message AS message ON message.interaction_id = entry.id
WHERE entry.id = ANY(%s::bigint[])
ON CONFLICT (message_id) DO UPDATE
    SET status = EXCLUDED.status, code = EXCLUDED.code, at = EXCLUDED.at
"""


# Nothing has proved it wrong since.
STANDS = Q(message__interaction__status=F("status"))


def standing_for(user: User) -> QuerySet[Setback]:
    """Those that stand and are within the reach of ``user``."""
    found = Setback.objects.filter(STANDS)
    return found.filter(scope(user).condition("message__interaction__customer__"))
