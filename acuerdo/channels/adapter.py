"""The contract of a channel's provider: one hand-over, one reading of what it tells us.

An adapter never retries, never follows a redirect, and touches no database: whether a
message may be tried again is decided from the ``Outcome`` alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from acuerdo.channels.models import ChannelAccount


class Outcome(StrEnum):
    """``NOT_TAKEN`` only where it is certain that the provider did not take the message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_TAKEN = "not_taken"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is handed over. ``token`` is ours, and comes back with each status notice."""

    token: str
    channel: str
    recipient: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Result:
    outcome: Outcome
    provider_id: str = ""
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """Something a person wrote to us. Without ``at``, the moment we were told counts."""

    provider_id: str
    sender: str
    body: str
    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """News of a message of ours, named by our ``token`` or the provider's id.

    ``status`` is ``sent``, ``delivered``, ``opened`` or ``failed``.
    """

    status: str
    provider_id: str = ""
    token: str = ""
    at: datetime | None = None
    code: str = ""
    detail: str = ""


Notice = InboundMessage | StatusChange


@dataclass(frozen=True, slots=True)
class Need:
    """A setting that an account of this adapter wants, for its form."""

    name: str
    label: str
    is_secret: bool = False
    is_required: bool = True


class Unreadable(Exception):  # noqa: N818 - it says what the body is
    """A body that verified but makes no sense; it is kept and set aside."""


class Adapter(Protocol):
    """``patience`` is the longest that one exchange can take, in seconds."""

    needs: tuple[Need, ...]
    concurrency: int
    patience: int

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result: ...

    def verify(self, account: ChannelAccount, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether the provider signed exactly these bytes; False without a secret."""
        ...

    def parse(self, account: ChannelAccount, body: bytes, content_type: str) -> list[Notice]:
        """Raises ``Unreadable`` and nothing else."""
        ...


def plain(value: object, *, most: int = 300) -> str:
    """``value`` as a text that the database can hold."""
    text = str(value).replace("\x00", "")
    return text.encode("utf-8", "replace").decode()[:most]
