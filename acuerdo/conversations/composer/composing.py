"""What the box for writing shows: the channels of a customer, and whether the policy is open now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.channels import accounts
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.contact_policy import decide
from acuerdo.contact_policy.models import Answer
from acuerdo.contact_policy.verdicts import REASONS, Verdict
from acuerdo.conversations.composer import hours_bar
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.sending import windows
from acuerdo.conversations.team import ownership
from acuerdo.customers import contact_points, pauses
from acuerdo.customers.models import ContactPoint, Customer, Pause
from acuerdo.customers.zones import place_of, zone_of
from acuerdo.organization import reading, settings
from acuerdo.organization.models import User
from acuerdo.organization.permissions import may
from acuerdo.primitives import clock

NOTE = "note"
# The clock of the service window turns amber.
LATE = timedelta(hours=4)
ICONS = {
    "whatsapp": "brand-whatsapp",
    "sms": "message-2",
    "email": "mail",
    "call": "phone",
    NOTE: "note",
}
WRITTEN = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL)
NO_POINT: dict[str, str | Promise] = {
    Channel.WHATSAPP: gettext_lazy("El cliente no tiene un número con WhatsApp utilizable."),
    Channel.SMS: gettext_lazy("El cliente no tiene un teléfono utilizable."),
    Channel.EMAIL: gettext_lazy("El cliente no tiene un correo utilizable."),
    Channel.CALL: gettext_lazy("El cliente no tiene un teléfono utilizable."),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """A channel of the composer; ``lock`` says why nothing can be written by it.

    ``is_closed`` is told where the policy was asked: of all of them once the chosen one is.
    """

    channel: str
    label: str
    point: ContactPoint | None = None
    lock: str = ""
    account: ChannelAccount | None = None
    is_closed: bool = False

    @property
    def icon(self) -> str:
        return "lock" if self.lock or self.is_closed else ICONS[self.channel]


@dataclass(frozen=True, slots=True)
class Gate:
    """What the policy says of one channel now, in the words of the composer."""

    verdict: Verdict
    now: datetime
    paused: str = ""

    @property
    def is_open(self) -> bool:
        return self.verdict.is_allowed

    @property
    def can_wait(self) -> bool:
        return self.verdict.answer == Answer.LATER and self.verdict.until is not None

    @property
    def opens(self) -> datetime | None:
        """When it opens on the customer's clock; naive, so that no filter moves it."""
        until = self.verdict.until
        return clock.wall(until, self.verdict.zone) if until else None

    @property
    def reason(self) -> str:
        words = str(REASONS.get(self.verdict.reason, self.verdict.reason))
        return f"{words[:-1]}: {self.verdict.detail}." if self.verdict.detail else words

    @property
    def rule(self) -> str:
        """The hours of the country where they are what closes it, else the law of the rule."""
        if self.verdict.reason in ("closed_hours", "holiday") and self.verdict.schedule:
            return self.verdict.schedule
        if not self.verdict.rule:
            return ""
        return f"{self.verdict.law}." if self.verdict.law else _("Regla de la casa.")

    @property
    def bar(self) -> hours_bar.Bar | None:
        return hours_bar.of(self.verdict, at=self.now)

    @property
    def missing(self) -> str:
        """How long until it opens: 11 h 48 min."""
        if self.verdict.until is None:
            return ""
        return lasting(self.verdict.until - self.now)

    @property
    def ordinal(self) -> int:
        return self.verdict.used_this_week + 1

    @property
    def is_beyond_cap(self) -> bool:
        """Open all the same: packs exempt the answer to somebody who has just written."""
        allowed = self.verdict.allowed_this_week
        return allowed is not None and self.ordinal > allowed


def lasting(time: timedelta) -> str:
    """11 h 48 min."""
    minutes = max(int(time / timedelta(minutes=1)), 0)
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
    return _("%(minutes)d min") % {"minutes": rest}


@dataclass(frozen=True, slots=True)
class Clock:
    """The provider's service window: free text while it is open, approved templates after."""

    closes_at: datetime | None
    now: datetime

    @property
    def is_open(self) -> bool:
        return self.closes_at is not None and self.now < self.closes_at

    @property
    def is_late(self) -> bool:
        return self.closes_at is not None and self.closes_at - self.now < LATE

    @property
    def seconds(self) -> int:
        return int((self.closes_at - self.now).total_seconds()) if self.closes_at else 0

    @property
    def left(self) -> str:
        return lasting(self.closes_at - self.now) if self.closes_at else ""


@dataclass(frozen=True, slots=True)
class Other:
    """What channels that were not chosen offer: those that say the same are named together."""

    names: str
    words: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Composer:
    """The box as it stands for one channel; ``gate`` is None where nothing may be written."""

    customer: Customer
    tabs: list[Tab]
    channel: str
    gate: Gate | None
    others: list[Other]
    is_allowed: bool
    window: Clock | None = None
    refusal: str = ""
    pause: Pause | None = None

    @property
    def needs_template(self) -> bool:
        return self.window is not None and not self.window.is_open

    @property
    def tab(self) -> Tab:
        return next(tab for tab in self.tabs if tab.channel == self.channel)

    @property
    def is_note(self) -> bool:
        return self.channel == NOTE

    @property
    def is_call(self) -> bool:
        return self.channel == Channel.CALL


def composer(customer: Customer, user: User, *, channel: str = "", at: datetime) -> Composer:
    """``channel`` is what was asked for; without it, the one the customer answers by."""
    tabs = _tabs(customer, user)
    chosen = channel if channel in {tab.channel for tab in tabs} else _usual(customer, tabs)
    tab = next(tab for tab in tabs if tab.channel == chosen)
    refused = None if chosen == NOTE else ownership.refusal(user, customer)
    is_closed = chosen == NOTE or bool(tab.lock) or refused is not None
    gate = None if is_closed else gate_of(customer, chosen, at=at)
    others = []
    if gate is not None and not gate.is_open:
        beside = _beside(customer, tabs, chosen, at=at)
        tabs = [_closed(each, beside) for each in tabs]
        others = _others(tabs, chosen, beside)
    is_allowed = may(user, "notes.write" if chosen == NOTE else "messages.send")
    window = None if is_closed else window_of(customer, tab, at=at)
    sentence = refused.sentence if refused else ""
    pause = pause_of(customer)
    return Composer(customer, tabs, chosen, gate, others, is_allowed, window, sentence, pause)


def window_of(customer: Customer, tab: Tab, *, at: datetime) -> Clock | None:
    """None where the provider takes free text at any time."""
    if tab.account is None or tab.point is None:
        return None
    found = windows.of(tab.account, customer, tab.point.value)
    return Clock(found.closes_at, at) if found else None


def gate_of(customer: Customer, channel: str, *, at: datetime) -> Gate:
    organization = settings.current()
    paused = organization.sending_paused_reason or _("sin motivo anotado")
    return Gate(
        decide.preview(customer, channel=channel, at=at),
        at,
        paused if organization.sending_paused_at else "",
    )


def _tabs(customer: Customer, user: User) -> list[Tab]:
    writing = accounts.active()
    points = contact_points.by_channel(customer)
    tabs = []
    for channel in (*WRITTEN, Channel.CALL):
        point = points.get(channel)
        lock = "" if point else str(NO_POINT[channel])
        if channel not in writing and channel != Channel.CALL:
            lock = _("No hay una cuenta activa para este canal.")
        tabs.append(Tab(channel, str(channel.label), point, lock, writing.get(channel)))
    if may(user, "notes.write"):
        tabs.append(Tab(NOTE, _("Nota")))
    return tabs


def _usual(customer: Customer, tabs: Iterable[Tab]) -> str:
    """The channel of the last exchange, else the first that works, else the note."""
    open_ones = [tab.channel for tab in tabs if not tab.lock and tab.channel != Channel.CALL]
    conversation = row_of(customer)
    if conversation and conversation.last_channel in open_ones:
        return conversation.last_channel
    return open_ones[0] if open_ones else Channel.WHATSAPP


def row_of(customer: Customer) -> Conversation | None:
    """The customer's row of the inbox; a page asks for it in several places."""
    key = "conversation", customer.pk
    return reading.once(key, lambda: Conversation.objects.filter(pk=customer.pk).first())


def pause_of(customer: Customer) -> Pause | None:
    return reading.once(("pause", customer.pk), lambda: pauses.running(customer))


def _beside(
    customer: Customer, tabs: Iterable[Tab], chosen: str, *, at: datetime
) -> dict[str, Gate]:
    """The gates of the channels that could be used instead of ``chosen``."""
    usable = [each.channel for each in tabs if not each.lock and each.channel != NOTE]
    return {
        channel: Gate(decide.preview(customer, channel=channel, at=at), at)
        for channel in usable
        if channel != chosen
    }


def _closed(tab: Tab, gates: Mapping[str, Gate]) -> Tab:
    gate = gates.get(tab.channel)
    return replace(tab, is_closed=gate is not None and not gate.is_open)


def _others(tabs: Iterable[Tab], chosen: str, gates: Mapping[str, Gate]) -> list[Other]:
    said: dict[tuple[str, bool], list[str]] = {}
    for tab in tabs:
        if tab.channel in (chosen, NOTE):
            continue
        gate = gates.get(tab.channel)
        words = _in_short(gate, tab.channel) if gate else tab.lock
        said.setdefault((words, gate is not None and gate.is_open), []).append(tab.label)
    return [Other(_listed(names), words, is_open) for (words, is_open), names in said.items()]


def _listed(names: Sequence[str]) -> str:
    """«SMS, Correo y Llamada»."""
    return _(" y ").join(filter(None, (", ".join(names[:-1]), names[-1])))


def _in_short(gate: Gate, channel: str) -> str:
    if gate.is_open and channel == Channel.CALL:
        return _("se puede llamar ahora.")
    if gate.is_open:
        return _("se puede escribir ahora.")
    when = gate.opens
    if when is None:
        return gate.reason
    return _("%(reason)s Se abre el %(when)s.") % {
        "reason": gate.reason,
        "when": formats.date_format(when, "D j M, H:i").lower(),
    }


def local_hour(customer: Customer, at: datetime) -> str:
    """«Bogotá, 19:12»: where the customer is and what time it is there."""
    zone = zone_of(customer)
    return f"{place_of(zone)}, {at.astimezone(ZoneInfo(zone)):%H:%M}"
