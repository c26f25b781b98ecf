"""What the tray does when a fact about its customers becomes true."""

from acuerdo.calls import owners
from acuerdo.events.models import Event


def follow_customer(event: Event) -> None:
    if event.customer_id is not None:
        owners.follow([event.customer_id])


def follow_import(event: Event) -> None:
    del event
    owners.follow()


SUBSCRIPTIONS = {
    "customer.assigned": follow_customer,
    "customer.updated": follow_customer,
    "customers.imported": follow_import,
}
