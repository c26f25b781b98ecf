"""Llamadas narrowed by what Recibidos is narrowed by, with views and a memory of its own."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from acuerdo.calls import filters, owners, scheduling, tray
from acuerdo.calls.filters import TrayFilter
from acuerdo.calls.models import Call, CallSource
from acuerdo.calls.screen import TRAY
from acuerdo.channels.models import Channel
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.templating import message_templates
from acuerdo.conversations.tests import test_filters as recibidos
from acuerdo.conversations.tests.factories import NOW, customer, portfolio, user
from acuerdo.conversations.tray import chips, saved_views
from acuerdo.customers.models import Customer
from acuerdo.customers.tests import factories as customers
from acuerdo.flows import strategies
from acuerdo.organization.models import Role, User
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with clock.travel(NOW):
        yield


@pytest.fixture
def boss() -> User:
    return user(Role.ADMINISTRATOR)


@pytest.fixture
def desk(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


def due(owner: Customer, source: CallSource = CallSource.FLOW, *, days_ago: int = 0) -> Call:
    draft = scheduling.Draft(owner, TODAY - timedelta(days=days_ago), source)
    return scheduling.schedule_many([draft], at=NOW)[0]


def shown(boss: User, **params: str) -> list[int]:
    wanted = TrayFilter.parse(params)
    assert list(wanted.faults) == []
    return sorted(row.customer_id for row in tray.page(boss, wanted, on=TODAY).rows)


def wrote_by_email(owner: Customer) -> dict[str, str]:
    Conversation.objects.filter(customer=owner).update(last_channel=Channel.EMAIL)
    return {"channel": "email"}


def in_a_flow(owner: Customer) -> dict[str, str]:
    recibidos.owes(owner, 10, days=45)
    flow = strategies.save(name="Temprana", by=user(Role.ADMINISTRATOR), at=NOW)
    template = message_templates.save(name="Aviso", channel="sms", body="Hola", by=None, at=NOW)
    strategies.save_step(
        flow,
        key="uno",
        name="Uno",
        offset_days=40,
        channel="sms",
        template=template,
        hour=NOW.time(),
        by=None,
        at=NOW,
    )
    return {"flow": str(flow.pk)}


def called_back(owner: Customer) -> dict[str, str]:
    Call.objects.filter(customer=owner).update(source=CallSource.CALL_BACK)
    return {"source": "call_back"}


def left_over(owner: Customer) -> dict[str, str]:
    Call.objects.filter(customer=owner).update(due_on=TODAY - timedelta(days=1))
    return {"late": "1"}


@pytest.mark.parametrize(
    "make",
    [
        recibidos.in_charged_off, recibidos.of_a_team, recibidos.in_a_segment, recibidos.alerted,
        recibidos.without_email, recibidos.owing_much, recibidos.owing_long, recibidos.promising,
        recibidos.of_the_north, wrote_by_email, in_a_flow, called_back, left_over,
    ],
)  # fmt: skip
def test_each_filter_shows_whom_it_names(
    boss: User, make: Callable[[Customer], dict[str, str]]
) -> None:
    found, other = recibidos.wrote(customer()), recibidos.wrote(customer())
    due(found), due(other)
    assert shown(boss) == [found.pk, other.pk]
    params = make(found)
    owners.follow()
    assert shown(boss, **params) == [found.pk]
    [chip] = filters.chips_of(boss, TrayFilter.parse(params))
    assert chip.label
    assert chip.query == chips.NOTHING


def test_each_chip_takes_one_filter_away_and_keeps_the_others(boss: User) -> None:
    params = {"late": "1", "source": "retry", "alert": "cannot", "days_from": "5", "sort": "days"}
    kept = [
        set(parse_qs(urlsplit(f"?{chip.query}").query))
        for chip in filters.chips_of(boss, TrayFilter.parse(params))
    ]
    assert kept == [set(params) - {gone} for gone in ("late", "source", "alert", "days_from")]


def test_a_filter_says_what_makes_it_again() -> None:
    params = recibidos.EVERYTHING | {"late": "1", "source": "manual"}
    wanted = TrayFilter.parse(params)
    meant = {key: value for key, value in params.items() if key not in filters.FOREIGN}
    assert wanted.as_params() == meant
    assert TrayFilter.parse(wanted.as_params()) == wanted


def test_each_tray_remembers_its_own(desk: Client) -> None:
    due(recibidos.wrote(customer()))
    desk.get(reverse("calls:tray"), {"late": "1"})
    again = desk.get(reverse("calls:tray"))
    assert again["Location"] == f"{reverse('calls:tray')}?late=1"
    assert desk.get(reverse("conversations:inbox")).status_code == 200
    desk.get(reverse("calls:tray"), {"q": ""})
    assert desk.get(reverse("calls:tray")).status_code == 200


def test_a_view_belongs_to_its_tray(desk: Client, boss: User) -> None:
    address = f"{reverse('calls:views')}?late=1&sort=amount"
    answer = desk.post(address, {"name": "Atrasadas"}, headers={"HX-Request": "true"})
    assert "Atrasadas" in answer.content.decode()
    [row] = saved_views.shelf(boss, TRAY.name).views
    assert row.filters == {"late": "1", "sort": "amount"}
    assert saved_views.shelf(boss).views == ()
    menu = desk.get(address, headers={"HX-Request": "true"}).content.decode()
    assert 'aria-current="true"' in menu
    assert desk.post(reverse("conversations:view_removal", args=[row.pk])).status_code == 404
    assert desk.post(reverse("calls:view_removal", args=[row.pk])).status_code == 302
    assert saved_views.shelf(boss, TRAY.name).views == ()


def test_beside_a_view_stands_how_many_wait_in_it(desk: Client, boss: User) -> None:
    for number in range(3):
        due(customer(), days_ago=number)
    saved_views.save(TrayFilter(is_late=True), tray=TRAY.name, name="Atrasadas", by=boss)
    menu = desk.get(reverse("calls:views"), headers={"HX-Request": "true"}).content.decode()
    assert '<span class="count">2</span>' in menu


def test_the_tray_and_its_views_cost_the_same_whatever_their_number(
    desk: Client, boss: User
) -> None:
    def statements(name: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get(reverse(name), {"late": "1"}, headers={"HX-Request": "true"})
        return len(seen)

    def add(name: str, **filters: str) -> None:
        due(customer(), days_ago=1)
        saved_views.save(TrayFilter.parse(filters), tray=TRAY.name, name=name, by=boss)

    add("Atrasadas", late="1")
    statements("calls:tray")  # What was used last is written once.
    one = [statements(name) for name in ("calls:tray", "calls:views")]
    for source in CallSource.values:
        add(source, source=source)
    assert [statements(name) for name in ("calls:tray", "calls:views")] == one


@pytest.mark.parametrize("sort", ["", "amount"])
def test_the_next_call_is_the_next_of_the_narrowed_tray(desk: Client, sort: str) -> None:
    first, other, second = (recibidos.wrote(customer()) for _ in range(3))
    for number, owner in enumerate((first, other, second)):
        recibidos.owes(owner, 500 - number, days=20)
    calls = {owner.pk: due(owner, days_ago=owner is not other) for owner in (first, other, second)}
    desk.get(reverse("calls:tray"), {"late": "1", "sort": sort})
    answer = desk.post(
        reverse("calls:result", args=[calls[first.pk].pk]),
        {"result": "voicemail", "next": "1"},
        headers={"HX-Request": "true"},
    )
    here = urlsplit(answer["HX-Push-Url"])
    assert here.path == reverse("calls:open", args=[calls[second.pk].pk])
    assert "late=1" in here.query


def test_the_next_call_is_of_the_tray_of_this_page_whatever_another_tab_shows(
    desk: Client,
) -> None:
    first, other, second = (due(customer(), days_ago=days) for days in (3, 2, 1))
    Call.objects.filter(pk=other.pk).update(source=CallSource.MANUAL)
    page = desk.get(reverse("calls:tray"), {"source": "flow"}).content.decode()
    address = f"{reverse('calls:open', args=[first.pk])}?source=flow"
    assert f'hx-get="{address}"' in page
    desk.get(reverse("calls:tray"), {"source": "manual"})
    answer = desk.post(
        reverse("calls:result", args=[first.pk]),
        {"result": "voicemail", "next": "1"},
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{address}&q=ana"},
    )
    assert answer["HX-Push-Url"] == f"{reverse('calls:open', args=[second.pk])}?source=flow"


def test_the_menus_come_when_they_are_opened(desk: Client) -> None:
    page = desk.get(reverse("calls:tray")).content.decode()
    assert 'name="portfolio_kind"' not in page
    asked = {"HX-Request": "true"}
    menus = desk.get(reverse("calls:filters"), headers=asked).content.decode()
    for name in ("portfolio_kind", "adviser", "team", "segment", "channel", "reach", "alert"):
        assert f'name="{name}"' in menus
    for name in ("flow", "source", "late", "amount_from", "days_from", "since"):
        assert f'name="{name}"' in menus
    assert 'name="pending"' not in menus
    whole = desk.get(reverse("calls:tray"), {"filtros": "1"}).content.decode()
    assert 'name="portfolio_kind"' in whole


def test_a_narrowed_list_tells_its_address_and_what_it_left_out(desk: Client) -> None:
    here = {"HX-Request": "true", "HX-Current-URL": "http://testserver/llamadas/7/?late=1"}
    answer = desk.get(reverse("calls:tray"), {"alert": "disparate", "late": "1"}, headers=here)
    assert answer["HX-Replace-Url"] == "/llamadas/7/?late=1"
    assert "disparate" in answer.content.decode()


def test_a_list_that_renews_itself_leaves_the_address_alone(desk: Client) -> None:
    renewing = {"HX-Request": "true", "HX-Trigger": TRAY.element}
    assert "HX-Replace-Url" not in desk.get(reverse("calls:tray"), {"q": ""}, headers=renewing)


def test_a_page_of_further_calls_has_its_filters_around_it(desk: Client) -> None:
    address = {"late": "1", "sort": "days", "after": "x"}
    page = desk.get(reverse("calls:tray"), address).content.decode()
    for name, value in {"late": "1", "sort": "days"}.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    asked = {"HX-Request": "true"}
    assert 'id="tray"' not in desk.get(reverse("calls:tray"), address, headers=asked).text
    assert 'id="tray"' in desk.get(reverse("calls:tray"), {"after": ""}, headers=asked).text


@pytest.mark.parametrize("sort", ["days", "amount"])
def test_an_order_that_leaves_all_calls_out_is_no_empty_tray(desk: Client, sort: str) -> None:
    due(customers.customer(portfolio()))
    page = desk.get(reverse("calls:tray"), {"sort": sort}).text
    assert "No hay llamadas con estos filtros" in page
    assert "Las llamadas de mañana aparecerán solas." not in page


def test_no_filter_leads_an_adviser_to_the_call_of_a_colleague() -> None:
    book = portfolio()
    colleague, adviser = user(Role.ADVISER, book), user(Role.ADVISER, book)
    theirs = recibidos.wrote(customer(book=book, adviser=colleague))
    due(theirs, days_ago=1)
    mine = due(customer(book=book, adviser=adviser))
    asked = {
        "q": theirs.document_number, "adviser": str(colleague.pk), "portfolio": str(book.pk),
        "source": "flow", "late": "1", "channel": "whatsapp", "days_from": "1", "sort": "amount",
    }  # fmt: skip
    for key, value in asked.items():
        wanted = TrayFilter.parse({key: value})
        rows = [row.call_id for row in tray.page(adviser, wanted, on=TODAY).rows]
        assert rows in ([], [mine.pk]), key
        assert tray.counts(adviser, [wanted], 9, on=TODAY)[0].number == len(rows), key
        following = tray.next_call(adviser, wanted, on=TODAY)
        assert following == (mine if rows else None), key
    assert shown(colleague, **asked) == [theirs.pk]
