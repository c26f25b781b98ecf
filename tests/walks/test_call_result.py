"""A call is made and its result registered: the tray, the ledger and the flow follow."""

from datetime import timedelta
from decimal import Decimal

import pytest

from acuerdo.calls import results, scheduling
from acuerdo.calls.models import Call, CallSource
from acuerdo.customers.models import Alert, Customer
from acuerdo.events.models import Event
from acuerdo.flows import days
from acuerdo.flows.models import StepRun
from acuerdo.flows.tests.factories import account, flow, step
from acuerdo.interactions.models import Interaction
from acuerdo.ledger.models import Promise
from acuerdo.ledger.tests.factories import NOW, TODAY
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from tests.walks.machinery import drain_all

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def begin(after: int) -> None:
    at = NOW + after * DAY
    with clock.travel(at):
        days.follow(at=at)
    drain_all(at)


def promised(customer: Customer, by: User) -> Call:
    call = scheduling.schedule(customer, due_on=TODAY, source=CallSource.MANUAL, by=by, at=NOW)
    data = {"due_on": TODAY + DAY, "amount": Decimal(200), "currency": "PEN"}
    return results.register(call, "promise", data=data, by=by, at=NOW)


def test_a_promise_holds_the_flow_and_its_breach_raises_an_alert(
    overdue: Customer, adviser: User
) -> None:
    account()
    step(flow(), 11)
    call = promised(overdue, adviser)
    assert (call.status, call.interaction.status) == ("done", "contacted")
    begin(after=1)
    held = StepRun.objects.get(customer=overdue)
    assert (held.status, held.reason) == ("skipped", "promise_pending")
    begin(after=2)
    assert Promise.objects.get().status == "broken"
    assert Alert.objects.get(customer=overdue, cleared_at=None).kind == "promise_broken"
    assert Interaction.objects.filter(fact="promise_broken").count() == 1
    told = set(Event.objects.values_list("type", flat=True))
    assert {"call.result_registered", "promise.registered", "promise.broken"} <= told
