"""What came of a call: once per call, with its effect, in one transaction.

Whoever registers second gets a refusal with status 409, by compare-and-set.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.calls import scheduling
from acuerdo.calls.dispositions import DISPOSITIONS, Disposition
from acuerdo.calls.models import CALL_TASK_MOVES, Call, CallSource, CallStatus
from acuerdo.channels.models import Channel
from acuerdo.conversations import inbox
from acuerdo.conversations.team import notes
from acuerdo.customers import alerts, contact_points, pauses
from acuerdo.customers.models import AlertKind, ContactPoint, Customer
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Kind, Origin
from acuerdo.ledger import claims, instalments, payment_reports, promises
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_to


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result on its way in, as the effects read it."""

    call: Call
    customer: Customer
    disposition: Disposition
    data: Mapping[str, Any]
    note: str
    by: User
    at: datetime

    def money(self) -> Money:
        return Money(Decimal(self.data["amount"]), str(self.data["currency"]))

    def text(self, name: str) -> str:
        return str(self.data.get(name) or "").strip()

    def day(self, name: str) -> date:
        value = self.data[name]
        return value if isinstance(value, date) else date.fromisoformat(str(value))


@transaction.atomic
def register(
    call: Call,
    result: str,
    *,
    data: Mapping[str, Any],
    note: str = "",
    by: User,
    at: datetime,
) -> Call:
    """Register ``result`` (a code of ``dispositions``) for a pending call.

    ``data`` holds a value per field of the disposition: Decimal amounts with their
    ``currency``, dates, a ContactPoint for ``contact_point``.
    """
    disposition = _checked(result, data, note)
    _close(call, disposition, note, by=by, at=at)
    return _carried_out(call, disposition, data, note, by=by, at=at)


@transaction.atomic
def register_unplanned(
    customer: Customer,
    result: str,
    *,
    data: Mapping[str, Any],
    note: str = "",
    by: User,
    at: datetime,
) -> Call:
    """Register a call nobody had planned; one that waits in the tray is taken as this one."""
    disposition = _checked(result, data, note)
    waiting = in_hand(customer, at=at)
    if waiting is not None:
        return register(waiting, result, data=data, note=note, by=by, at=at)
    call = _opened(customer, disposition, note, by=by, at=at)
    return _carried_out(call, disposition, data, note, by=by, at=at)


def in_hand(customer: Customer, *, at: datetime) -> Call | None:
    """The call of the tray that one made now stands for."""
    return _waiting(customer, at).order_by("due_on", "pk").first()


def _carried_out(
    call: Call,
    disposition: Disposition,
    data: Mapping[str, Any],
    note: str,
    *,
    by: User,
    at: datetime,
) -> Call:
    customer = call.customer
    outcome = Outcome(call, customer, disposition, data, note.strip(), by, at)
    # The customer leaves the tray with whatever else was due: it has just been dealt with.
    scheduling.cancel(list(_waiting(customer, at)), reason="handled", by=by, at=at)
    if disposition.effect:
        _EFFECTS[disposition.effect](outcome)
    inbox.mark_handled(customer, by=by, at=at, how="call_result")
    log.record(
        "call.result_registered",
        subject=call,
        customer_id=customer.pk,
        by=by,
        at=at,
        result=disposition.code,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
    )
    return call


def _checked(result: str, data: Mapping[str, Any], note: str) -> Disposition:
    disposition = DISPOSITIONS.get(result)
    if disposition is None:
        raise Refusal("unknown_result", _("Elija un resultado de la lista."), field="result")
    for field in disposition.fields:
        if field.is_required and not str(data.get(field.name) or "").strip():
            raise Refusal("missing_field", _("Completa «%s».") % field.label, field=field.name)
    if disposition.asks_note and not note.strip():
        raise Refusal("missing_note", _("Escriba una nota con lo que dijo."), field="note")
    return disposition


def _waiting(customer: Customer, at: datetime) -> QuerySet[Call]:
    today = scheduling.place_of(customer).day_of(at)
    return Call.objects.filter(
        customer=customer, status=CallStatus.PENDING, due_on__lte=today
    ).select_related("interaction", "customer")


def _close(call: Call, disposition: Disposition, note: str, *, by: User, at: datetime) -> None:
    if call.status != CallStatus.PENDING:
        raise _already_registered()
    try:
        move_to(
            call,
            CallStatus.DONE,
            table=CALL_TASK_MOVES,
            result=disposition.code,
            note=note.strip(),
            registered_by=by,
            registered_at=at,
        )
    except Refusal as stale:
        raise _already_registered() from stale
    lifecycle.move(
        call.interaction,
        disposition.status,
        at=at,
        by=by,
        direction=disposition.direction,
        summary=_summary(disposition, note),
    )


def _already_registered() -> Refusal:
    return Refusal(
        "already_registered", _("Esta llamada ya tiene un resultado registrado."), status=409
    )


def _opened(
    customer: Customer, disposition: Disposition, note: str, *, by: User, at: datetime
) -> Call:
    entry = lifecycle.Entry(
        kind=Kind.CALL,
        channel=Channel.CALL,
        direction=disposition.direction,
        status=disposition.status,
        origin=Origin.MANUAL,
        at=at,
        summary=_summary(disposition, note),
    )
    return Call.objects.create(
        customer=customer,
        interaction=lifecycle.open_entry(customer, entry, created_at=at, by=by),
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
        source=CallSource.MANUAL,
        due_on=scheduling.place_of(customer).day_of(at),
        status=CallStatus.DONE,
        result=disposition.code,
        note=note.strip(),
        registered_by=by,
        registered_at=at,
        created_at=at,
    )


def _summary(disposition: Disposition, note: str) -> str:
    words = f"{disposition.label}. {note.strip()}" if note.strip() else str(disposition.label)
    return words[: lifecycle.SUMMARY_LENGTH]


def _promise(outcome: Outcome) -> None:
    parts = instalments.split(
        outcome.money(),
        into=int(outcome.text("parts") or 1),
        first_on=outcome.day("due_on"),
        every=outcome.text("every") or instalments.MONTH,
    )
    promises.register_plan(
        outcome.customer,
        parts=parts,
        note=outcome.note,
        by=outcome.by,
        at=outcome.at,
        channel=Channel.CALL,
    )


def _report(outcome: Outcome) -> None:
    payment_reports.report(
        outcome.customer,
        amount=outcome.money(),
        paid_on=outcome.day("paid_on"),
        method=outcome.text("method"),
        reference=outcome.text("reference"),
        note=outcome.note,
        receipt=outcome.data.get("receipt"),
        by=outcome.by,
        at=outcome.at,
        channel=Channel.CALL,
    )


def _call_back(outcome: Outcome) -> None:
    day = outcome.day("due_on")
    scheduling.schedule(
        outcome.customer,
        due_on=day,
        due_at=call_back_at(outcome.customer, day, outcome.data.get("due_time")),
        source=CallSource.CALL_BACK,
        script=outcome.note,
        by=outcome.by,
        at=outcome.at,
    )


def call_back_at(customer: Customer, day: date, hour: time | str | None) -> datetime | None:
    """The hour asked for, as the customer's clock shows it."""
    if not hour:
        return None
    local = hour if isinstance(hour, time) else time.fromisoformat(hour)
    zone = ZoneInfo(scheduling.place_of(customer).zones[0])
    return datetime.combine(day, local, zone)


def _alert(kind: AlertKind) -> Callable[[Outcome], None]:
    def raise_it(outcome: Outcome) -> None:
        words = " ".join(filter(None, [outcome.text("terms"), outcome.note]))
        alerts.raise_alert(outcome.customer, kind, note=words, by=outcome.by, at=outcome.at)

    return raise_it


def _pause(outcome: Outcome) -> None:
    pauses.pause(
        outcome.customer,
        until=outcome.day("until"),
        note=outcome.note,
        by=outcome.by,
        at=outcome.at,
    )


def _reminder(outcome: Outcome) -> None:
    notes.write(outcome.customer, body=outcome.text("fact"), by=outcome.by, at=outcome.at)


def _complaint(outcome: Outcome) -> None:
    claims.open_claim(
        outcome.customer,
        category=outcome.text("category"),
        description=outcome.text("reason"),
        by=outcome.by,
        at=outcome.at,
        channel=Channel.CALL,
    )


def _wrong_number(outcome: Outcome) -> None:
    point = _dialled(outcome)
    reason = str(outcome.disposition.label)
    if point is not None:
        contact_points.mark_unusable(point, reason=reason, by=outcome.by, at=outcome.at)
    note = point.value if point else outcome.note
    alerts.raise_alert(
        outcome.customer, AlertKind.CONTACT_FAILED, note=note, by=outcome.by, at=outcome.at
    )


def _dialled(outcome: Outcome) -> ContactPoint | None:
    """The number that was named, else the one that the tray shows."""
    named = outcome.data.get("contact_point")
    points = outcome.customer.contact_points
    if named:
        wanted = named.pk if isinstance(named, ContactPoint) else named
        found = points.filter(pk=wanted).first()
        if found is None:
            raise Refusal(
                "foreign_number", _("Ese número es de otro cliente."), field="contact_point"
            )
        return found
    shown = contact_points.for_channel([outcome.customer.pk], channel=Channel.CALL)
    return shown.get(outcome.customer.pk)


def _retry(outcome: Outcome) -> None:
    """Another try on the next day that hours and caps allow, up to the organisation's number."""
    following = scheduling.retry(outcome.customer, outcome.call, at=outcome.at)
    if following is None:
        return
    due_on, attempt = following
    scheduling.schedule(
        outcome.customer,
        due_on=due_on,
        source=CallSource.RETRY,
        script=outcome.call.script,
        attempt=attempt,
        idempotency_key=f"retry:{outcome.call.pk}",
        by=outcome.by,
        at=outcome.at,
    )


_EFFECTS: dict[str, Callable[[Outcome], None]] = {
    "promise": _promise,
    "report": _report,
    "call_back": _call_back,
    "refuses": _alert(AlertKind.REFUSES),
    "cannot": _alert(AlertKind.CANNOT),
    "restructuring": _alert(AlertKind.RESTRUCTURING),
    "refinancing": _alert(AlertKind.REFINANCING),
    "reminder": _reminder,
    "complaint": _complaint,
    "pause": _pause,
    "wrong_number": _wrong_number,
    "retry": _retry,
}
