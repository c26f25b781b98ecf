from datetime import timedelta

import pytest
from django.db.models import QuerySet

from acuerdo.conversations import access, inbox
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.templating import message_templates
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.customers.models import Customer
from acuerdo.customers.tests import factories as customers
from acuerdo.flows import inbox_filters, strategies
from acuerdo.flows.models import Flow, Step
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import FactKind
from acuerdo.ledger.tests import factories as ledger
from acuerdo.organization.models import Portfolio, User
from acuerdo.organization.tests.cast import NOW
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db


def debtor(book: Portfolio, days: int) -> Customer:
    row = customers.customer(book)
    ledger.debt(row, 100, days_past_due=days)
    fact = lifecycle.record_fact(row, FactKind.PAUSE, at=NOW, by=None)
    inbox.touch_many([fact.pk])
    return row


def flow_of(book: Portfolio, *days: int, by: User) -> tuple[Flow, list[Step]]:
    flow = strategies.save(name="Mora", portfolio=book, by=by, at=NOW)
    template = message_templates.save(name="Aviso", channel="sms", body="Hola", by=by, at=NOW)
    hour = (NOW + timedelta(hours=0)).time().replace(second=0, microsecond=0)
    steps = [
        strategies.save_step(
            flow, key=f"d{day}", name=f"Día {day}", offset_days=day, channel="sms",
            template=template, hour=hour, by=by, at=NOW,
        )
        for day in days
    ]  # fmt: skip
    return flow, steps


def found(value: str, rows: QuerySet[Conversation]) -> list[int]:
    wanted = InboxFilter.parse({"flow": value})
    assert wanted.as_params() == {"flow": value}
    return sorted(wanted.apply(rows).values_list("pk", flat=True))


def test_a_flow_and_its_steps_show_where_debts_stand(
    administrator: User, book: Portfolio, other_book: Portfolio
) -> None:
    _early, middle, late = debtor(book, 1), debtor(book, 7), debtor(book, 40)
    debtor(other_book, 40)
    flow, (first, second) = flow_of(book, 5, 30, by=administrator)
    rows = access.conversations_for(administrator)
    with clock.travel(NOW):
        assert found(str(flow.pk), rows) == [middle.pk, late.pk]
        assert found(f"{flow.pk}.{first.pk}", rows) == [middle.pk]
        assert found(f"{flow.pk}.{second.pk}", rows) == [late.pk]


@pytest.mark.parametrize("value", ["999", "1.999", "x", "1.x", ".", "١"])
def test_no_such_flow_leaves_a_word(administrator: User, value: str) -> None:
    assert inbox_filters.condition(value) is None
    assert len(InboxFilter.parse({"flow": value}).faults) == 1
