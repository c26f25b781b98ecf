"""Fault 43: a send or a plan is started twice, by a double click or by two people."""

from functools import partial

import pytest
from django.test import Client

from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Message, Outgoing
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.tests.factories import NOW, customer, portfolio, user
from acuerdo.customers.tests.factories import customer as debtor
from acuerdo.customers.tests.factories import phone
from acuerdo.events.models import Event
from acuerdo.flows import days, execution
from acuerdo.flows.models import StepRun
from acuerdo.flows.tests import factories as strategies
from acuerdo.interactions.models import Interaction
from acuerdo.ledger.tests.factories import TODAY, debt
from acuerdo.organization.models import Role
from acuerdo.primitives import clock, failpoints
from tests.races.racing import race

pytestmark = pytest.mark.django_db(transaction=True)
CLICKS = 4
CUSTOMERS = 30


def test_fault_43_double_click_on_send_is_one_message() -> None:
    """Every click gets the answer of the first, and the text is there once."""
    account()
    owner, who = customer(), user(Role.ADMINISTRATOR)
    answers: list[int] = []
    windows = [Client() for _number in range(CLICKS)]
    for window in windows:
        window.force_login(who)

    def click(window: Client) -> None:
        fields = {"channel": "whatsapp", "body": "Hola, Ana", "key": "a-form-of-the-page"}
        with clock.travel(NOW):
            answer = window.post(f"/conversaciones/{owner.pk}/mensajes/", fields)
        answers.append(answer.status_code)

    # Long enough before the commit for every click to come to the same point.
    with failpoints.armed(outbox__queueing="sleep:0.5"):
        race(*[partial(click, window) for window in windows])
    assert answers == [302] * CLICKS
    assert Message.objects.count() == Interaction.objects.count() == Outgoing.objects.count() == 1
    assert Event.objects.filter(type="message.queued").count() == 1


def test_fault_43_same_batch_queued_by_several_at_once_is_there_once() -> None:
    """As a campaign that two people start: the same keys, and each gets the same messages."""
    account()
    drafts = [
        outbox.Draft(customer(), "whatsapp", "Hola", "campaign", idempotency_key=f"c-{number}")
        for number in range(CUSTOMERS)
    ]
    told: list[list[int]] = []

    def start() -> None:
        found = outbox.queue_many(drafts, at=NOW)
        told.append([row.pk for row in found if isinstance(row, Message)])

    with failpoints.armed(outbox__queueing="sleep:0.5"):
        assert race(start, start, start) == ["ok"] * 3
    assert told[0] == told[1] == told[2]
    assert Message.objects.count() == Outgoing.objects.count() == CUSTOMERS


def test_fault_43_day_planned_and_carried_out_by_several_at_once_is_one_day() -> None:
    book = portfolio()
    for _number in range(CUSTOMERS):
        row = debtor(book)
        phone(row)
        debt(row, days_past_due=15)
    strategies.account("sms")
    strategies.step(strategies.flow(), 15, "sms")

    def plan() -> None:
        days.plan(on=TODAY, at=strategies.NOW)

    def carry_out() -> None:
        with clock.travel(strategies.NOW):
            while execution.drain():
                pass

    race(plan, plan, plan)
    assert StepRun.objects.count() == CUSTOMERS
    race(carry_out, carry_out, carry_out)
    # The morning's plan again, at noon, and whoever carries it out.
    race(plan, carry_out, plan)
    assert StepRun.objects.count() == Message.objects.count() == CUSTOMERS
    assert Outgoing.objects.count() == CUSTOMERS
