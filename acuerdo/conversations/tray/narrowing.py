"""The conditions of the list that ask other tables; each can be answered by an index."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.models import Message
from acuerdo.conversations.sending import windows
from acuerdo.customers.contact_points import KINDS_OF_CHANNEL
from acuerdo.customers.models import ContactPoint, Standing
from acuerdo.interactions.models import Direction, Kind
from acuerdo.ledger.models import Promise, PromiseStatus
from acuerdo.organization import reading, settings
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives import clock
from acuerdo.primitives.money import CURRENCIES

PROMISES = (PromiseStatus.PENDING, PromiseStatus.BROKEN)
STANDING = "customer__standing__"
# So many are asked for by name; of more, a walk through the list soon meets a page.
FEW = 5_000


def period(since: date | None, until: date | None, *, of: str = "") -> Q:
    """The last activity lies between two dates of the organisation, both included.

    Here and below ``of`` leads from the row to its conversation.
    """
    if since is None and until is None:
        return Q()
    zone, found = settings.current().time_zone, Q()
    if since:
        found &= Q(**{f"{of}last_at__gte": clock.midnight(since, zone)})
    if until:
        found &= Q(**{f"{of}last_at__lt": clock.midnight(until + timedelta(days=1), zone)})
    return found


def of_portfolio_kind(kind: str) -> Q:
    # As a list: a kind that has no portfolio is known beforehand to have no conversation.
    return Q(
        portfolio_id__in=list(Portfolio.objects.filter(kind=kind).values_list("pk", flat=True))
    )


def of_team(team: int) -> Q:
    return Q(adviser_id__in=list(User.objects.filter(team_id=team).values_list("pk", flat=True)))


def days_past_due(low: int | None, high: int | None, *, at: datetime) -> Q:
    """Zero is due today; whoever owes nothing has no days."""
    if low is None and high is None:
        return Q()
    on, found = clock.date_in(settings.current().time_zone, at), Q()
    if low is not None:
        found &= Q(**{f"{STANDING}oldest_due_on__lte": on - timedelta(days=low)})
    # Without a lower bound of its own nobody whose debt is yet to come has days past due.
    if high is not None:
        found &= Q(**{f"{STANDING}oldest_due_on__gte": on - timedelta(days=high)})
        found &= Q(**{f"{STANDING}oldest_due_on__lte": on})
    return found


def overdue(low: Decimal | None, high: Decimal | None, *, of: str = STANDING) -> Q:
    found = Q()
    if low is not None:
        found &= Q(**{f"{of}overdue_amount__gte": low})
    if high is not None:
        found &= Q(**{f"{of}overdue_amount__lte": high})
    return found


def owing_much(low: Decimal, high: Decimal | None, currency: str) -> Q:
    """Where an amount is rare in its currency: those alone who owe it.

    The planner knows how many owe so much and how many owe in this currency, not that these
    are never the same, and would look for a page of them through the whole list.
    """
    owing = Standing.objects.filter(overdue(low, high, of=""), currency=currency)
    few = reading.once(
        ("owing", currency, low, high),
        lambda: list(owing.values_list("customer_id", flat=True)[: FEW + 1]),
    )
    return Q(customer_id__in=few) if len(few) <= FEW else Q()


def money_of(portfolio: int | None) -> str:
    """The organisation's currency; of a portfolio with nothing overdue in it, one that it has."""
    own = settings.current().currency
    if portfolio is None:
        return own
    return reading.once(("money", portfolio), lambda: _owed_in(portfolio, own))


def _owed_in(portfolio: int, own: str) -> str:
    owed = Standing.objects.filter(portfolio_id=portfolio, overdue_amount__gt=0)
    if owed.filter(currency=own).exists():
        return own
    return owed.order_by("currency").values_list("currency", flat=True).first() or own


def is_left_out(currency: str, portfolio: int | None) -> bool:
    """Whether something overdue is owed in another currency than the one that is compared."""
    others = [code for code in CURRENCIES if code != currency]
    owed = Standing.objects.filter(currency__in=others, overdue_amount__gt=0)
    return (owed if portfolio is None else owed.filter(portfolio_id=portfolio)).exists()


def is_reachable(channel: str) -> Q:
    """Some address of the customer is usable and has not proved to refuse the channel."""
    points = ContactPoint.objects.filter(
        customer=OuterRef("customer_id"), is_usable=True, kind__in=KINDS_OF_CHANNEL[channel]
    )
    return Q(Exists(points.exclude(refused_channels__contains=[channel])))


def has_promise(status: str) -> Q:
    """One that runs; or one that was broken while none runs now."""
    promises = Promise.objects.filter(customer=OuterRef("customer_id"))
    running = Exists(promises.filter(status=PromiseStatus.PENDING))
    if status == PromiseStatus.PENDING:
        return Q(running)
    return Q(Exists(promises.filter(status=PromiseStatus.BROKEN))) & ~Q(running)


def window_is_open(at: datetime, *, of: str = "") -> Q:
    """Who wrote to an account of ours that takes free text for a while after a message."""
    found = Q()
    longest = timedelta()
    for account in ChannelAccount.objects.all():
        lasting = windows.length(account)
        if lasting is not None:
            longest = max(longest, lasting)
            found |= Q(Exists(_words(account.pk, since=at - lasting)))
    # Nobody of them was quiet for longer: the walk ends where the list is older than that.
    return found & Q(**{f"{of}last_at__gt": at - longest}) if found else Q(pk=None)


def _words(account_id: int, *, since: datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        interaction__customer=OuterRef("customer_id"),
        interaction__kind=Kind.MESSAGE,
        interaction__direction=Direction.INCOMING,
        interaction__at__gt=since,
        account_id=account_id,
        is_automatic=False,
    )
