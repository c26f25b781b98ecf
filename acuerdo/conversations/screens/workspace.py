"""What the two panes of Conversaciones show, for whole pages and for their parts."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext as _

from acuerdo.conversations import attachments
from acuerdo.conversations.composer import approved, challenge, composing, drafts, writing
from acuerdo.conversations.composer.composing import Composer
from acuerdo.conversations.composer.forms import FilesForm, MessageForm
from acuerdo.conversations.models import Attachment, Message, ReplyDraft
from acuerdo.conversations.team import note_fields, notes
from acuerdo.conversations.timeline import thread
from acuerdo.conversations.tray import chips, listing, saved_views, search
from acuerdo.conversations.tray.filters import BY_DEBT, InboxFilter
from acuerdo.conversations.tray.saved_views import Shelf
from acuerdo.conversations.tray.trays import INBOX, Tray, Wanted
from acuerdo.customers import access as customer_access
from acuerdo.customers.models import Customer
from acuerdo.customers.zones import zone_of
from acuerdo.interactions.models import Status
from acuerdo.organization import settings
from acuerdo.organization.access import actor
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.ui import filtering, fragments

Context = dict[str, Any]


def list_pane(request: HttpRequest) -> Context:
    """The column of conversations as the address narrows it, or as it was used last."""
    user = actor(request)
    shelf, wanted = narrowed(request, INBOX)
    on = clock.today(settings.current().time_zone)
    lines, after = listing.page(user, wanted, request.GET, on=on)
    pending = listing.pending(user)
    return {
        "tray": "inbox",
        "wanted": wanted,
        **shown_views(INBOX, shelf, wanted),
        "lines": lines,
        "after": after,
        "is_further": is_further(request),
        "pending": pending,
        "nav_badges": {"inbox": pending.number},
        "query": urlencode(wanted.as_params()),
        **({} if is_further(request) else _around(user, wanted)),
        **(filter_panel(user, wanted) if "filtros" in request.GET else {}),
    }


def _around(user: User, wanted: InboxFilter) -> Context:
    """What stands above and below the first page of rows."""
    return {
        "chips": chips.chips(user, wanted),
        "sorts": chips.sorts(wanted),
        "is_all_done": _asks_only_who_waits(wanted),
        "sort_name": chips.SORT_NAMES[wanted.sort],
        "kept": {key: value for key, value in wanted.as_params().items() if key != "q"},
        "silent": listing.silent(customer_access.customers_for(user), wanted),
        **(_said(user, wanted.search) if wanted.search else {}),
    }


def _asks_only_who_waits(wanted: InboxFilter) -> bool:
    """Then no row means that nobody waits; the other orders leave out who owes nothing overdue."""
    if wanted.sort in BY_DEBT:
        return False
    is_asked = wanted.only_pending or wanted.sort == "waiting"
    return is_asked and set(wanted.as_params()) <= {"pending", "sort"}


def _said(user: User, text: str) -> Context:
    """The messages and the notes in which it stands."""
    zone = settings.current().time_zone
    return {
        "hits": search.messages(user, text),
        "note_hits": search.notes(user, text, zone=zone),
    }


def shown_views(tray: Tray, shelf: Shelf, wanted: Wanted) -> Context:
    """The head of the list: the saved views, which of them this is, and which comes next."""
    return {
        "listed": tray,
        "view_rows": [(row, None) for row in shelf.views],
        "view": shelf.current(wanted),
        "next_view": shelf.following(wanted),
        "query": urlencode(wanted.as_params()),
        "list_query": chips.query_of(wanted),
        "view_icons": saved_views.ICONS,
        "can_save": bool(saved_views.kept(wanted)),
    }


def filter_panel(user: User, wanted: InboxFilter) -> Context:
    """Everything that the list can be narrowed by, to choose from."""
    return {
        "wanted": wanted,
        "listed": INBOX,
        "panel_checks": [
            ("pending", _("Solo por gestionar"), wanted.only_pending),
            ("window", _("Ventana de WhatsApp abierta"), wanted.has_window),
        ],
        "panel_menus": chips.menus(user, wanted),
        "panel_fields": chips.custom_fields(),
    }


def narrowed(request: HttpRequest, tray: Tray) -> tuple[Shelf, Any]:
    """What is kept of the tray, and its filter: of the address, else as it was used last.

    A filter that somebody chose just now is remembered.
    """
    user = actor(request)
    shelf = saved_views.shelf(user, tray.name)
    wanted = tray.parse(request.GET if is_explicit(request.GET, tray) else shelf.last)
    if _is_chosen(request, tray):
        saved_views.remember(user, wanted, before=shelf)
    return shelf, wanted


def _is_chosen(request: HttpRequest, tray: Tray) -> bool:
    """Somebody chose it now; not a further page, nor the list that refreshes itself."""
    itself = is_refresh(request, tray) or request.GET.get("after")
    return is_explicit(request.GET, tray) and not itself


def is_explicit(params: Mapping[str, str], tray: Tray = INBOX) -> bool:
    """An address with ``params`` says what to show, be it everything."""
    return any(key in params for key in tray.parameters())


def is_refresh(request: HttpRequest, tray: Tray = INBOX) -> bool:
    """Whether the list asks for itself anew.

    The menus around it may be open and half filled in by then, and its page be at another address.
    """
    return request.headers.get("HX-Trigger") == tray.element


def is_further(request: HttpRequest) -> bool:
    """Whether the rows after a cursor are asked for alone; a page has all that stands around them."""
    return fragments.wanted(request) and bool(request.GET.get("after"))


def query_of(request: HttpRequest) -> str:
    """The filters of the list as a query, to carry along when a conversation is opened."""
    return urlencode(InboxFilter.parse(request.GET).as_params())


def conversation(request: HttpRequest, customer: Customer) -> Context:
    """The open conversation: head, thread and composer."""
    return timeline(request, customer) | head(customer) | composer(request, customer)


def timeline(request: HttpRequest, customer: Customer) -> Context:
    """The page of the thread that the address asks for, and what the address says of it."""
    asked = thread.Wanted.parse(request.GET)
    now, zone = clock.now(), settings.current().time_zone
    return {
        "page": thread.page(customer, zone=zone, now=now, wanted=asked),
        "asked": asked,
        "today": clock.date_in(zone, now),
        "query": query_of(request),
        "customer": customer,
        "zone": zone,
    }


def head(customer: Customer) -> Context:
    now, zone = clock.now(), settings.current().time_zone
    return {
        "customer": customer,
        "conversation": composing.row_of(customer),
        "pause": composing.pause_of(customer),
        "days": listing.days_past_due(customer, on=clock.date_in(zone, now)),
        "local_hour": composing.local_hour(customer, now) if zone_of(customer) != zone else "",
        "zone": zone,
        "now": now,
    }


def latest(request: HttpRequest, customer: Customer) -> Context:
    """The end of the thread again, from where the page began, to be put beside an answer."""
    zone, since = settings.current().time_zone, request.POST.get("since", "")
    seen = filtering.number(request.POST, "seen") or 0
    page = thread.again(customer, since=since, zone=zone, now=clock.now(), seen=seen)
    return {"customer": customer, "page": page, "oob": True, "zone": zone}


def composer(
    request: HttpRequest,
    customer: Customer,
    *,
    channel: str = "",
    form: Form | None = None,
    error: str = "",
) -> Context:
    """The box for writing, empty or with what was typed and why it was not taken."""
    user, wanted = (
        actor(request),
        channel or request.GET.get("canal") or request.GET.get("channel", ""),
    )
    box = composing.composer(customer, user, channel=wanted, at=clock.now())
    draft = drafts.find(customer, channel=box.channel, by=user)
    edited = _edited(request, customer, box, form)
    typed = dict(form.data.items()) if form else _begun(request, customer, draft, edited)
    noted = _noted(request, customer, typed, is_new=form is None) if box.is_note else {}
    limit = attachments.LIMITS.get(box.channel)
    ids = form.file_ids if isinstance(form, FilesForm) else _files_of(draft, edited)
    return {
        "customer": customer,
        "composer": box,
        "typed": typed,
        "error": error,
        "challenge": challenge.held(customer, form, by=user)
        if isinstance(form, MessageForm)
        else None,
        # A refused form keeps its key: had it been taken after all, it still makes one message.
        "key": typed.get("key") or uuid4().hex,
        "zone": settings.current().time_zone,
        "version": draft.version if draft else 0,
        "limit": limit,
        "files": _files(customer, user, ids, edited),
        "edited": edited,
        **_approved(request, box, typed, edited),
        **noted,
        "quoted": writing.quoted(customer, _number(request, "responde", typed.get("responds"))),
    }


def _noted(
    request: HttpRequest, customer: Customer, typed: dict[str, str], *, is_new: bool
) -> Context:
    """The fields beside a note; with the words of the note that is being corrected."""
    pk = _number(request, "corrige", typed.get("corrects"))
    corrects = notes.find(customer, pk) if pk else None
    if corrects and is_new:
        typed |= {
            "body": corrects.body,
            "channel_of_origin": corrects.channel,
            "code": corrects.code,
            "handling": corrects.handling,
        }
    return {"note_choices": note_fields.choices(customer, corrects=corrects)}


def _approved(
    request: HttpRequest, box: Composer, typed: dict[str, str], edited: Message | None
) -> Context:
    """The templates that may still be sent once the service window is closed."""
    account = box.tab.account
    if not box.needs_template or account is None:
        return {"approved": [], "chosen": None}
    found = approved.choices(account, box.customer)
    wanted = _number(request, "plantilla", typed.get("template"))
    # A message that is being changed begins with its own, until another is chosen.
    named = edited.interaction.template if edited and wanted is None else ""
    template = next((each for each in found if each.pk == wanted or each.name == named), None)
    at, chosen = clock.now(), None
    if template:
        values = approved.before(template, edited) | approved.typed(typed)
        chosen = approved.filled(template, box.customer, values, at=at)
    offered = [] if chosen else approved.read(found, box.customer, at=at)
    return {"approved": offered, "chosen": chosen}


def _drafted(draft: ReplyDraft | None) -> dict[str, str]:
    return {"body": draft.body, "subject": draft.subject} if draft else {}


def _number(request: HttpRequest, name: str, typed: str | None = None) -> int | None:
    """An id of the address, or of the form that was refused; junk is none."""
    text = typed or request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _edited(
    request: HttpRequest, customer: Customer, box: Composer, form: Form | None
) -> Message | None:
    """The scheduled message that is being changed, as long as it waits; nothing happens to it yet."""
    pk = _number(request, "editar", form.data.get("replaces") if form else None)
    found = writing.scheduled(customer, pk) if pk else None
    return found if found and found.interaction.channel == box.channel else None


def _files_of(draft: ReplyDraft | None, edited: Message | None) -> list[int]:
    if edited:
        return list(edited.attachments.values_list("pk", flat=True))
    return draft.files if draft else []


def _files(
    customer: Customer, user: User, ids: list[int], edited: Message | None
) -> Sequence[Attachment]:
    if not ids:
        return []
    found = attachments.pending(customer, by=user)
    if edited:
        found = found | Attachment.objects.filter(message=edited)
    return list(found.filter(pk__in=ids).order_by("pk"))


def _begun(
    request: HttpRequest, customer: Customer, draft: ReplyDraft | None, edited: Message | None
) -> dict[str, str]:
    """What the box begins with: a message to change or to write again, else the draft.

    One that was taken back is the draft itself, and keeps the hour it was planned for.
    """
    if edited:
        zone = settings.current().time_zone
        planned = writing.planned_for(edited, zone=zone, at=clock.now())
        return {"body": edited.body, "subject": edited.subject, "due_at": planned}
    message = _repeated(request, customer)
    if message is None:
        return _drafted(draft)
    if message.interaction.status == Status.CANCELLED and draft:
        zone = settings.current().time_zone
        planned = writing.planned_for(message, zone=zone, at=clock.now())
        return _drafted(draft) | {"due_at": planned}
    return {"body": message.body, "subject": message.subject}


def _repeated(request: HttpRequest, customer: Customer) -> Message | None:
    """The message that the address names."""
    number = _number(request, "repetir")
    if number is None:
        return None
    found = Message.objects.filter(pk=number, interaction__customer=customer)
    return found.select_related("interaction").first()


def line(request: HttpRequest, customer: Customer, *, wanted: InboxFilter) -> Context | None:
    """A row of the list again; None where it has none to show."""
    on = clock.today(settings.current().time_zone)
    found = listing.line(actor(request), customer, on=on, wanted=wanted)
    return {"line": found, "query": query_of(request)} if found else None
