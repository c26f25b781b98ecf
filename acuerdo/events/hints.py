"""Something that passes: told to the open pages at once, as a hint to look again, and kept nowhere.

A fact goes to ``log``. Who looks at a conversation right now is none.
"""

import json

from django.db import connection

# Not the channel of facts: a hint wakes no worker.
CHANNEL = "acuerdo_hints"


def tell(type_: str, *, customer_id: int) -> None:
    """Whoever may see the customer hears ``type_``; nobody does before the commit."""
    with connection.cursor() as cursor:
        payload = json.dumps({"type": type_, "customer": customer_id})
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
