"""What the call screens show: the page of the tray, one call, the sheet of its result."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.calls import filters, results, scheduling, tray, wording
from acuerdo.calls.dispositions import DISPOSITIONS, Disposition, by_group
from acuerdo.calls.filters import TrayFilter
from acuerdo.calls.forms import ResultForm
from acuerdo.calls.models import Call
from acuerdo.conversations.screens import workspace
from acuerdo.conversations.tray import chips, saved_views
from acuerdo.conversations.tray.listing import Count
from acuerdo.conversations.tray.trays import Tray
from acuerdo.customers import contact_points, zones
from acuerdo.customers.models import Customer
from acuerdo.interactions import timeline
from acuerdo.interactions.models import FactKind, Interaction, Kind, Status
from acuerdo.ledger import statement
from acuerdo.ledger.models import Promise
from acuerdo.organization import settings
from acuerdo.organization.access import actor
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import filtering, fragments

HISTORY = 12
FIRST = "promise"
SYMBOLS = {
    "outgoing_contact": "phone-outgoing",
    "outgoing_no_contact": "phone-off",
    "incoming": "phone-incoming",
}
CHANNEL_ICONS = {
    "whatsapp": ("brand-whatsapp", "ch-whatsapp"),
    "sms": ("message-2", "ch-sms"),
    "email": ("mail", "ch-email"),
    "call": ("phone", "ch-call"),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One past contact in one line."""

    icon: str
    tone: str
    title: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar in weeks that begin on Monday; None fills the edges."""

    first: date
    weeks: list[list[scheduling.Day | None]]
    previous: date | None
    following: date
    chosen: date | None


def today() -> date:
    return clock.today(settings.current().time_zone)


def tray_context(request: HttpRequest) -> dict[str, Any]:
    """The column of calls as the address narrows it, or as it was used last."""
    user, on = actor(request), today()
    shelf, wanted = workspace.narrowed(request, TRAY)
    return {
        "tray": TRAY.name,
        "page": _page(user, wanted, request.GET.get("after", ""), on),
        "waiting": tray.count(user, on=on),
        "on": on,
        **workspace.shown_views(TRAY, shelf, wanted),
        **({} if workspace.is_further(request) else _around(user, wanted)),
        **(filter_panel(user, wanted) if "filtros" in request.GET else {}),
    }


def _around(user: User, wanted: TrayFilter) -> dict[str, Any]:
    """What stands above the first page of rows. The templates of Recibidos read ``wanted`` too."""
    return {
        "wanted": wanted.who,
        "faults": wanted.faults,
        "is_narrowed": wanted.is_narrowed,
        "chips": filters.chips_of(user, wanted),
        "sorts": filters.sorts(wanted),
        "sort_name": filters.SORTS[wanted.who.sort],
        "kept": {key: value for key, value in wanted.as_params().items() if key != "q"},
    }


def filter_panel(user: User, wanted: TrayFilter) -> dict[str, Any]:
    """Everything that the tray can be narrowed by, to choose from."""
    return {
        "listed": TRAY,
        "wanted": wanted.who,
        "panel_checks": [(filters.LATE, _("Atrasadas"), wanted.is_late)],
        "panel_menus": filters.menus(user, wanted),
        "panel_fields": chips.custom_fields(),
    }


def following(request: HttpRequest, made: Call) -> tuple[Call | None, str]:
    """The call to make after ``made``, and the query of the tray that it is taken from.

    That is the tray of the page, of which a person may have several open, whatever is searched in
    it; of a page that does not say, the one that was used last.
    """
    user, here = actor(request), fragments.page_query(request)
    is_told = workspace.is_explicit(here, TRAY)
    told = TrayFilter.parse(here if is_told else saved_views.shelf(user, TRAY.name).last)
    wanted = TrayFilter.parse(saved_views.kept(told))
    return tray.next_call(user, wanted, on=today(), after=made), chips.query_of(wanted)


def _counts(user: User, wanted: Sequence[TrayFilter], cap: int) -> list[Count]:
    return tray.counts(user, wanted, cap, on=today())


TRAY = Tray(
    name="calls",
    label=gettext_lazy("Llamadas"),
    app="calls",
    home="tray",
    element="tray",
    page="calls/call/tray.html",
    part="calls/call/_tray.html",
    further="calls/call/_more.html",
    parse=TrayFilter.parse,
    count=_counts,
    parameters=filters.parameters,
)


def _page(user: User, wanted: TrayFilter, cursor: str, on: date) -> tray.Page:
    """A page that does not exist any more is the first one."""
    try:
        return tray.page(user, wanted, cursor, on=on)
    except Refusal:
        return tray.page(user, wanted, on=on)


def call_context(call: Call) -> dict[str, Any]:
    """Everything an adviser reads while it rings, in a fixed number of queries."""
    customer, on = call.customer, today()
    phone = contact_points.for_channel([customer.pk], channel="call").get(customer.pk)
    return {
        "call": call,
        "customer": customer,
        "phone": phone,
        "agreed": _agreed(call),
        "composition": statement.composition(customer, on=on),
        "last_promise": Promise.objects.filter(customer=customer).order_by("-id").first(),
        "history": [line_of(each) for each in timeline.page(customer, limit=HISTORY).entries[::-1]],
        "alerts": list(customer.alerts.filter(cleared_at=None).order_by("raised_at")),
    }


def _agreed(call: Call) -> str:
    ours = settings.current().time_zone
    return zones.hour_in_both(call.customer, call.due_at, ours=ours) if call.due_at else ""


def line_of(entry: Interaction) -> HistoryLine:
    if entry.kind == Kind.FACT:
        title = str(FactKind(entry.fact).label)
        icon, tone = "cash", "tone-ok"
    elif entry.kind == Kind.NOTE:
        title, icon, tone = str(_("Nota interna")), "note", "ch-note"
    else:
        title = str(Status(entry.status).label)
        icon, tone = CHANNEL_ICONS.get(entry.channel, ("message-2", ""))
    return HistoryLine(icon, tone, title, entry.summary, entry.at)


def sheet_context(
    customer: Customer,
    *,
    call: Call | None,
    chosen: str,
    form: ResultForm | None = None,
    at: datetime,
) -> dict[str, Any]:
    disposition = DISPOSITIONS.get(chosen, DISPOSITIONS[FIRST])
    shown = form or ResultForm(customer=customer, disposition=disposition)
    return {
        "call": call,
        "customer": customer,
        "groups": [(SYMBOLS[group], label, items) for group, label, items in by_group()],
        **fields_context(customer, disposition, shown, call=call, at=at),
    }


def fields_context(
    customer: Customer,
    disposition: Disposition,
    form: ResultForm,
    *,
    call: Call | None = None,
    at: datetime,
) -> dict[str, Any]:
    """The fields of the chosen result and what saving it would do."""
    data = form.data or {
        field: form.get_initial_for_field(form.fields[field], field) or "" for field in form.fields
    }
    chosen = filtering.day({"due_on": str(data.get("due_on") or "")}, "due_on")
    asks_day = any(field.kind == "open_day" for field in disposition.fields)
    return {
        "customer": customer,
        "chosen": disposition,
        "form": form,
        "effects": wording.sentences(
            customer, disposition.code, data, call=call or results.in_hand(customer, at=at), at=at
        ),
        "month": month(customer, chosen or today(), chosen=chosen, at=at) if asks_day else None,
    }


def month(customer: Customer, around: date, *, chosen: date | None = None, at: datetime) -> Month:
    """The month of ``around`` with the reason of every closed day."""
    first = around.replace(day=1)
    days = scheduling.month(customer, year=first.year, month=first.month, at=at)
    cells: list[scheduling.Day | None] = [None] * first.weekday() + list(days)
    cells += [None] * (-len(cells) % 7)
    length = monthrange(first.year, first.month)[1]
    earlier = first - timedelta(days=1)
    return Month(
        first=first,
        weeks=[cells[start : start + 7] for start in range(0, len(cells), 7)],
        previous=earlier if earlier >= today().replace(day=1) else None,
        following=first + timedelta(days=length),
        chosen=chosen,
    )


def hours_context(customer: Customer, on: date | None, *, at: datetime) -> dict[str, Any]:
    """The hours of a chosen day in the customer's zone, or why it is closed."""
    return {
        "hours_on": on,
        "open_hours": scheduling.open_hours(customer, on) if on else [],
        "why_closed": scheduling.why_closed(customer, on, at=at) if on else "",
        "used_up": scheduling.used_up(customer, on, at=at) if on else "",
        "place": zones.place_of(scheduling.place_of(customer).zones[0]),
    }
