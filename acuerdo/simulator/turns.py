"""What became of each invented debtor: every alert, promise, report and result is somebody's."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from acuerdo.calls import results, scheduling
from acuerdo.calls.models import CallSource
from acuerdo.contact_policy import opt_outs
from acuerdo.conversations.team import notes
from acuerdo.customers import contact_points, pauses
from acuerdo.ledger import debts, payment_reports, payments, promises
from acuerdo.ledger.models import PaymentReport
from acuerdo.primitives.money import Money
from acuerdo.simulator.life import Life
from acuerdo.simulator.words import words

Turn = Callable[[Life], None]
METHODS = ("Transferencia", "Depósito", "Tarjeta", "Efectivo")


def pay(life: Life, amount: Money, *, days_ago: int) -> None:
    at = life.moment(days_ago)
    payments.record(
        life.customer,
        amount=amount,
        paid_on=life.on(at),
        code=f"PG-{life.number:04d}-{days_ago}",
        method=life.rng.choice(METHODS),
        by=None,
        at=at,
    )


def part(life: Life, share: str) -> Money:
    return life.money(life.oldest().amount * Decimal(share))


def call(life: Life, result: str, *, days_ago: int, note: str = "", **data: object) -> None:
    results.register_unplanned(
        life.customer, result, data=data, note=note, by=life.by, at=life.moment(days_ago)
    )


def promise(life: Life, *, made: int, due: int, share: str = "1") -> None:
    """Made in a call ``made`` days ago, for the date ``due`` days from today."""
    due_on = life.workday(life.today + timedelta(days=due))
    note = life.rng.choice(words()["promises"])
    amount = part(life, share)
    call(life, "promise", days_ago=made, note=note, amount=amount.amount,
         currency=amount.currency, due_on=due_on)  # fmt: skip


def promise_pending(life: Life) -> None:
    promise(life, made=life.rng.randint(1, 4), due=life.rng.randint(1, 6))


def promise_today(life: Life) -> None:
    promise(life, made=3, due=0)


def promise_broken(life: Life) -> None:
    promise(life, made=12, due=-4)


def promise_kept(life: Life) -> None:
    promise(life, made=9, due=-1, share="0.5")
    pay(life, part(life, "0.5"), days_ago=2)


def promise_half_kept(life: Life) -> None:
    promise(life, made=11, due=-3)
    pay(life, part(life, "0.4"), days_ago=4)


def promise_cancelled(life: Life) -> None:
    due_on = life.today + timedelta(days=5)
    made = promises.register(
        life.customer, amount=life.oldest(), due_on=due_on, by=life.by, at=life.moment(5)
    )
    promises.cancel(made, note="Pidió otra fecha.", by=life.by, at=life.moment(2))


def paid_in_part(life: Life) -> None:
    pay(life, part(life, life.rng.choice(("0.25", "0.4", "0.6"))), days_ago=life.rng.randint(2, 20))


def settled(life: Life) -> None:
    pay(life, life.owed(), days_ago=life.rng.randint(1, 25))


def reported(life: Life, *, days_ago: int = 0) -> PaymentReport:
    at = life.moment(days_ago or life.rng.randint(1, 2))
    return payment_reports.report(
        life.customer,
        amount=part(life, "1"),
        paid_on=life.on(at),
        method=METHODS[0],
        reference=f"OP{life.number:06d}",
        note=life.rng.choice(words()["reports"]),
        by=life.by,
        at=at,
    )


def report_pending(life: Life) -> None:
    reported(life)


def report_forgotten(life: Life) -> None:
    """Nobody verified it in time, so the night raises an alert."""
    reported(life, days_ago=10)


def report_verified(life: Life) -> None:
    payment_reports.verify(reported(life), by=life.by, at=life.moment(0))


def report_rejected(life: Life) -> None:
    payment_reports.reject(
        reported(life), note="No figura en el banco.", by=life.by, at=life.moment(0)
    )


def refuses(life: Life) -> None:
    call(life, "refuses", days_ago=6, note=life.rng.choice(words()["refuses"]))


def cannot(life: Life) -> None:
    call(life, "cannot", days_ago=8, note=life.rng.choice(words()["cannot"]))


def restructuring(life: Life) -> None:
    call(life, "restructuring", days_ago=5, terms="Pide pagar en seis cuotas.")


def refinancing(life: Life) -> None:
    call(life, "refinancing", days_ago=4, terms="Acepta reemplazar la deuda.")


def paused(life: Life) -> None:
    until = life.today + timedelta(days=life.rng.randint(3, 12))
    call(life, "pause", days_ago=2, note="De viaje; pide esperar.", until=until)


def resumed(life: Life) -> None:
    until = life.today + timedelta(days=9)
    pause = pauses.pause(
        life.customer, until=until, note="Esperaba un pago.", by=life.by, at=life.moment(9)
    )
    pauses.resume(pause, by=life.by, at=life.moment(1))


def opted_out(life: Life) -> None:
    opt_outs.record(
        life.customer, channel="whatsapp", source="Lo pidió por WhatsApp", by=life.by,
        at=life.moment(7),
    )  # fmt: skip


def wrong_number(life: Life) -> None:
    call(life, "wrong_number", days_ago=3, note="Contesta otra persona.")


def bounced(life: Life) -> None:
    if "email" in life.points:
        contact_points.mark_unusable(
            life.points["email"], reason="El buzón no existe.", by=None, at=life.moment(4)
        )


def uncollectible(life: Life) -> None:
    debts.mark_uncollectible(
        life.debts[0], note="Sin bienes ni ingresos.", by=life.by, at=life.moment(10)
    )


def reversed_payment(life: Life) -> None:
    paid = payments.record(
        life.customer, amount=part(life, "0.5"), paid_on=life.today - timedelta(days=8),
        code=f"PG-{life.number:04d}-R", method=METHODS[2], by=None, at=life.moment(6),
    )  # fmt: skip
    payments.void(paid, note="Contracargo del banco.", by=life.by, at=life.moment(3))


def no_answer(life: Life) -> None:
    call(life, "no_answer", days_ago=1)


def voicemail(life: Life) -> None:
    call(life, "voicemail", days_ago=2)


def third_party(life: Life) -> None:
    call(life, "third_party", days_ago=2, note="Contesta su hermana; le avisará.")


def reminder(life: Life) -> None:
    call(life, "reminder", days_ago=3, fact="Recordarle el viernes que cobra el bono.")


def information(life: Life) -> None:
    call(life, "information", days_ago=2, description="Pregunta por las formas de pago.")


def complaint(life: Life) -> None:
    call(life, "complaint", days_ago=4, category="payments", reason="Dice que ya pagó esa cuota.")


def paid_now(life: Life) -> None:
    amount = part(life, "1")
    call(life, "paid", days_ago=1, amount=amount.amount, currency=amount.currency,
         paid_on=life.today - timedelta(days=3), method=METHODS[0])  # fmt: skip


def call_back(life: Life) -> None:
    """Asked yesterday to be called today."""
    call(life, "call_back", days_ago=1, note="Está en el trabajo.", due_on=_call_day(life))


def call_today(life: Life) -> None:
    scheduling.schedule(
        life.customer,
        due_on=_call_day(life),
        source=CallSource.MANUAL,
        script=words()["scripts"][0],
        by=life.by,
        at=life.moment(0),
    )


def _call_day(life: Life) -> date:
    """Today, unless a holiday of the customer's country closes it."""
    if not scheduling.why_closed(life.customer, life.today, at=life.now):
        return life.today
    return scheduling.next_day(life.customer, after=life.today, at=life.now)


def noted(life: Life) -> None:
    notes.write(
        life.customer, body=life.rng.choice(words()["notes"]), by=life.by, at=life.moment(3)
    )


# How many of 300 debtors each turn befalls. The rest have no story but their debt.
OVERDUE: dict[Turn, int] = {
    promise_pending: 16, promise_today: 4, promise_broken: 10, promise_half_kept: 3,
    promise_kept: 7, promise_cancelled: 2, paid_in_part: 22, settled: 18, report_pending: 9,
    report_forgotten: 3, report_verified: 4, report_rejected: 3, refuses: 6, cannot: 6, restructuring: 2, refinancing: 2,
    paused: 5, resumed: 3, opted_out: 4, wrong_number: 5, bounced: 4, uncollectible: 3,
    reversed_payment: 2, no_answer: 10, voicemail: 4, third_party: 4, reminder: 3, information: 3,
    complaint: 3, paid_now: 3, call_back: 7, call_today: 5, noted: 12,
}  # fmt: skip
WHOLE = 300


def deal(lives: list[Life], *, seed: int) -> list[tuple[Life, Turn]]:
    """At most one turn for each debtor who is overdue, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - a fixed deal, not a secret
    late = [life for life in lives if life.age > 0]
    rng.shuffle(late)
    cards: list[Turn] = []
    for turn, share in OVERDUE.items():
        cards += [turn] * max(1, round(share * len(lives) / WHOLE))
    return list(zip(late, cards, strict=False))
