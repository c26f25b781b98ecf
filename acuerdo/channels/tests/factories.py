"""Accounts for tests."""

from datetime import UTC, datetime

from acuerdo.channels import accounts
from acuerdo.channels.models import ChannelAccount

NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
SECRET = "a-shared-secret"


def account(channel: str = "whatsapp", *, url: str = "", **changes: object) -> ChannelAccount:
    return accounts.create(
        name=f"Línea {channel}",
        channel=channel,
        adapter="simulated",
        sender="+51900000000",
        config={"url": url} if url else {},
        secret_values={"secret": SECRET},
        at=NOW,
        **changes,  # type: ignore[arg-type]
    )
