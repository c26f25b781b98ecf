from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations import access, inbox
from acuerdo.conversations.receiving import arrivals
from acuerdo.conversations.tests.factories import NOW, customer, phone_of, portfolio, user
from acuerdo.conversations.tray import chips, listing, narrowing, rows
from acuerdo.conversations.tray.filters import SORTS, InboxFilter
from acuerdo.customers import alerts, assignment, contact_points, profiles, segmentation, segments
from acuerdo.customers.models import Customer, CustomerStatus
from acuerdo.customers.segment_rules import Rule
from acuerdo.ledger import debts, promises
from acuerdo.organization.models import PortfolioKind, Role, Team
from acuerdo.primitives.money import Money

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
EVERYTHING = {
    "q": "ana", "pending": "1", "channel": "sms", "portfolio": "3", "portfolio_kind": "current", "segment": "6",
    "adviser": "4", "team": "5", "since": "2026-01-02", "until": "2026-03-04", "alert": "cannot",
    "reach": "email", "amount_from": "10.00", "amount_to": "99.50", "currency": "MXN", "days_from": "5",
    "days_to": "9", "window": "1", "promise": "broken", "field": "region", "value": "Norte",
    "sort": "days",
}  # fmt: skip


def wrote(owner: Customer, text: str = "Hola") -> Customer:
    line = account()
    message = InboundMessage(f"in-{line.pk}", phone_of(owner).value, text)
    arrivals.receive_message(line, message, at=NOW)
    return owner


def shown(**params: str) -> list[int]:
    rows = access.conversations_for(user(Role.ADMINISTRATOR))
    wanted = InboxFilter.parse(params)
    assert wanted.faults == ()
    return sorted(wanted.apply(rows, at=NOW).values_list("pk", flat=True))


def owes(owner: Customer, amount: int, *, days: int, currency: str = "PEN") -> None:
    due_on = TODAY - timedelta(days=days)
    money = Money(Decimal(amount), currency)
    debts.create(owner, code=f"B-{owner.pk}", amount=money, due_on=due_on, by=None, at=NOW)


def in_charged_off(owner: Customer) -> dict[str, str]:
    book = portfolio("castigada")
    book.kind = PortfolioKind.CHARGED_OFF
    book.save()
    profiles.update(owner, portfolio=book, by=None, at=NOW)
    inbox.follow_customers([owner.pk])
    return {"portfolio_kind": "charged_off"}


def of_a_team(owner: Customer) -> dict[str, str]:
    adviser, team = user(Role.ADVISER, portfolio()), Team.objects.create(name="Norte")
    adviser.team = team
    adviser.save()
    assignment.assign(owner, adviser, by=None, at=NOW)
    inbox.follow_customers([owner.pk])
    return {"team": str(team.pk)}


def in_a_segment(owner: Customer) -> dict[str, str]:
    profiles.update(owner, is_company=True, by=None, at=NOW)
    rule = Rule(chosen=(("person", ("company",)),))
    row = segments.create("Empresas", rule, by=user(Role.ADMINISTRATOR), at=NOW)
    segmentation.recompute(at=NOW)
    return {"segment": str(row.pk)}


def alerted(owner: Customer) -> dict[str, str]:
    alerts.raise_alert(owner, "cannot", by=None, at=NOW)
    return {"alert": "cannot"}


def without_email(owner: Customer) -> dict[str, str]:
    """The other one's address is no good any more."""
    other = Customer.objects.exclude(pk=owner.pk).get()
    contact_points.mark_unusable(
        other.contact_points.get(kind="email"), reason="Rebotó", by=None, at=NOW
    )
    return {"reach": "email"}


def owing_much(owner: Customer) -> dict[str, str]:
    owes(owner, 900, days=2)
    return {"amount_from": "1.000,00", "amount_to": "1100"}


def owing_long(owner: Customer) -> dict[str, str]:
    owes(owner, 10, days=45)
    return {"days_from": "30", "days_to": "59"}


def promising(owner: Customer) -> dict[str, str]:
    amount = Money(Decimal(50), "PEN")
    due_on = TODAY + timedelta(days=2)
    promises.register(owner, amount=amount, due_on=due_on, by=user(), at=NOW)
    return {"promise": "pending"}


def of_the_north(owner: Customer) -> dict[str, str]:
    profiles.update(owner, custom={"region": "Norte"}, by=None, at=NOW)
    return {"field": "region", "value": "Norte"}


@pytest.mark.parametrize(
    "make",
    [
        in_charged_off, of_a_team, in_a_segment, alerted, without_email, owing_much, owing_long, promising,
        of_the_north,
    ],
)  # fmt: skip
def test_each_filter_shows_whom_it_names(make: Callable[[Customer], dict[str, str]]) -> None:
    found, other = wrote(customer()), wrote(customer())
    assert shown() == [found.pk, other.pk]
    assert shown(**make(found)) == [found.pk]


def test_without_a_segment_are_the_others_and_the_chip_names_both() -> None:
    found, other = wrote(customer()), wrote(customer())
    mine = in_a_segment(found)
    assert shown(segment="none") == [other.pk]
    boss = user(Role.ADMINISTRATOR)
    for params, words in ((mine, "Segmento: Empresas"), ({"segment": "none"}, "Sin segmento")):
        [chip] = chips.chips(boss, InboxFilter.parse(params))
        assert words in chip.label


def test_a_broken_promise_counts_until_another_one_runs() -> None:
    owner = wrote(customer())
    money, by = Money(Decimal(50), "PEN"), user()
    promise = promises.register(owner, amount=money, due_on=TODAY, by=by, at=NOW)
    type(promise).objects.filter(pk=promise.pk).update(status="broken")
    assert shown(promise="broken") == [owner.pk]
    promises.register(owner, amount=money, due_on=TODAY, by=by, at=NOW)
    assert shown(promise="broken") == []


def test_the_window_is_open_for_a_day_after_words_of_the_customer() -> None:
    owner = wrote(customer())
    ChannelAccount.objects.update(adapter="whatsapp_cloud")
    rows = access.conversations_for(user(Role.ADMINISTRATOR))
    wanted = InboxFilter(has_window=True)
    later = NOW + timedelta(hours=23, minutes=59)
    assert list(wanted.apply(rows, at=later).values_list("pk", flat=True)) == [owner.pk]
    assert not wanted.apply(rows, at=NOW + timedelta(hours=24)).exists()


def test_the_period_is_counted_in_days_of_the_organisation() -> None:
    owner = wrote(customer())
    assert shown(since="2026-03-10", until="2026-03-10") == [owner.pk]
    assert shown(since="2026-03-11") == []
    assert shown(until="2026-03-09") == []


def test_the_unassigned_have_a_filter_of_their_own() -> None:
    mine, free = wrote(customer()), wrote(customer())
    assignment.assign(mine, user(Role.ADVISER, portfolio()), by=None, at=NOW)
    inbox.follow_customers([mine.pk])
    assert shown(adviser="none") == [free.pk]


def test_a_filter_says_what_makes_it_again() -> None:
    wanted = InboxFilter.parse(EVERYTHING)
    assert wanted.faults == ()
    assert wanted.as_params() == EVERYTHING
    assert InboxFilter.parse(wanted.as_params()) == wanted
    assert InboxFilter.parse({}).as_params() == {}


def test_an_amount_that_can_mean_two_things_leaves_a_word() -> None:
    wanted = InboxFilter.parse({"amount_from": "1.2.3"})
    assert (wanted.amount_from, len(wanted.faults)) == (None, 1)


@pytest.mark.parametrize(
    "key",
    ["channel", "portfolio", "since", "alert", "reach", "amount_to", "days_from", "sort", "flow"],
)
def test_a_value_that_means_nothing_leaves_a_word(key: str) -> None:
    wanted = InboxFilter.parse({key: "disparate"})
    assert wanted.as_params() == {}
    assert len(wanted.faults) == 1
    assert "disparate" in wanted.faults[0]


def test_bounds_the_wrong_way_round_leave_a_word_and_no_filter() -> None:
    wanted = InboxFilter.parse({"days_from": "90", "days_to": "30", "pending": "1"})
    assert wanted.as_params() == {"pending": "1"}
    assert "Días de mora" in wanted.faults[0]
    assert "ese filtro no se aplicó" in wanted.faults[0]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("1,250.50", "1250.50"), ("1.250,50", "1250.50"), ("1.250", "1250.00"), ("80,5", "80.50")],
)
def test_an_amount_is_read_as_people_write_it(typed: str, meant: str) -> None:
    assert InboxFilter.parse({"amount_from": typed}).amount_from == Decimal(meant)


def test_each_order_goes_from_page_to_page_without_gap_or_repeat() -> None:
    people = [wrote(customer()) for _ in range(5)]
    for number, owner in enumerate(people):
        owes(owner, 100 * number + 100, days=20 + number // 2)
    admin = user(Role.ADMINISTRATOR)
    for sort in SORTS:
        seen: list[int] = []
        cursor = {"after": ""}
        while cursor["after"] or not seen:
            found = rows.page(admin, InboxFilter(sort=sort), cursor, on=TODAY, size=2)
            seen += [row.customer_id for row in found.rows]
            cursor = {"after": found.next}
            if not found.next:
                break
        assert sorted(seen) == sorted(owner.pk for owner in people), sort


def test_orders_put_first_what_they_name() -> None:
    old, rich = wrote(customer()), wrote(customer())
    owes(old, 10, days=90)
    owes(rich, 5000, days=20)
    admin = user(Role.ADMINISTRATOR)

    def first(sort: str) -> int:
        return rows.page(admin, InboxFilter(sort=sort), {}, on=TODAY).rows[0].customer_id

    assert (first("days"), first("amount")) == (old.pk, rich.pk)
    assert first("waiting") == old.pk
    inbox.mark_handled(old, by=None, at=NOW, how="reply")
    assert first("waiting") == rich.pk


ORDERS = {
    "": "conversation_latest",
    "waiting": "conversation_waiting",
    "days": "standing_by_age",
    "amount": "standing_by_money",
    "least": "standing_by_money",
}


def read_by_index_alone() -> None:
    """On a handful of rows anything is cheap; what matters is that no sort is needed."""
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")


@pytest.mark.parametrize("sort", SORTS)
def test_each_order_is_read_from_an_index(sort: str) -> None:
    wanted = InboxFilter(sort=sort)
    by, falls = wanted.order
    rows = wanted.apply(access.conversations_for(user(Role.ADMINISTRATOR)))
    sign = "-" if falls else ""
    read_by_index_alone()
    plan = rows.order_by(f"{sign}{by}", f"{sign}pk")[:51].explain()
    assert ORDERS[sort] in plan, plan
    assert "->  Sort" not in plan, plan


def test_amounts_of_another_currency_are_neither_compared_nor_counted() -> None:
    here, there = wrote(customer()), wrote(customer())
    owes(here, 900, days=2)
    owes(there, 1000, days=90, currency="CLP")
    assert shown(amount_from="500") == shown(sort="amount") == [here.pk]
    assert shown(amount_from="500", currency="CLP") == [there.pk]
    assert shown(currency="CLP") == [there.pk]
    chip = chips.chips(user(Role.ADMINISTRATOR), InboxFilter.parse({"amount_from": "500"}))
    assert [each.label for each in chip] == ["Vencido ≥ 500.00 PEN"]


@pytest.mark.parametrize("few", [0, 1, 5])
def test_an_amount_is_found_however_few_owe_it(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowing, "FEW", few)
    owners = [wrote(customer()) for _ in range(3)]
    for owner, amount in zip(owners, (90, 600, 900), strict=True):
        owes(owner, amount, days=2)
    assert sorted(shown(amount_from="500")) == sorted(owner.pk for owner in owners[1:])
    assert shown(amount_from="500", amount_to="800") == [owners[1].pk]
    assert shown(amount_from="1051") == []


def test_a_portfolio_that_owes_nothing_in_our_currency_is_compared_in_its_own() -> None:
    there = wrote(customer(book=portfolio("chile")))
    owes(there, 1000, days=90, currency="CLP")
    book = str(there.portfolio_id)
    assert shown(sort="amount", portfolio=book) == shown(amount_from="500", portfolio=book)
    assert shown(sort="amount", portfolio=book) == [there.pk]
    labels = [label for label, _query, _now in chips.sorts(InboxFilter(portfolio=int(book)))]
    assert labels[-2:] == ["Mayor deuda vencida (CLP)", "Menor deuda vencida (CLP)"]
    here = wrote(customer(book=portfolio("chile")))
    assert shown(sort="amount", portfolio=book) == [here.pk]


@pytest.mark.parametrize(
    ("of", "sort", "index"),
    [
        ("portfolio", "days", "standing_by_portfolio"),
        ("portfolio", "amount", "standing_by_portfolio_money"),
        ("adviser", "days", "standing_by_adviser"),
        ("adviser", "amount", "standing_by_adviser_money"),
    ],
)
def test_an_order_within_a_part_walks_that_part_alone(of: str, sort: str, index: str) -> None:
    wanted = InboxFilter.parse({"sort": sort, of: "7"})
    by, falls = wanted.order
    rows = wanted.apply(access.conversations_for(user(Role.ADMINISTRATOR)))
    sign = "-" if falls else ""
    read_by_index_alone()
    with connection.cursor() as cursor:
        # Over so few rows the indexes of everybody are as cheap.
        cursor.execute("DROP INDEX standing_by_money, standing_by_age, standing_by_amount")
    plan = rows.order_by(f"{sign}{by}", f"{sign}pk")[:51].explain()
    assert f"using {index} " in plan, plan


def test_who_was_deleted_is_not_counted() -> None:
    _kept, gone = wrote(customer()), wrote(customer())
    gone.status = CustomerStatus.DELETED
    gone.save(update_fields=["status"])
    admin, wanted = user(Role.ADMINISTRATOR), InboxFilter()
    assert listing.pending(admin).number == 1
    assert listing.counts(admin, [wanted], cap=9)[0].number == 1
    assert listing.line(admin, gone, on=TODAY, wanted=wanted) is None


def test_several_filters_are_counted_in_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(3):
        wrote(customer())
    admin = user(Role.ADMINISTRATOR)
    asked = [InboxFilter(), InboxFilter(channel="call"), InboxFilter(only_pending=True)]
    with django_assert_num_queries(1):
        found = listing.counts(admin, asked, cap=2)
    assert [(each.number, each.is_more) for each in found] == [(2, True), (0, False), (2, True)]


def test_the_date_of_today_is_due_and_tomorrow_is_not() -> None:
    owner = wrote(customer())
    code, money = f"C-{owner.pk}", Money(Decimal(5), "PEN")
    owner.debts.all().update(due_on=date(2026, 3, 11))
    debts.create(owner, code=code, amount=money, due_on=date(2026, 3, 11), by=None, at=NOW)
    assert shown(days_to="30") == []


def test_an_order_by_amount_says_whose_currency_it_leaves_out() -> None:
    boss = user(Role.ADMINISTRATOR)
    owes(wrote(customer()), 100, days=9)
    wanted = InboxFilter(sort="amount")
    assert chips.chips(boss, wanted) == []
    owes(wrote(customer(book=portfolio("chile"))), 1000, days=90, currency="CLP")
    assert [(chip.label, chip.query) for chip in chips.chips(boss, wanted)] == [("Solo PEN", "q=")]
