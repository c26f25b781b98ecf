"""Facts of the customers app that belong on the timeline.

An event may come twice: the row is known by its fact, its subject and its moment.
"""

from django.utils.translation import gettext as _

from acuerdo.customers.models import Alert, AlertKind, Customer, Pause
from acuerdo.events.models import Event
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import FactKind, Interaction, Origin

# These have rows of their own: the pause's, and the broken promise's.
TOLD_ELSEWHERE = (AlertKind.PAUSED, AlertKind.RESUMED, AlertKind.PROMISE_BROKEN)


def tell_pause(event: Event) -> None:
    pause = Pause.objects.filter(pk=event.subject_id or 0).first()
    if pause is None:
        return
    until = _("Hasta el %s.") % pause.until.strftime("%d/%m/%Y")
    _write(event, FactKind.PAUSE, f"{until} {pause.note}".strip())


def tell_resume(event: Event) -> None:
    _write(event, FactKind.RESUME, "")


def tell_alert(event: Event) -> None:
    _tell_alert(event, FactKind.ALERT)


def tell_cleared_alert(event: Event) -> None:
    _tell_alert(event, FactKind.ALERT_CLEARED)


def _tell_alert(event: Event, fact: FactKind) -> None:
    alert = Alert.objects.filter(pk=event.subject_id or 0).first()
    if alert is None or alert.kind in TOLD_ELSEWHERE:
        return
    words = (str(alert.get_kind_display()), alert.note)
    _write(event, fact, ". ".join(word for word in words if word))


def _write(event: Event, fact: FactKind, summary: str) -> None:
    customer = Customer.objects.filter(pk=event.customer_id or 0).first()
    if customer is None:
        return
    known = Interaction.objects.filter(
        customer=customer, fact=fact, subject_id=event.subject_id, at=event.at
    )
    if known.exists():
        return
    lifecycle.record_fact(
        customer,
        fact,
        at=event.at,
        by=event.actor,
        origin=Origin.MANUAL if event.actor_id else Origin.SYSTEM,
        summary=summary,
        subject_id=event.subject_id,
    )


SUBSCRIPTIONS = {
    "alert.cleared": tell_cleared_alert,
    "alert.raised": tell_alert,
    "pause.ended": tell_resume,
    "pause.started": tell_pause,
}
