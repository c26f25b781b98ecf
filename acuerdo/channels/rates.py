"""Prices of the organisation's own contracts, by the day from which they hold.

The product knows no price of its own: those that are published contradict each other. A day
that was priced keeps its price for good, so that the cost of a past month never changes.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from acuerdo.channels.models import Channel, ChannelAccount, Rate, RateCategory
from acuerdo.events import log
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives import clock, phone
from acuerdo.primitives.money import CURRENCIES
from acuerdo.primitives.refusals import Refusal

CATEGORIES = {
    Channel.WHATSAPP: (
        RateCategory.UTILITY,
        RateCategory.MARKETING,
        RateCategory.AUTHENTICATION,
        RateCategory.SERVICE,
    ),
    Channel.SMS: (RateCategory.SEGMENT,),
    Channel.EMAIL: (RateCategory.MESSAGE,),
}
PLACES = 6
MOST = Decimal(10**6)


def categories(account: ChannelAccount) -> tuple[RateCategory, ...]:
    """What is priced apart on its channel; nothing where nothing is counted."""
    return CATEGORIES.get(Channel(account.channel), ())


@transaction.atomic
def add(
    account: ChannelAccount,
    *,
    category: str,
    amount: Decimal,
    currency: str,
    valid_from: date,
    country: str = "",
    note: str = "",
    by: User | None,
    at: datetime,
) -> Rate:
    """A price that holds from a day on, until a later one of its kind takes its place.

    A day of the past is taken only where nothing had a price on it yet.
    """
    row = Rate(
        account=account,
        category=category,
        country=country.strip().upper(),
        amount=amount,
        currency=currency,
        valid_from=valid_from,
        note=note[:120],
        by=by,
        at=at,
    )
    _refuse_unknown(row)
    # Two who enter prices at once come one after the other.
    ChannelAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    _refuse_repricing(row, today=_today(at))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        sentence = _("Ya hay una tarifa igual desde ese día: elija otro.")
        raise Refusal("rate_exists", sentence, field="valid_from", status=409) from None
    _record(row, "rate_added", by=by, at=at)
    return row


@transaction.atomic
def withdraw(rate: Rate, *, by: User | None, at: datetime) -> None:
    """Take back a price whose day has not begun, or a slip of the day on which it was entered."""
    if not is_withdrawable(rate, at=at):
        sentence = _("Esa tarifa ya rige y no se retira: registre otra desde un día posterior.")
        raise Refusal("rate_in_force", sentence, status=409)
    if not Rate.objects.filter(pk=rate.pk).delete()[0]:
        raise Refusal("stale_state", _("Esa tarifa ya se retiró."), status=409)
    _record(rate, "rate_withdrawn", by=by, at=at)


def is_withdrawable(rate: Rate, *, at: datetime) -> bool:
    return rate.valid_from > _today(at) or _today(rate.at) == _today(at)


class Book:
    """The prices of some accounts, to be asked for a day."""

    def __init__(self, accounts: Iterable[int]) -> None:
        self._rates: dict[tuple[int, str, str], list[Rate]] = {}
        for row in Rate.objects.filter(account__in=list(accounts)).order_by("-valid_from"):
            key = (row.account_id, row.category, row.country)
            self._rates.setdefault(key, []).append(row)

    def price(self, account: int, category: str, country: str, *, on: date) -> Rate | None:
        """That of the country, else that of any; the latest whose day has come by ``on``."""
        for where in dict.fromkeys((country, "")):
            for row in self._rates.get((account, category, where), ()):
                if row.valid_from <= on:
                    return row
        return None


def _refuse_unknown(row: Rate) -> None:
    if row.category not in categories(row.account):
        sentence = _("Ese canal no se cobra por esa categoría.")
        raise Refusal("unknown_category", sentence, field="category")
    if row.country and row.country not in phone.REGIONS:
        sentence = _("«%(code)s» no es un país: use sus dos letras, como PE.")
        raise Refusal("unknown_country", sentence % {"code": row.country}, field="country")
    if row.currency not in CURRENCIES:
        raise Refusal("unknown_currency", _("Elija una moneda de la lista."), field="currency")
    _refuse_amount(row.amount)


def _refuse_amount(amount: Decimal) -> None:
    if not amount.is_finite() or amount < 0 or amount >= MOST:
        sentence = _("Escriba un precio desde 0 y menor que un millón.")
        raise Refusal("bad_amount", sentence, field="amount")
    if amount != amount.quantize(Decimal(1).scaleb(-PLACES)):
        raise Refusal("bad_amount", _("Use seis decimales como máximo."), field="amount")


def _refuse_repricing(row: Rate, *, today: date) -> None:
    """A price of a country goes before that of any, so that it changes days which had that one."""
    if row.valid_from >= today:
        return
    alike = Rate.objects.filter(account=row.account, category=row.category)
    taken = alike.filter(country=row.country, valid_from__lt=row.valid_from).exists()
    if row.country:
        taken = taken or alike.filter(country="", valid_from__lt=today).exists()
    if taken:
        sentence = _("Los mensajes de ese día ya tienen precio: elija hoy o un día posterior.")
        raise Refusal("already_priced", sentence, field="valid_from", status=409)


def _today(at: datetime) -> date:
    return clock.date_in(settings.current().time_zone, at)


def _record(row: Rate, change: str, *, by: User | None, at: datetime) -> None:
    log.record(
        "channel.changed",
        subject=row.account,
        by=by,
        at=at,
        change=change,
        category=row.category,
        country=row.country,
        amount=str(row.amount),
        currency=row.currency,
        valid_from=row.valid_from.isoformat(),
    )
