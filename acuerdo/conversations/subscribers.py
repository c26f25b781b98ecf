"""What the conversations do when a fact below them becomes true."""

from acuerdo.conversations import inbox
from acuerdo.events.models import Event


def follow_customer(event: Event) -> None:
    if event.customer_id is not None:
        inbox.follow_customers([event.customer_id])


def follow_import(event: Event) -> None:
    del event
    inbox.follow_customers()


SUBSCRIPTIONS = {
    "customer.assigned": follow_customer,
    "customer.updated": follow_customer,
    "customers.imported": follow_import,
}
