from datetime import datetime, timedelta

import pytest
from django.http import Http404
from pytest_django.fixtures import DjangoAssertNumQueries

from acuerdo.channels.adapter import InboundMessage
from acuerdo.channels.tests.factories import account
from acuerdo.conversations import access, inbox
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.receiving import arrivals
from acuerdo.conversations.tests.factories import (
    NOW,
    customer,
    phone_of,
    portfolio,
    queued,
    user,
)
from acuerdo.conversations.tray import rows
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.customers import alerts, assignment
from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import Role

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def wrote(owner: Customer, at: datetime = NOW) -> Customer:
    line = account()
    message = InboundMessage(f"in-{line.pk}", phone_of(owner).value, "¿Puedo pagar mañana?")
    arrivals.receive_message(line, message, at=at)
    return owner


def names(page: rows.InboxPage) -> list[int]:
    return [row.customer_id for row in page.rows]


def test_row_shows_who_waits_what_he_owes_and_what_is_wrong() -> None:
    owner = wrote(customer())
    alerts.raise_alert(owner, "promise_broken", by=None, at=NOW)
    (row,) = rows.page(user(Role.ADMINISTRATOR), InboxFilter(), {}, on=TODAY).rows
    assert (row.name, row.is_pending, row.unanswered) == ("Ana Quispe", True, 1)
    assert (row.preview, row.channel) == ("¿Puedo pagar mañana?", "whatsapp")
    assert (str(row.open_amount), row.days_past_due) == ("150.00", 9)
    assert row.alerts == ("promise_broken",)


def test_skip_takes_the_bold_away_and_says_who() -> None:
    owner, adviser = wrote(customer()), user()
    assert inbox.skip(owner, by=adviser, at=NOW, reason="spam") is True
    assert inbox.skip(owner, by=adviser, at=NOW) is False
    assert Conversation.objects.get().pending_since is None
    event = Event.objects.get(type="conversation.skipped")
    assert (event.actor_id, event.data["reason"]) == (adviser.pk, "spam")
    told = Interaction.objects.get(fact="skipped")
    assert (told.by_id, told.at, told.summary) == (adviser.pk, NOW, "spam")


def test_bold_can_be_put_back() -> None:
    owner = wrote(customer())
    inbox.mark_handled(owner, by=user(), at=NOW, how="call_result")
    assert inbox.mark_pending(owner, by=user(), at=NOW)
    assert Conversation.objects.get().pending_since == NOW
    assert Event.objects.filter(type="conversation.reopened", customer_id=owner.pk).exists()
    assert Interaction.objects.filter(fact="reopened", customer=owner, at=NOW).count() == 1


def test_a_search_is_freed_of_what_the_database_cannot_take() -> None:
    assert InboxFilter.parse({"q": " ana\x00  ruiz "}).search == "ana ruiz"


def test_only_pending_leaves_the_others_out() -> None:
    account()
    waiting, quiet = wrote(customer()), customer()
    queued(quiet)
    admin = user(Role.ADMINISTRATOR)
    everybody = rows.page(admin, InboxFilter(), {}, on=TODAY)
    only = rows.page(admin, InboxFilter.parse({"pending": "1"}), {}, on=TODAY)
    assert (len(everybody.rows), names(only)) == (2, [waiting.pk])


def test_adviser_sees_his_own_and_the_unassigned_of_his_portfolios() -> None:
    book = portfolio()
    me, colleague = user(Role.ADVISER, book), user(Role.ADVISER, book)
    mine, free = wrote(customer(adviser=me)), wrote(customer())
    wrote(customer(adviser=colleague))
    wrote(customer(book=portfolio("otra")))
    assert sorted(names(rows.page(me, InboxFilter(), {}, on=TODAY))) == [mine.pk, free.pk]
    assert rows.row_of(colleague, mine.pk, on=TODAY) is None


@pytest.mark.parametrize("field", ["name", "document", "phone", "email"])
def test_search_finds_by(field: str) -> None:
    wrote(customer(first_name="Zoila"))
    owner = wrote(customer(first_name="Tomás"))
    wanted = {
        "name": "tomas",
        "document": owner.document_number,
        "phone": phone_of(owner).value[-8:],
        "email": owner.contact_points.get(kind="email").value,
    }
    found = rows.page(user(Role.ADMINISTRATOR), InboxFilter(search=wanted[field]), {}, on=TODAY)
    assert names(found) == [owner.pk]


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    people = [wrote(customer(), NOW + timedelta(minutes=number // 2)) for number in range(7)]
    admin, seen, cursor = user(Role.ADMINISTRATOR), [], {"after": ""}
    while True:
        page = rows.page(admin, InboxFilter(), cursor, on=TODAY, size=3)
        seen += names(page)
        if not page.next:
            break
        cursor = {"after": page.next}
    assert sorted(seen) == sorted(one.pk for one in people)
    assert len(seen) == len(set(seen))
    assert seen[0] == people[6].pk


def test_page_costs_the_same_queries_whatever_its_length(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    admin = user(Role.ADMINISTRATOR)
    for _ in range(6):
        wrote(customer())
    with django_assert_num_queries(2):
        assert len(rows.page(admin, InboxFilter(), {}, on=TODAY).rows) == 6


def test_reassigned_customer_moves_to_the_other_inbox() -> None:
    book = portfolio()
    before, after = user(Role.ADVISER, book), user(Role.ADVISER, book)
    owner = wrote(customer(adviser=before))
    assignment.assign(owner, after, by=None, at=NOW)
    inbox.follow_customers([owner.pk])
    assert names(rows.page(before, InboxFilter(), {}, on=TODAY)) == []
    assert names(rows.page(after, InboxFilter(), {}, on=TODAY)) == [owner.pk]


def test_older_touch_does_not_hide_a_newer_one() -> None:
    account()
    owner = customer()
    late = queued(owner, body="segundo")
    early = queued(owner, body="primero", origin="flow")
    owner.interactions.filter(pk=early.pk).update(at=NOW - timedelta(hours=1))
    inbox.touch_many([late.pk])
    inbox.touch_many([early.pk])
    assert Conversation.objects.get().preview == "segundo"


def test_message_outside_the_scope_is_not_found() -> None:
    account()
    message = queued(customer())
    assert access.message(user(Role.ADMINISTRATOR), message.pk).pk == message.pk
    with pytest.raises(Http404):
        access.message(user(Role.ADVISER), message.pk)
