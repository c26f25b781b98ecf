"""What the conversations do when a fact below them becomes true."""

from acuerdo.conversations import inbox
from acuerdo.events import hints
from acuerdo.events.models import Event


def follow_customer(event: Event) -> None:
    if event.customer_id is not None:
        inbox.follow_customers([event.customer_id])
    if event.customer_id is not None and event.type == "customer.assigned":
        # Only from now on does the list of the new adviser find the row.
        hints.tell("conversation.moved", customer_id=event.customer_id)


def follow_import(event: Event) -> None:
    del event
    inbox.follow_customers()


SUBSCRIPTIONS = {
    "customer.assigned": follow_customer,
    "customer.updated": follow_customer,
    "customers.imported": follow_import,
}
