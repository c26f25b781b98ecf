"""What opens from the thread: an entry of it, and what the states mean. Pages without a script."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from acuerdo.conversations.sending import states
from acuerdo.conversations.timeline import details, thread
from acuerdo.customers import access
from acuerdo.interactions import timeline
from acuerdo.interactions.models import Direction, Status
from acuerdo.organization import settings
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import fragments


@requires("conversations.view")
@require_safe
def entry(request: HttpRequest, pk: int, entry_pk: int) -> HttpResponse:
    """Everything known of one entry; of a message of ours, each hand-over and answer about it."""
    customer = access.customer(actor(request), pk)
    row = timeline.one(customer, entry_pk)
    if row is None:
        raise Http404
    zone = settings.current().time_zone
    shown = thread.alone(row, zone=zone, now=clock.now())
    context = {
        "customer": customer,
        "zone": zone,
        "entry": shown,
        "row": row,
        "detail": details.of(shown),
        "is_ours": row.kind == "message" and row.direction == Direction.OUTGOING,
        "is_waiting": row.status == Status.SCHEDULED,
    }
    return fragments.respond(
        request,
        page="conversations/thread/entry.html",
        fragment="conversations/thread/_entry.html",
        context=context,
    )


@requires("conversations.view")
@require_safe
def meanings(request: HttpRequest) -> HttpResponse:
    """The words under the entries."""
    return fragments.respond(
        request,
        page="conversations/thread/states.html",
        fragment="conversations/thread/_states.html",
        context={"meanings": states.glossary()},
    )
