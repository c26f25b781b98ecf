"""`check --database default` names every active account that cannot send, with its remedy."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as Warned
from django.db import ProgrammingError, connections, transaction

from acuerdo.channels import readiness
from acuerdo.channels.models import ChannelAccount


@register(Tags.database)
def accounts_can_send(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    del kwargs
    if (
        not databases
        or ChannelAccount._meta.db_table
        not in connections[databases[0]].introspection.table_names()
    ):
        return []
    try:
        return _unable()
    except ProgrammingError:
        # ``migrate`` checks first: an older database has columns to come, and is judged after.
        return []


@transaction.atomic
def _unable() -> list[CheckMessage]:
    return [
        Warned(f"{row.name}: {fault.sentence}", hint=fault.remedy, obj=row, id="channels.W001")
        for row in ChannelAccount.objects.filter(is_active=True)
        for fault in readiness.faults(row)
    ]


@register(deploy=True)
def webhooks_are_reachable(**kwargs: Any) -> list[CheckMessage]:
    """Providers post to https addresses alone."""
    del kwargs
    if settings.IS_HTTPS or settings.DEMO or settings.DEBUG:
        return []
    words = f"{settings.BASE_URL} is no https address: providers cannot post their notices to it."
    hint = "Set ACUERDO_BASE_URL to the public https address. See docs/self-hosting/proxy.md."
    return [Warned(words, hint=hint, id="channels.W002")]
