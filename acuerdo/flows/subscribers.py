"""Facts after which the day is planned again (twice only adds what is new), or a failure answered."""

from collections.abc import Callable

from acuerdo.events.models import Event
from acuerdo.flows import contingency, days


def _plan_again(_event: Event) -> None:
    days.plan_again()


SUBSCRIPTIONS: dict[str, Callable[[Event], None]] = {"message.failed": contingency.answer_failure}
SUBSCRIPTIONS |= dict.fromkeys(
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
