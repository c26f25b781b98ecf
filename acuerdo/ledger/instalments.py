"""A promise in parts: how a total is spread over dates, and what is no plan.

A plan that never ends would be a way never to be asked again, so every part is near the one before.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.ledger import amounts
from acuerdo.primitives.money import Money, rounded
from acuerdo.primitives.refusals import Refusal

MOST = 12
# From today to the first part, and from each part to the next.
FARTHEST = timedelta(days=90)
LONGEST = timedelta(days=366)
WEEK, FORTNIGHT, MONTH = "week", "fortnight", "month"
RHYTHMS = (
    (WEEK, gettext_lazy("Cada semana")),
    (FORTNIGHT, gettext_lazy("Cada quincena")),
    (MONTH, gettext_lazy("Cada mes")),
)
_DAYS = {WEEK: 7, FORTNIGHT: 15}


@dataclass(frozen=True, slots=True)
class Part:
    amount: Money
    due_on: date


def split(total: Money, *, into: int, first_on: date, every: str) -> list[Part]:
    """Equal parts at the currency's minor unit; what does not divide goes into the last one."""
    share = rounded(total.amount / into, total.currency)
    last = total.amount - share * (into - 1)
    each = [share] * (into - 1) + [last]
    return [
        Part(Money(amount, total.currency), _later(first_on, every, number))
        for number, amount in enumerate(each)
    ]


def total_of(parts: Sequence[Part]) -> Money:
    return Money(sum((part.amount.amount for part in parts), Decimal(0)), parts[0].amount.currency)


def check(parts: Sequence[Part], *, today: date) -> None:
    """Refused with the field of the part: ``amount`` or ``due_on``, numbered where there are several."""
    if not 1 <= len(parts) <= MOST:
        sentence = _("Un compromiso tiene de 1 a %s partes.")
        raise Refusal("too_many_parts", sentence % MOST, field="parts")
    for number, part in enumerate(parts, start=1):
        before = parts[number - 2].due_on if number > 1 else today
        amounts.check_positive(part.amount, field=_named("amount", number, parts))
        _check_date(part.due_on, before, number, field=_named("due_on", number, parts))
    if parts[-1].due_on > today + LONGEST:
        sentence = _("Un compromiso en partes termina a lo sumo en un año: el %s.")
        field = _named("due_on", len(parts), parts)
        raise Refusal("promise_too_far", sentence % _said(today + LONGEST), field=field)


def _check_date(due_on: date, before: date, number: int, *, field: str) -> None:
    if number == 1 and due_on < before:
        raise Refusal("promise_in_the_past", _("La fecha del compromiso ya pasó."), field=field)
    if number > 1 and due_on <= before:
        sentence = _("La parte %(n)s vence después de la anterior: desde el %(day)s.")
        words = {"n": number, "day": _said(before + timedelta(days=1))}
        raise Refusal("parts_out_of_order", sentence % words, field=field)
    if due_on > before + FARTHEST:
        words_far = (
            _("El compromiso puede vencer a lo sumo el %s.")
            if number == 1
            else _("Entre una parte y la siguiente pasan a lo sumo 90 días: hasta el %s.")
        )
        raise Refusal("promise_too_far", words_far % _said(before + FARTHEST), field=field)


def _named(field: str, number: int, parts: Sequence[Part]) -> str:
    return f"{field}_{number}" if len(parts) > 1 else field


def _said(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _later(first: date, every: str, number: int) -> date:
    if every in _DAYS:
        return first + timedelta(days=_DAYS[every] * number)
    months = first.month - 1 + number
    year, month = first.year + months // 12, months % 12 + 1
    return date(year, month, min(first.day, monthrange(year, month)[1]))
