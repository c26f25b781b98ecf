"""Facts after which the day has to be planned again: planning twice only adds what is new."""

from collections.abc import Callable

from acuerdo.events.models import Event
from acuerdo.flows import days


def _plan_again(_event: Event) -> None:
    days.plan_again()


SUBSCRIPTIONS: dict[str, Callable[[Event], None]] = dict.fromkeys(
    (
        "customer.created",
        "customers.imported",
        "debt.created",
        "debt.reopened",
        "debts.imported",
        "flow.updated",
        "payment.recorded",
        "payment.voided",
        "payments.imported",
    ),
    _plan_again,
)
