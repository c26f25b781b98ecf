"""What can be set up: each adapter of the settings, with the words and channels it serves."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from acuerdo.channels import registry
from acuerdo.channels.adapter import Need
from acuerdo.channels.models import Channel, ChannelAccount

# An adapter that does not say which ones it serves.
WRITTEN = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL)


@dataclass(frozen=True, slots=True)
class Connector:
    """``is_rehearsal``: nothing that it takes ever reaches a person."""

    name: str
    label: str
    channels: tuple[Channel, ...]
    needs: tuple[Need, ...]
    is_rehearsal: bool

    @property
    def main_channel(self) -> Channel:
        return self.channels[0]


def all_of_them() -> Iterator[Connector]:
    """The simulated provider is for demonstrations and development alone."""
    for name in settings.CHANNEL_ADAPTERS:
        found = named(name)
        if settings.DEMO or settings.DEBUG or not found.is_rehearsal:
            yield found


def named(name: str) -> Connector:
    adapter = registry.named(name)
    channels = getattr(adapter, "channels", WRITTEN)
    return Connector(
        name=name,
        label=str(getattr(adapter, "label", name.replace("_", " ").capitalize())),
        channels=tuple(map(Channel, channels)),
        needs=adapter.needs,
        is_rehearsal=bool(getattr(adapter, "is_rehearsal", False)),
    )


def of(account: ChannelAccount) -> Connector:
    return named(account.adapter)
