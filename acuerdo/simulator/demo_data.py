"""Invented debtors with a past, for the demonstration. Loaded once, the same for one seed.

Everything goes through the operations of the product, each at its own moment of the past,
so that the demonstration can show nothing that the product cannot do.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.contact_policy import hours, rules
from acuerdo.contact_policy.hours import Place
from acuerdo.conversations.receiving import unknown_senders
from acuerdo.conversations.sending import counting
from acuerdo.customers import segments
from acuerdo.customers.segment_rules import Rule
from acuerdo.flows import days, files
from acuerdo.flows.models import Flow
from acuerdo.ledger import standings
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.simulator import approved, cast, letters, life, people, portfolio, turns
from acuerdo.simulator import lines as sim_lines
from acuerdo.simulator.words import words

CUSTOMERS = 300
SEED = 7
STRATEGY = Path(__file__).resolve().parents[2] / "examples" / "strategy.yaml"
# A demonstration begins well into the morning, with most of the day ahead.
SETTLED = timedelta(hours=2, minutes=30)
ENOUGH = timedelta(hours=4)


@transaction.atomic
def load(*, count: int = CUSTOMERS, seed: int = SEED, at: datetime) -> int:
    """How many customers were made: none when the demonstration is there already."""
    if cast.is_loaded():
        return 0
    at = _open_the_day(at)
    everybody = cast.gather(at=at)
    lines = sim_lines.open_all(at=at)
    files.load(STRATEGY.read_text(encoding="utf-8"), by=everybody.administrator, at=at)
    sim_lines.approve(lines[Channel.WHATSAPP], at=at)
    sim_lines.price(lines, by=everybody.administrator, at=at)
    approved.stand_on(lines[Channel.WHATSAPP], by=everybody.administrator, at=at)
    lives = [
        life.invent(person, number, cast=everybody, accounts=lines, seed=seed, now=at)
        for number, person in enumerate(people.invent(count, seed=seed))
    ]
    portfolio.bring_in(lives, by=everybody.administrator, at=at)
    # The letters name what is overdue, and the figures are still those of the day each debt came in.
    standings.refresh([each.customer.pk for each in lives], on=_today())
    flow = Flow.objects.get(portfolio=None, is_active=True)
    letters.write_all(lives, flow=flow)
    for each, turn in turns.deal(lives, seed=seed):
        turn(each)
    _segments(by=everybody.administrator, at=at)
    _settle(lives, at=at)
    _stranger(lines[Channel.WHATSAPP], at=at)
    counting.catch_up(at=at)
    return len(lives)


def _open_the_day(at: datetime) -> datetime:
    """Move the demonstration's clock into office hours: at night everything would wait."""
    organization = settings.current()
    pack, place = rules.pack_for(organization.country), Place((organization.time_zone,))
    if pack is None:
        return at
    window = hours.window_at(pack, place, Channel.WHATSAPP, at)
    if window and window.end - at > ENOUGH and at - window.start > SETTLED:
        return at
    ahead = at if window is None or at - window.start <= SETTLED else window.end
    morning = hours.next_open(pack, place, Channel.WHATSAPP, ahead)
    if morning is None:
        return at
    start = hours.window_at(pack, place, Channel.WHATSAPP, morning)
    opened = (start.start if start else morning) + SETTLED
    settings.move_clock(opened - at)
    return opened


# In their order: of two that fit, the first is the customer's.
SEGMENTS = {
    "Con reclamo": ("claim", "open"),
    "Castigada": ("portfolio_kind", "charged_off"),
    "No contactable": ("reachable", "no"),
    "Empresas": ("person", "company"),
    "Personas": ("person", "person"),
}


def _segments(*, by: User, at: datetime) -> None:
    for name, (variable, value) in SEGMENTS.items():
        segments.create(name, Rule(chosen=((variable, (value,)),)), by=by, at=at)


def _settle(lives: list[life.Life], *, at: datetime) -> None:
    """What the night would have done: promises judged, reports expired, figures of today."""
    standings.refresh([each.customer.pk for each in lives], on=_today())
    days.begin(on=_today(), at=at)


def _today() -> date:
    return clock.today(settings.current().time_zone)


def _stranger(line: ChannelAccount, *, at: datetime) -> None:
    person = words()["unknown"]
    message = InboundMessage("demo-stranger", "+51911000001", person["body"], person["name"])
    unknown_senders.receive(line, message, at=at)
