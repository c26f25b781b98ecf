"""How the provider behaves: what it answers, and how it tells what became of a message."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

ANSWERS = (
    "ok", "code", "accept_then_500", "accept_then_cut", "cut", "429", "busy", "pair", "revoked",
    "refuse",
)  # fmt: skip
NOT_ACCEPTED = ("429", "busy", "pair", "revoked", "refuse", "cut")
MIXED_SECONDS = 3.0
# In the order that they come true.
STATUSES = ("sent", "delivered", "opened")


@dataclass
class Manners:
    """``answer`` is given to the share ``rate`` of the messages; the others are accepted.

    With ``code`` the provider says that very error, at once or afterwards, as it is said.
    It lasts for ``times`` messages, or for good when negative. ``auto`` tells the statuses
    unasked, up to ``until``, ``pace`` seconds apart. Every notice is ``delay`` seconds late and
    comes ``copies`` times, with ``shuffle`` in another order than it came true, and with
    ``forged`` signed by somebody else; ``is_silent`` tells nothing of a message whose answer
    went wrong.
    """

    latency: float = 0.0
    answer: str = "ok"
    code: str = ""
    times: int = -1
    rate: float = 1.0
    retry_after: int = 0
    is_silent: bool = False
    auto: bool = False
    until: str = "delivered"
    pace: float = 0.05
    delay: float = 0.0
    copies: int = 1
    shuffle: bool = False
    forged: bool = False

    def set(self, values: Mapping[str, object]) -> None:
        """Raises ValueError or AttributeError where there is no such thing to set."""
        told = dict(values)
        if "answer" in told:
            told = {"times": -1, "code": "", "is_silent": False} | told
        for name, value in told.items():
            kind = type(getattr(self, name))
            setattr(self, name, kind(value))
        if self.answer not in ANSWERS or self.until not in STATUSES:
            raise ValueError(f"{self.answer} {self.until}")

    def next(self) -> str:
        """What the message that comes now is answered; one that was asked for is used up."""
        if not self.times or random.random() >= self.rate:  # noqa: S311 - no secret
            return "ok"
        self.times -= self.times > 0
        return self.answer

    @property
    def wait(self) -> float:
        """Until what a person wrote is told; mixed up, a later one may overtake it."""
        return self.delay + (random.uniform(0, MIXED_SECONDS) if self.shuffle else 0)  # noqa: S311 - no secret

    @property
    def unasked(self) -> tuple[str, ...]:
        return STATUSES[: STATUSES.index(self.until) + 1] if self.auto else ()


# What outlives the process; an error that was asked for does not.
LASTING = ("auto", "until", "pace", "delay", "copies", "shuffle")


def disorder(told: list[str]) -> list[str]:
    """The same, in another order where there is one."""
    mixed = told[:]
    while len(set(told)) > 1 and mixed == told:
        random.shuffle(mixed)
    return mixed
