"""The contract of a channel's provider: one hand-over, one reading of what it tells us.

An adapter never retries, never follows a redirect, and touches no database: whether a
message may be tried again is decided from the ``Outcome`` alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from acuerdo.channels.models import ChannelAccount

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Lazy


class Outcome(StrEnum):
    """``NOT_TAKEN`` only where it is certain that the provider did not take the message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_TAKEN = "not_taken"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class File:
    """A file that travels with a message."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class TemplateCall:
    """A template that the provider keeps, and what goes into its variables, part by part.

    ``header_kind`` is ``text``, or ``image``, ``video`` or ``document`` where ``header`` is
    the link of one. Names are those of the provider's own variables, where it names them.
    ``buttons`` has a place for each button, empty where it wants nothing.
    """

    name: str
    language: str
    header: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    header_kind: str = "text"
    header_names: tuple[str, ...] = ()
    body_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is handed over. ``token`` is ours, and comes back with each status notice.

    ``reference`` names the communication for good, over every attempt: a letter carries it
    in its Message-ID and in the addresses that answers and bounces come to. ``quotes`` is
    the provider's id of the message that this one answers. After ``not_after`` it must not
    reach the person any more, where the provider can be told so.
    """

    token: str
    channel: str
    recipient: str
    subject: str
    body: str
    html: str = ""
    reference: str = ""
    unsubscribe_url: str = ""
    quotes: str = ""
    template: TemplateCall | None = None
    files: tuple[File, ...] = ()
    not_after: datetime | None = None


class Waits(StrEnum):
    """Who has to wait when a message was ``NOT_TAKEN``.

    ``MESSAGE``: this message alone (no connection, a busy server of theirs).
    ``RECIPIENT``: everything to this address by this account (WhatsApp's 131056).
    ``ACCOUNT``: everything by this account (429, WhatsApp's 130429 and 613).
    """

    MESSAGE = "message"
    RECIPIENT = "recipient"
    ACCOUNT = "account"


# The code of a ``NOT_TAKEN`` that says that the account's key is worth nothing any more: the
# account stops once, and everything that waits for it is held until somebody puts it right.
REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Result:
    """``retry_after`` is in seconds: the provider's own words on when to come back.

    With ``NOT_TAKEN``, ``waits`` says whom else it holds up; neither an account nor a
    recipient that has to wait uses up the tries of a message. With ``REFUSED``,
    ``address_fault`` says that the address is to blame, in the words of ``StatusChange``.
    """

    outcome: Outcome
    provider_id: str = ""
    code: str = ""
    detail: str = ""
    retry_after: int | None = None
    waits: Waits = Waits.MESSAGE
    address_fault: str = ""


@dataclass(frozen=True, slots=True)
class InboundFile:
    """A file of a person's message: here already, or to be fetched by ``media_id``."""

    filename: str
    content_type: str
    content: bytes | None = None
    media_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """Something a person wrote to us. Without ``at``, the moment we were told counts.

    ``sender`` is the address it came from; it may be a scoped id (``bsuid:...``) where the
    provider hides the number, and ``sender_id`` is that scoped id when both were told.
    ``kind`` is a name of ``MESSAGE_KINDS``; ``content`` holds what such a kind has beside
    its text, as plain JSON. An automatic answer is stored, and answers nothing.
    ``answers`` names messages of ours, by provider's id or by ``reference``, best first.
    """

    provider_id: str
    sender: str
    body: str
    name: str = ""
    at: datetime | None = None
    sender_id: str = ""
    subject: str = ""
    html: str = ""
    kind: str = "text"
    content: dict[str, Any] = field(default_factory=dict)
    files: tuple[InboundFile, ...] = ()
    answers: tuple[str, ...] = ()
    is_automatic: bool = False


MESSAGE_KINDS = (
    "text",
    "image",
    "audio",
    "video",
    "document",
    "sticker",
    "location",
    "contacts",
    "interactive",
    "reaction",
    "system",
    "unsupported",
)


@dataclass(frozen=True, slots=True)
class StatusChange:
    """News of a message of ours, named by our ``token`` or the provider's id.

    ``status`` is ``sent``, ``delivered``, ``opened`` or ``failed``. ``address_fault`` says
    that the address itself is at fault (``hard_bounce``, ``complaint``, ``not_on_channel``)
    or that the provider holds an opt-out of its own for it (``opted_out``): that one is
    copied into our list, and no confirmation is sent. ``charged_as`` is the category that the
    provider charges the message by, and ``is_billable`` whether it does; None: it did not say.
    """

    status: str
    provider_id: str = ""
    token: str = ""
    at: datetime | None = None
    code: str = ""
    detail: str = ""
    address_fault: str = ""
    charged_as: str = ""
    is_billable: bool | None = None


@dataclass(frozen=True, slots=True)
class OptOutNotice:
    """A person told the provider to let us write no more, or again (``is_back``)."""

    sender: str
    at: datetime | None = None
    is_back: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AccountNotice:
    """News of the account: ``stopped``, ``quality``, ``limit`` or ``template``.

    Without ``at``, the moment we were told counts: what is older than what is known is not heeded.
    """

    kind: str
    value: str = ""
    name: str = ""
    language: str = ""
    detail: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a body that makes no sense, where the parts beside it do."""

    detail: str


Notice = InboundMessage | StatusChange | OptOutNotice | AccountNotice | Unread


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request of a provider as it came in; ``url`` is the configured public address."""

    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """A setting that an account of this adapter wants, for its form.

    ``options`` are the only values allowed, each with its label; ``is_long`` asks for a box
    of several lines. Words wait for the reader's language.
    """

    name: str
    label: "str | Lazy"
    is_secret: bool = False
    is_required: bool = True
    help: "str | Lazy" = ""
    options: "tuple[tuple[str, str | Lazy], ...]" = ()
    is_long: bool = False


class Unreadable(Exception):  # noqa: N818 - it says what the body is
    """A body that verified but makes no sense; it is kept and set aside."""


class Malformed(Unreadable):
    """Not even the wire format of the provider (no JSON, no form): it is not kept at all."""


class Adapter(Protocol):
    """``patience`` is the longest that one exchange can take, in seconds.

    An adapter that can do more has the members of one of the protocols below as well:
    whoever wants them asks with ``isinstance``.
    """

    needs: tuple[Need, ...]
    concurrency: int
    patience: int

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result: ...

    def verify(self, account: ChannelAccount, delivery: Delivery) -> bool:
        """Whether the provider signed exactly these bytes; False without a secret."""
        ...

    def parse(self, account: ChannelAccount, delivery: Delivery) -> list[Notice]:
        """Raises ``Unreadable`` and nothing else. ``headers`` are no longer known here."""
        ...


@runtime_checkable
class SpacesRecipients(Protocol):
    """``pair_seconds`` lie between two messages of one account to one address."""

    pair_seconds: float


@runtime_checkable
class LooksUp(Protocol):
    """Can ask the provider what became of a hand-over that nobody answered."""

    def look_up(
        self, account: ChannelAccount, token: str, recipient: str, since: datetime
    ) -> Result | None:
        """``ACCEPTED`` or ``REFUSED`` on proof; None as long as the provider does not know.

        That the provider knows nothing of it proves nothing: never ``NOT_TAKEN``.
        """
        ...


@dataclass(frozen=True, slots=True)
class RemoteTemplate:
    """A template as the provider lists it; see ``models.ProviderTemplate``."""

    name: str
    language: str
    category: str
    status: str
    components: list[dict[str, Any]]
    provider_id: str = ""
    quality: str = ""


@runtime_checkable
class KeepsTemplates(Protocol):
    """Its provider keeps templates, and has to approve each before it is used."""

    def templates(self, account: ChannelAccount) -> list[RemoteTemplate]:
        """All of them, or ``Unfetchable``: never a part."""
        ...


@runtime_checkable
class HasServiceWindow(Protocol):
    """Free text is for those who wrote within ``service_window``; the others get a template."""

    service_window: timedelta


@runtime_checkable
class AsksConsent(Protocol):
    """Its provider lets us write first only to those who agreed to it; see ``opt_ins``."""

    asks_consent: bool


@runtime_checkable
class Forbids(Protocol):
    """Its provider takes some messages for some countries from nobody, or from creditors only."""

    def forbids(self, address: str, *, tenant_type: str, category: str) -> str:
        """The code of why not, or nothing. ``category`` is the template's, empty without one."""
        ...


@runtime_checkable
class AnswersChallenges(Protocol):
    """Its provider asks by GET whether a webhook address is ours before it posts there."""

    def challenge(self, account: ChannelAccount, query: str) -> str | None:
        """What to answer to ``query``; None unless it knows what we agreed upon."""
        ...


@runtime_checkable
class ChecksSettings(Protocol):
    """Can tell a setting that is there and wrong before anything is sent with it."""

    def settings_faults(self, account: ChannelAccount) -> list[tuple[str, str]]:
        """The name of the ``Need`` at fault and a sentence for a person, one pair for each."""
        ...


class Unfetchable(Exception):  # noqa: N818 - it says what the file is
    """A file that cannot be had; ``is_final`` when asking again will not help."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


@runtime_checkable
class FetchesMedia(Protocol):
    """Can fetch a file that a person's message only names."""

    def fetch_media(self, account: ChannelAccount, media_id: str, *, most_bytes: int) -> File:
        """Reads no more than ``most_bytes``, from the provider's own hosts, without redirects.

        Raises ``Unfetchable``; its words are shown to people. An empty ``filename`` or
        ``content_type`` leaves what the message said of the file.
        """
        ...


def plain(value: object, *, most: int = 300) -> str:
    """``value`` as a text that the database can hold."""
    text = str(value).replace("\x00", "")
    return text.encode("utf-8", "replace").decode()[:most]
