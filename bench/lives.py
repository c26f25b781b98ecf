"""Invented debtors with a past as lines for COPY, the same for one seed; no row of an ORM.

Each customer owes by a debt or three, was written to, wrote back, was called, promised and
paid or did not; what the lists read (standing, conversation) agrees with it line by line.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from acuerdo.customers import documents, profiles
from acuerdo.primitives import phone
from acuerdo.primitives.money import COUNTRY_CURRENCY
from acuerdo.simulator.life import INSTALMENTS, ZONES
from acuerdo.simulator.people import Person
from acuerdo.simulator.words import words
from bench.sheet import Sheet

# What each hundred of our messages came to.
FATES = (
    ["opened"] * 45 + ["delivered"] * 33 + ["sent"] * 8 + ["failed"] * 8 + ["not_sent"] * 6
)  # fmt: skip
CHANNELS = ["whatsapp"] * 6 + ["sms"] * 3 + ["email"] * 2
RESULTS = ["no_answer"] * 5 + [
    "voicemail",
    "third_party",
    "refuses",
    "cannot",
    "reminder",
    "promise",
]
ALERTS = ("refuses", "cannot", "promise_broken", "contact_failed", "report_unverified")
LETTERS = (
    "Hola {name}, su cuota de {product} venció. Puede pagarla hoy por transferencia o en agencia.",
    "{name}: le recordamos el pago pendiente de {product}. Si ya pagó, ignore este mensaje.",
    "Estimado cliente {name}, su deuda de {product} sigue pendiente. Escríbanos y lo ayudamos.",
)
PAST_DAYS = 540


@dataclass(frozen=True, slots=True)
class House:
    """Who works where: portfolios and advisers by country, and one account for each channel."""

    books: dict[str, list[int]]
    advisers: dict[str, list[int]]
    accounts: dict[str, int]


def shares(rng: random.Random, people: int, total: int) -> list[int]:
    """``total`` in ``people`` uneven parts: most had little to do with us, a few very much."""
    weights = [rng.expovariate(1) + 0.15 for _ in range(people)]
    whole, given, reached = sum(weights), 0, 0.0
    parts = []
    for weight in weights:
        reached += weight
        part = round(total * reached / whole) - given
        given += part
        parts.append(part)
    return parts


class Life:
    """One customer's lines; ``number`` keeps phones, codes and provider's ids apart."""

    def __init__(
        self, sheet: Sheet, house: House, person: Person, number: int, *, now: datetime, seed: int
    ) -> None:
        self.sheet, self.house, self.person, self.number = sheet, house, person, number
        self.now, self.today = now, now.date()
        self.rng = random.Random(f"{seed}-{number}")
        self.id = sheet.id("customers_customer")
        self.book = self.rng.choice(house.books[person.country])
        advisers = house.advisers[person.country]
        self.adviser = self.rng.choice(advisers) if self.rng.random() < 0.95 else None
        self.currency = COUNTRY_CURRENCY[person.country]
        self.began = now - timedelta(days=PAST_DAYS)
        self.points: dict[str, tuple[int, str]] = {}
        self.facts: list[tuple[datetime, str, Decimal, int]] = []
        self.product = self.rng.choice(words()["products"])

    def write(self, contacts: int) -> None:
        self._customer()
        self._points()
        self._debts()
        self._burdens()
        self._promises()
        self._past(contacts)

    def _customer(self) -> None:
        who = self.person
        first, last = who.first_name, who.last_name
        self.sheet.add(
            "customers_customer", self.id, self.book, self.adviser, who.document_type,
            who.document_number, documents.key(who.document_number), first, last,
            profiles.sort_key(first, last), "t" if who.is_company else "f", who.country,
            "", ZONES[who.country], "active", "{}", self.began, self.began,
        )  # fmt: skip

    def _points(self) -> None:
        tail = f"{(self.number * 48_271 + 11) % 10**8:08d}"
        prefix = {"PE": "+519", "CL": "+569", "CO": "+5730", "MX": "+5255", "AR": "+54911"}
        mobile = prefix[self.person.country] + tail
        self._point("phone", mobile, phone.key(mobile))
        if self.rng.random() < 0.7:
            address = self.person.email.lower()
            self._point("email", address, address)

    def _point(self, kind: str, value: str, key: str) -> None:
        id_ = self.sheet.id("customers_contactpoint")
        self.points[kind] = (id_, value)
        self.sheet.add(
            "customers_contactpoint", id_, self.id, kind, "debtor", value, key, 1, "t", "[]", "",
            self.began,
        )  # fmt: skip

    def _debts(self) -> None:
        oldest = self.rng.choice((-20, -5, 2, 8, 15, 25, 40, 60, 90, 130, 200))
        oldest += self.rng.randrange(12)
        open_ones = [
            due
            for place in range(self.rng.choice((1, 1, 2, 3)))
            if (due := self._debt(place, oldest - 30 * place)) is not None
        ]
        amount = sum((balance for balance, _due in open_ones), Decimal(0))
        late = sum((balance for balance, due in open_ones if due < self.today), Decimal(0))
        first = min((due for _balance, due in open_ones), default=None)
        currency = self.currency if open_ones else ""
        self.sheet.add(
            "customers_standing", self.id, self.book, self.adviser, currency, amount, late, first,
            len(open_ones), self.today,
        )  # fmt: skip
        if open_ones:
            self.sheet.add("customers_balance", self.id, currency, amount, late, first)

    def _debt(self, place: int, age: int) -> tuple[Decimal, "object"] | None:
        low, high, step = INSTALMENTS[self.currency]
        unit = Decimal(step)
        amount = (Decimal(self.rng.randint(low, high)) / unit).to_integral_value() * unit
        due = self.today - timedelta(days=age)
        paid = self.rng.choice((0, 0, 0, 0, 0, 1, 2))
        balance = Decimal(0) if paid == 2 and place else amount - (amount // 3 if paid == 1 else 0)
        id_ = self.sheet.id("ledger_debt")
        posted = self.now - timedelta(days=age + 35)
        self.sheet.add(
            "ledger_debt", id_, self.id, f"L{self.number}-{place}", self.product, self.currency,
            amount, balance, due - timedelta(days=30), due, "open" if balance else "settled", "",
            "{}", posted, posted,
        )  # fmt: skip
        self.sheet.add("ledger_entry", id_, "principal", amount, posted.date(), posted, None, "")
        if balance != amount:
            self._payment(id_, place, amount - balance, is_whole=not balance, age=age)
        return (balance, due) if balance else None

    def _payment(self, debt: int, place: int, amount: Decimal, *, is_whole: bool, age: int) -> None:
        id_ = self.sheet.id("ledger_payment")
        at = self.now - timedelta(days=max(age - self.rng.randrange(30), 1), minutes=5)
        self.sheet.add(
            "ledger_payment", id_, self.id, f"P{self.number}-{place}", self.currency, amount, 0,
            at.date(), "Transferencia", "", "posted", at,
        )  # fmt: skip
        self.sheet.add("ledger_entry", debt, "payment", -amount, at.date(), at, id_, "")
        self.facts.append((at, "payment" if is_whole else "partial_payment", amount, id_))

    def _burdens(self) -> None:
        if self.rng.random() < 0.06:
            raised = self.now - timedelta(days=self.rng.randrange(1, 40))
            self.sheet.add("customers_alert", self.id, self.rng.choice(ALERTS), "", raised)
        if self.rng.random() < 0.01:
            until = self.today + timedelta(days=self.rng.randrange(2, 20))
            self.sheet.add("customers_pause", self.id, until, "", self.now - timedelta(days=1))

    def _promises(self) -> None:
        if self.rng.random() >= 0.15:
            return
        status = self.rng.choice(("pending", "kept", "broken", "broken"))
        days = self.rng.randrange(1, 5) if status == "pending" else self.rng.randrange(20, 200)
        made = self.now - timedelta(days=days, hours=2)
        amount = Decimal(self.rng.randint(*INSTALMENTS[self.currency][:2]))
        id_ = self.sheet.id("ledger_promise")
        due = made.date() + timedelta(days=8)
        self.sheet.add(
            "ledger_promise", id_, self.id, self.currency, amount,
            amount if status == "kept" else 0, made.date(), due,
            self.rng.choice(words()["promises"]), status, made,
            None if status == "pending" else made + timedelta(days=9),
        )  # fmt: skip
        self.facts.append((made, "promise", amount, id_))

    def _past(self, contacts: int) -> None:
        facts = self.facts[: contacts // 3]
        past = Past(self)
        for at, fact, amount, subject in facts:
            past.moments.append((at, fact, amount, subject))
        for at in self._moments(contacts - len(facts)):
            past.moments.append((at, "", None, None))
        past.write()

    def _moments(self, count: int) -> Iterator[datetime]:
        """Office hours of days gone by, more of them the nearer; a few are of this very day."""
        noon = self.now.replace(hour=13, minute=0, second=0, microsecond=0)
        for _turn in range(count):
            days = 1 + int((PAST_DAYS - 2) * self.rng.random() ** 2)
            if self.rng.random() < 0.02:
                yield self.now - timedelta(seconds=self.rng.randrange(60, 14_400))
            else:
                yield noon - timedelta(days=days, seconds=-self.rng.randrange(39_600))


class Past:
    """The contacts of one life in their order, and the conversation that they come to."""

    def __init__(self, life: Life) -> None:
        self.life, self.sheet, self.rng = life, life.sheet, life.rng
        self.moments: list[tuple[datetime, str, Decimal | None, int | None]] = []
        self.unanswered = 0
        self.since: datetime | None = None
        self.last_inbound: datetime | None = None
        self.last: tuple[object, ...] | None = None

    def write(self) -> None:
        for at, fact, amount, subject in sorted(self.moments, key=lambda moment: moment[0]):
            if fact:
                self._fact(at, fact, amount, subject)
            else:
                self._contact(at)
        if self.rng.random() < 0.05:
            self._call_of_today()
        self._conversation()

    def _contact(self, at: datetime) -> None:
        roll = self.rng.random()
        if roll < 0.62:
            self._sent(at, self.rng.choice(CHANNELS))
        elif roll < 0.76:
            self._received(at)
        elif roll < 0.95 or self.life.adviser is None:
            self._call(at)
        else:
            self._note(at)

    def _row(
        self, at: datetime, kind: str, channel: str, direction: str, status: str, **more: object
    ) -> int:
        life, told = self.life, more.get
        id_ = self.sheet.id("interactions_interaction")
        self.sheet.add(
            "interactions_interaction", id_, life.id, kind, told("fact", ""), channel, direction,
            status, told("origin", "manual"), told("source", ""), told("template", ""),
            told("recipient", ""), told("summary", ""), told("reason", ""), "", told("amount"),
            life.currency if told("amount") else "", told("subject"), life.book, life.adviser, at,
            at, told("sent_at"), told("delivered_at"), told("opened_at"),
        )  # fmt: skip
        return id_

    def _sent(self, at: datetime, channel: str) -> None:
        life = self.life
        point = life.points.get("email" if channel == "email" else "phone")
        if point is None:
            channel, point = "sms", life.points["phone"]
        name = life.person.first_name.split()[0]
        body = self.rng.choice(LETTERS).format(name=name, product=life.product)
        status = self.rng.choice(FATES)
        reached = {"sent": 1, "delivered": 2, "opened": 3}.get(status, 0)
        times = (at, at + timedelta(seconds=40), at + timedelta(minutes=25))
        stamps = dict(zip(("sent_at", "delivered_at", "opened_at"), times[:reached], strict=False))
        is_flow = self.rng.random() < 0.85
        id_ = self._row(
            at, "message", channel, "outgoing", status, origin="flow" if is_flow else "manual",
            source="Estrategia general" if is_flow else "", recipient=point[1], summary=body,
            template="Recordatorio" if is_flow else "",
            reason="not_on_channel" if status == "failed" else "", **stamps,
        )  # fmt: skip
        self._message(id_, channel, point, body, 1 if is_flow else None, "out" if reached else "")
        self._show(id_, at, channel, "outgoing", status, body)
        if not is_flow or self.rng.random() < 0.3:
            self.unanswered, self.since = 0, None

    def _message(
        self,
        id_: int,
        channel: str,
        point: tuple[int, str],
        body: str,
        version: int | None,
        way: str,
    ) -> None:
        subject = "Su cuenta" if channel == "email" else ""
        self.sheet.add(
            "conversations_message", id_, self.life.house.accounts[channel], point[0], point[1],
            subject, body, version, f"load-{way}-{id_}" if way else None,
        )  # fmt: skip

    def _received(self, at: datetime) -> None:
        channel = self.rng.choice(("whatsapp", "whatsapp", "whatsapp", "sms"))
        point, body = self.life.points["phone"], self.rng.choice(words()["open"])
        id_ = self._row(
            at, "message", channel, "incoming", "received", recipient=point[1], summary=body
        )
        self._message(id_, channel, point, body, None, "in")
        self._show(id_, at, channel, "incoming", "received", body)
        self.unanswered += 1
        self.since, self.last_inbound = self.since or at, at

    def _call(self, at: datetime) -> None:
        result = self.rng.choice(RESULTS)
        missed = result in ("no_answer", "voicemail", "third_party")
        call = self.sheet.id("calls_call")
        id_ = self._row(
            at, "call", "call", "outgoing", "not_contacted" if missed else "contacted",
            recipient=self.life.points["phone"][1], subject=call,
        )  # fmt: skip
        self._task(call, id_, at, "done", result)
        if not missed:
            self.unanswered, self.since = 0, None

    def _task(self, call: int, id_: int, at: datetime, status: str, result: str) -> None:
        life, is_done = self.life, status == "done"
        self.sheet.add(
            "calls_call", call, life.id, id_, life.book, life.adviser,
            self.rng.choice(("flow", "flow", "call_back", "retry", "manual")), at.date(), 1,
            words()["scripts"][0], status, result, "", life.adviser if is_done else None,
            at if is_done else None, at,
        )  # fmt: skip

    def _call_of_today(self) -> None:
        call, at = self.sheet.id("calls_call"), self.life.now
        id_ = self._row(at, "call", "call", "outgoing", "pending_call", origin="flow", subject=call)
        self._task(call, id_, at, "pending", "")

    def _note(self, at: datetime) -> None:
        body = self.rng.choice(words()["notes"])
        id_ = self._row(at, "note", "note", "outgoing", "generated", summary=body)
        self.sheet.add("conversations_note", id_, body, self.life.adviser)

    def _fact(self, at: datetime, fact: str, amount: Decimal | None, subject: int | None) -> None:
        self._row(
            at, "fact", "dashboard", "outgoing", "generated", fact=fact, amount=amount,
            subject=subject,
        )  # fmt: skip

    def _show(self, id_: int, at: datetime, channel: str, way: str, status: str, body: str) -> None:
        self.last = (at, channel, way, status, id_, body[:160])

    def _conversation(self) -> None:
        if self.last is None:
            return
        life = self.life
        # Most of what came in long ago was seen to, in one way or another.
        is_old = self.since is not None and (life.now - self.since).days > 12
        if is_old and self.rng.random() < 0.8:
            self.unanswered, self.since = 0, None
        self.sheet.add(
            "conversations_conversation", life.id, life.book, life.adviser, self.since,
            self.unanswered, *self.last, self.last_inbound,
        )  # fmt: skip
