"""The command bar: who and which views it names, and that it tells nobody of others' customers."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from acuerdo.conversations.tests.factories import customer, phone_of, portfolio, user
from acuerdo.conversations.tray import finding, saved_views
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.customers.models import Customer
from acuerdo.ledger.tests.factories import debt
from acuerdo.organization.models import Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> User:
    return user(Role.SUPERVISOR, portfolio())


def names(reader: User, words: str) -> list[Customer]:
    return finding.matching(reader, words).customers


def test_a_customer_is_found_by_what_one_knows_of_them(reader: User) -> None:
    owner, _other = customer(), customer()
    owed = debt(owner, 100)
    phone = phone_of(owner).value
    spelled = f"{phone[3:6]} {phone[6:9]}-{phone[9:]}"
    for words in (owner.document_number, owed.code, phone, spelled):
        assert names(reader, words) == [owner]
    assert names(reader, "zzzz") == []
    assert names(reader, owner.full_name[:1]) == []


def test_customers_of_others_are_neither_found_nor_recent(reader: User) -> None:
    mine, others = customer(), customer(book=portfolio("otra"))
    assert names(reader, others.document_number) == []
    found = finding.recent(reader, [others.pk, mine.pk, mine.pk, 10**18])
    assert found.customers == [mine]


def test_recent_customers_keep_the_order_in_which_they_were_open(reader: User) -> None:
    rows = [customer() for _ in range(3)]
    wanted = [rows[1].pk, rows[2].pk, rows[0].pk]
    assert [each.pk for each in finding.recent(reader, wanted).customers] == wanted


def test_views_are_found_by_name_and_only_those_one_may_see(reader: User) -> None:
    wanted = InboxFilter(only_pending=True)
    saved_views.save(wanted, name="Atención urgente", by=reader)
    saved_views.save(wanted, name="Urgente ajena", by=user(Role.SUPERVISOR, portfolio()))
    found = finding.matching(reader, "atencion URG")
    assert [view.name for view in found.views] == ["Atención urgente"]
    assert finding.matching(reader, "ajena").views == []


def test_the_bar_costs_the_same_for_any_number(client: Client, reader: User) -> None:
    client.force_login(reader)
    customer()
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = client.get(
                "/conversaciones/barra/", {"q": "ana"}, headers={"HX-Request": "true"}
            )
        counts.append(len(asked))
        for _more in range(9):
            customer()
    assert answer.content.decode().count('role="option"') == finding.MOST
    assert counts[0] == counts[1]


@pytest.mark.parametrize("words", ["\x00", "'", "%", "\\", "ñ" * 90, "12 34", ":*&"])
def test_no_words_break_the_bar(client: Client, reader: User, words: str) -> None:
    client.force_login(reader)
    for query in ({"q": words}, {"recientes": words}):
        assert (
            client.get("/conversaciones/barra/", query, headers={"HX-Request": "true"}).status_code
            == 200
        )
