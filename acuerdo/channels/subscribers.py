"""What the channels do when a fact below them becomes true."""

from acuerdo.channels import accounts
from acuerdo.events.models import Event


def follow_settings(event: Event) -> None:
    """Another kind of organisation has to answer for WhatsApp anew."""
    if "tenant_type" in event.data.get("now", {}):
        accounts.stop_unanswered(at=event.at)


SUBSCRIPTIONS = {"settings.updated": follow_settings}
