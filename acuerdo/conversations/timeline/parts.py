"""What one message is made of on screen: words, files, a place, cards; folded quotes and HTML apart."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.conversations import attachments
from acuerdo.conversations.models import Attachment, Message
from acuerdo.conversations.stranger_models import UnknownSender

# Where the words of an earlier letter begin: a line of ours, of Gmail or of Outlook.
QUOTE_STARTS = re.compile(
    r"^(?:>|-{2,}\s*(?:Mensaje original|Original Message|Forwarded message)|_{10,}$"
    r"|(?:El|On) .{4,120}(?:escribió|wrote):\s*$|(?:De|From): .+@)",
    re.IGNORECASE | re.MULTILINE,
)
ICONS: dict[str, str] = {"application/pdf": "file-type-pdf", "text/plain": "file-text"}
MAPS = "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=17/{0}/{1}"
REASONS: dict[str, str | Promise] = {
    "empty": gettext_lazy("Llegó sin contenido."),
    "expired": gettext_lazy("El proveedor ya no lo tiene."),
    "too_large": gettext_lazy("Pesa demasiado para guardarlo."),
}
KINDS: dict[str, str | Promise] = {
    "image": gettext_lazy("Imagen"),
    "audio": gettext_lazy("Nota de voz"),
    "video": gettext_lazy("Video"),
    "document": gettext_lazy("Documento"),
    "sticker": gettext_lazy("Sticker"),
    "location": gettext_lazy("Ubicación"),
    "contacts": gettext_lazy("Contacto"),
    "reaction": gettext_lazy("Reacción"),
    "unsupported": gettext_lazy("Mensaje no admitido"),
}


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file as the thread shows it; ``shape`` is ``image``, ``audio``, ``video`` or ``file``."""

    pk: int
    name: str
    size: int
    shape: str
    icon: str
    url: str
    state: str
    reason: str
    is_sticker: bool


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    address: str
    coordinates: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """``quoted`` is the earlier letter below the new words; ``html_url`` its look, in a frame."""

    kind: str
    subject: str
    text: str
    quoted: str
    html_url: str
    is_automatic: bool
    files: tuple[FilePart, ...]
    place: Place | None
    cards: tuple[Card, ...]
    is_choice: bool
    missing: str

    @property
    def is_bare(self) -> bool:
        """Nothing but plain words: the common case, laid out in one line with its time."""
        more = self.files or self.place or self.cards or self.html_url or self.quoted
        return not (more or self.is_choice or self.missing or self.is_automatic)


def of_message(message: Message, files: Iterable[Attachment]) -> Parts:
    html_url = reverse("conversations:html", args=[message.pk]) if message.html else ""
    return _parts(
        message.kind,
        message.subject,
        message.body,
        message.content or {},
        html_url=html_url,
        is_automatic=message.is_automatic,
        files=files,
    )


def of_unknown(row: UnknownSender, files: Iterable[Attachment]) -> Parts:
    kept = row.message
    html_url = reverse("conversations:stranger_html", args=[row.pk]) if kept.get("html") else ""
    return _parts(
        str(kept.get("kind") or "text"),
        str(kept.get("subject") or ""),
        row.body,
        kept.get("content") or {},
        html_url=html_url,
        is_automatic=bool(kept.get("is_automatic")),
        files=files,
    )


def _parts(
    kind: str,
    subject: str,
    body: str,
    content: dict[str, Any],
    *,
    html_url: str,
    is_automatic: bool,
    files: Iterable[Attachment],
) -> Parts:
    text, quoted = (body, str(content["quoted"])) if content.get("quoted") else folded(body)
    # What a letter shows within itself is not listed again; without a look of its own, it is.
    shown = tuple(_file(row, kind) for row in files if not (row.is_inline and html_url))
    place = _place(content) if kind == "location" else None
    cards = _cards(content) if kind == "contacts" else ()
    # A place and a card say in words what is drawn beside them anyway.
    text = "" if place or cards else text
    is_empty = not (text or shown or place or cards or html_url)
    is_odd = kind in ("unsupported", "system")
    return Parts(
        kind=kind,
        subject=subject,
        text="" if is_odd else text,
        quoted=quoted,
        html_url=html_url,
        is_automatic=is_automatic,
        files=shown,
        place=place,
        cards=cards,
        is_choice=kind == "interactive",
        missing=(body or _missing(kind, content)) if is_odd or is_empty else "",
    )


def of_files(files: Iterable[Attachment]) -> list[FilePart]:
    return [_file(row, "document") for row in files]


def folded(body: str) -> tuple[str, str]:
    """The new words of a letter, and the earlier letter under them."""
    match = QUOTE_STARTS.search(body)
    if match is None or not body[: match.start()].strip():
        return body, ""
    return body[: match.start()].rstrip(), body[match.start() :].strip()


def _file(row: Attachment, kind: str) -> FilePart:
    general = row.content_type.partition(";")[0].strip().lower()
    shape = general.partition("/")[0] if general in attachments.SHOWN else "file"
    return FilePart(
        pk=row.pk,
        name=row.filename or str(KINDS.get(kind, _("Archivo"))),
        size=row.size,
        shape=shape if row.state == attachments.STORED else "file",
        icon=ICONS.get(general, "file"),
        url=reverse("conversations:file", args=[row.pk]),
        state=row.state,
        reason=str(REASONS.get(row.reason, row.reason)),
        is_sticker=kind == "sticker",
    )


def _place(content: dict[str, Any]) -> Place | None:
    try:
        latitude, longitude = float(content["latitude"]), float(content["longitude"])
    except (KeyError, TypeError, ValueError):
        return None
    there = f"{latitude:.6f}", f"{longitude:.6f}"
    name, address = _first(content, "name"), _first(content, "address")
    return Place(name, address, ", ".join(there), MAPS.format(*there))


def _cards(content: dict[str, Any]) -> tuple[Card, ...]:
    rows = [row for row in _listed(content.get("contacts")) if isinstance(row, dict)]
    return tuple(_card(row) for row in rows[:10])


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _card(row: dict[str, Any]) -> Card:
    name = row.get("name")
    shown = _first(name, "formatted_name", "first_name") if isinstance(name, dict) else str(name)
    lines = [
        _first(each, "phone", "email", "number") if isinstance(each, dict) else str(each)
        for key in ("phones", "emails")
        for each in _listed(row.get(key))
    ]
    return Card(shown or _("Sin nombre"), tuple(line for line in lines if line)[:6])


def _first(content: dict[str, Any], *names: str) -> str:
    return next((str(content[name]) for name in names if content.get(name)), "")


def _missing(kind: str, content: dict[str, Any]) -> str:
    """What to say of a message that has nothing to show."""
    if content.get("too_large"):
        size = int(content["too_large"]) // (1024 * 1024)
        return _("Un correo de %d MB: no se trajo por su tamaño y sigue en el buzón.") % size
    if kind in ("unsupported", "system"):
        return _("Este tipo de mensaje no se puede mostrar aquí.")
    return _("%s sin contenido.") % KINDS.get(kind, _("Mensaje"))
