"""The packs: what each country allows, as data. Anything a pack does not open is closed.

A pack is read once, checked, and known by its version and the hash of its text, which
every decision keeps. A rule that this engine cannot weigh keeps its pack from loading:
a limit that is silently ignored is worse than no pack at all.
"""

import hashlib
from datetime import date, time
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = "24:00"

Medium = Literal["all", "call", "visit", "sms", "whatsapp", "email", "letter", "push"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Part(BaseModel):
    """A piece of a pack: unknown fields are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Basis(Part):
    ref: str
    url: str = ""
    status: Literal["verified", "secondary", "unverified"]


class Rule(Part):
    """What every rule has. One without ``readings`` holds under all of them."""

    id: str
    basis: str
    media: tuple[Medium, ...] = Field(min_length=1)
    readings: tuple[str, ...] = ()
    kind: Literal["law", "house"] = "law"

    def covers(self, channel: str) -> bool:
        return "all" in self.media or channel in self.media


class HoursRule(Rule):
    """Open from ``open`` until just before ``close``, local time, on ``days``."""

    days: tuple[Day, ...]
    open: str = Field(pattern=r"^\d\d:\d\d$")
    close: str = Field(pattern=r"^\d\d:\d\d$")
    holidays: Literal["closed", "open"] = "closed"

    @property
    def opens(self) -> time:
        return time.fromisoformat(self.open)

    @property
    def closes(self) -> time | None:
        """The first closed moment; None is the midnight that ends the day."""
        return None if self.close == MIDNIGHT else time.fromisoformat(self.close)


class Window(Part):
    rolling_days: int | None = None
    calendar_days: int | None = None

    @property
    def days(self) -> int:
        """Local dates in the window, today included: both kinds count dates, not hours."""
        return self.rolling_days or self.calendar_days or 1


class CapRule(Rule):
    """At most ``max`` contacts (or distinct media) in the window, or a gap between two."""

    measure: Literal["events", "distinct_media"] = "events"
    per: Literal["medium"] | None = None
    counts: Literal["attempted", "delivered", "two_way"] = "attempted"
    subject: Literal["debtor", "debtor_debt"] = "debtor"
    window: Window | None = None
    max: int | None = None
    min_full_days_between: int | None = None
    min_hours_between: int | None = None
    armed_by: Literal["two_way", "inbound"] | None = None

    @property
    def is_weighable(self) -> bool:
        """Whether the evaluator knows this kind of cap."""
        plain = self.counts == "attempted" and self.subject == "debtor"
        counted = self.window is not None and self.max is not None
        spaced = self.min_full_days_between is not None
        odd = self.per or self.armed_by or self.min_hours_between
        return plain and (counted or spaced) and not odd

    @property
    def reach(self) -> int:
        """How many local dates back a contact can still matter."""
        window = self.window.days if self.window else 0
        return max(window, (self.min_full_days_between or 0) + 1)


class Exempt(Part):
    """Purposes that a rule does not bind; purposes are set by code, never free text."""

    hours: tuple[str, ...] = ()
    caps: tuple[str, ...] = ()


class Calendar(Part):
    country: str
    subdivision: str = ""
    categories: tuple[str, ...] = ("public",)
    unknown_subdivision: Literal["union", "national"] = "national"
    extra_closed: tuple[date, ...] = ()


class Pack(Part):
    """One country's rules. The untyped fields are facts that later engines will weigh."""

    pack: str
    version: date
    content_hash: str
    applies_to: dict[str, Any]
    basis: dict[str, Basis]
    default_reading: str
    calendar: Calendar
    clock: dict[str, str]
    hours: tuple[HoursRule, ...]
    caps: tuple[CapRule, ...] = ()
    exempt: Exempt = Exempt()
    caller_id: dict[str, Any] = {}
    consent: dict[str, Any] = {}
    contact_points: dict[str, Any] = {}
    content: dict[str, Any] = {}
    data: dict[str, Any] = {}
    duties: list[dict[str, Any]] = []
    media_forbidden: list[dict[str, Any]] = []
    notices: list[dict[str, Any]] = []
    records: dict[str, Any] = {}
    stops: list[str] = []
    third_parties: dict[str, Any] = {}

    def __hash__(self) -> int:
        """Packs are keys of caches; the hash of the text stands for all of it."""
        return hash((self.pack, self.content_hash))

    @model_validator(mode="after")
    def _is_sound(self) -> "Pack":
        rules: tuple[Rule, ...] = (*self.hours, *self.caps)
        if len({rule.id for rule in rules}) != len(rules):
            raise ValueError("two rules share an id")
        for rule in rules:
            if rule.basis != "house" and rule.basis not in self.basis:
                raise ValueError(f"{rule.id}: basis {rule.basis} is not in the pack")
        for cap in self.caps:
            if self._is_read(cap) and not cap.is_weighable:
                raise ValueError(f"{cap.id}: the engine cannot weigh this cap")
        return self

    def _is_read(self, rule: Rule) -> bool:
        return not rule.readings or self.default_reading in rule.readings

    @property
    def pack_version(self) -> str:
        return f"{self.version}+{self.content_hash}"

    def hours_for(self, channel: str) -> tuple[HoursRule, ...]:
        return tuple(rule for rule in self.hours if self._is_read(rule) and rule.covers(channel))

    @lru_cache(maxsize=256)  # noqa: B019 - packs live as long as the process
    def caps_for(self, channel: str) -> tuple[CapRule, ...]:
        return tuple(rule for rule in self.caps if self._is_read(rule) and rule.covers(channel))

    def law(self, rule_id: str) -> str:
        """The reference that a rule rests on; empty for a house rule."""
        for rule in (*self.hours, *self.caps):
            if rule.id == rule_id and rule.kind == "law" and rule.basis != "house":
                return self.basis[rule.basis].ref
        return ""


def read(text: str) -> Pack:
    """A pack from its YAML text; raises pydantic's ValidationError for an unsound one."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Pack.model_validate({**yaml.safe_load(text), "content_hash": digest})


@lru_cache
def pack_for(country: str) -> Pack | None:
    """The pack of a country (ISO code), or None where nobody has written one."""
    if not country.isalpha():
        return None
    file = files("acuerdo.contact_policy").joinpath("packs", f"{country}.yaml")
    return read(file.read_text(encoding="utf-8")) if file.is_file() else None
