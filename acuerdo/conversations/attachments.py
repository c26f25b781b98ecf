"""Files of messages: kept under names that nobody can guess, tied to one message at most once."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from acuerdo.channels.adapter import File, InboundFile, plain
from acuerdo.channels.models import Channel
from acuerdo.conversations.models import Attachment, Message, ReplyDraft
from acuerdo.conversations.note_models import Note
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal

STORED, WAITING, FAILED = "stored", "waiting", "failed"
MEGABYTE = 1024 * 1024
UNSENT = timedelta(days=1)
MOST_AT_ONCE = 1000
OFFICE = {
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
PICTURES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png"}
SOUNDS = {"mp3": "audio/mpeg", "ogg": "audio/ogg", "m4a": "audio/mp4", "aac": "audio/aac"}
PAPERS = {"pdf": "application/pdf", "txt": "text/plain"}
FILMS = {"mp4": "video/mp4"}
# What a browser may show in the page; anything else is only ever downloaded.
SHOWN = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/gif", "audio/mpeg", "audio/ogg", "audio/mp4",
     "audio/aac", "audio/webm", "audio/wav", "video/mp4", "video/webm"}
)  # fmt: skip
# How files of these types begin, so that a name alone never passes for a picture.
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "application/pdf": (b"%PDF-",),
    "audio/ogg": (b"OggS",),
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """What one channel takes: endings with their types, and the size of each and of all."""

    types: dict[str, str]
    each: int
    most: int

    @property
    def accept(self) -> str:
        return ",".join(f".{ending}" for ending in self.types)

    @property
    def endings(self) -> str:
        return ", ".join(self.types)

    @property
    def pictures(self) -> int:
        return min(self.each, PICTURE_LIMIT)

    @property
    def words(self) -> str:
        """Said before anything is chosen: «Hasta 5 archivos de 10 MB, imágenes de 5 MB»."""
        number = ngettext("%(n)d archivo", "Hasta %(n)d archivos", self.most) % {"n": self.most}
        sizes = {"each": self.each // MEGABYTE, "pictures": self.pictures // MEGABYTE}
        return number + " " + _("de %(each)d MB, imágenes de %(pictures)d MB") % sizes


# WhatsApp sends one file in a message. Mail servers refuse letters much above 20 MB.
LIMITS: dict[str, Limit] = {
    Channel.WHATSAPP: Limit(PICTURES | SOUNDS | PAPERS | OFFICE | FILMS, 16 * MEGABYTE, 1),
    Channel.EMAIL: Limit(
        PICTURES | SOUNDS | PAPERS | OFFICE | FILMS | {"csv": "text/csv", "zip": "application/zip"},
        10 * MEGABYTE,
        5,
    ),
}
# Notes stay inside: no provider has a say.
NOTE = "note"
LIMITS[NOTE] = LIMITS[Channel.EMAIL]
# Meta refuses larger pictures.
PICTURE_LIMIT = 5 * MEGABYTE


def upload(
    file: UploadedFile, *, customer: Customer, channel: str, by: User, at: datetime
) -> Attachment:
    """Keep a file that ``by`` will send on ``channel``; refused by name when it takes no such."""
    name = PurePath(file.name or "archivo").name
    # Nothing of what is far too large is read into memory.
    content = file.read(max(limit.each for limit in LIMITS.values()) + 1)
    content_type = _checked(name, content, channel)
    return _store(name, content_type, content, at=at, uploaded_by=by, for_customer_id=customer.pk)


def _checked(name: str, content: bytes, channel: str) -> str:
    """The type of the file; Refusal naming the file and what would do."""
    limit = LIMITS.get(channel)
    if limit is None:
        raise Refusal("no_files", _("Por este canal no se envían archivos."), field="body")
    ending = PurePath(name).suffix.lower().lstrip(".")
    content_type = limit.types.get(ending, "")
    if not content_type:
        sentence = _("«%(name)s» no se puede enviar por este canal. Se aceptan: %(types)s.")
        words = {"name": name, "types": ", ".join(limit.types)}
        raise Refusal("bad_type", sentence % words, field="body")
    beginnings = BEGINNINGS.get(content_type)
    if not content or (beginnings and not content.startswith(beginnings)):
        sentence = _("«%s» está vacío o no es lo que su nombre dice. Ábralo y guárdelo de nuevo.")
        raise Refusal("bad_content", sentence % name, field="body")
    longest = PICTURE_LIMIT if content_type.startswith("image/") else limit.each
    if len(content) > longest:
        sentence = _("«%(name)s» pesa más de %(limit)d MB, lo máximo por este canal.")
        too_much = {"name": name, "limit": longest // MEGABYTE}
        raise Refusal("too_large", sentence % too_much, field="body")
    return content_type


def receive(
    files: Iterable[InboundFile], *, message: Message | None, at: datetime
) -> list[Attachment]:
    """Keep what came with a message; what the provider still holds waits to be fetched.

    Without ``message`` they belong to nobody yet: see ``give``.
    """
    return [_received(file, message, at=at) for file in files]


def _received(file: InboundFile, message: Message | None, *, at: datetime) -> Attachment:
    name, type_ = plain(file.filename, most=200), plain(file.content_type, most=100)
    if file.content is not None:
        return _store(name, type_, file.content, at=at, message=message, is_inline=file.is_inline)
    return Attachment.objects.create(
        message=message,
        filename=name,
        content_type=type_,
        media_id=plain(file.media_id, most=200),
        state=WAITING if file.media_id else FAILED,
        reason="" if file.media_id else "empty",
        is_inline=file.is_inline,
        created_at=at,
    )


def _store(
    name: str, content_type: str, content: bytes, *, at: datetime, **more: object
) -> Attachment:
    row = Attachment(
        filename=name[:200],
        content_type=content_type,
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        created_at=at,
        **more,
    )
    row.file.save(uuid4().hex, ContentFile(content), save=True)
    return row


def sniffed(content: bytes, told: str) -> str:
    """The type that the bytes begin as; what was told, unless they are something else."""
    for content_type, beginnings in BEGINNINGS.items():
        if content.startswith(beginnings):
            return content_type
    general = told.partition(";")[0].strip().lower()
    return "application/octet-stream" if general in BEGINNINGS else plain(told, most=100)


def fill(row: Attachment, found: File, *, content_type: str) -> None:
    """The bytes that ``row`` was waiting for."""
    row.content_type = content_type
    row.filename = row.filename or plain(found.filename, most=200)
    row.size, row.digest = len(found.content), hashlib.sha256(found.content).hexdigest()
    row.state, row.reason = STORED, ""
    row.file.save(uuid4().hex, ContentFile(found.content), save=True)


def give(ids: Sequence[int], message: Message | None) -> None:
    """Hand received files over to ``message``, or back to nobody."""
    Attachment.objects.filter(pk__in=list(ids)).update(message=message)


def free(message: Message, *, by: User) -> list[int]:
    """The files that ``by`` uploaded for a message that never left are to be sent again."""
    mine = Attachment.objects.filter(message=message, uploaded_by=by, state=STORED)
    ids = list(mine.order_by("pk").values_list("pk", flat=True))
    mine.update(message=None)
    return ids


def reclaim(message: Message, ids: Sequence[int]) -> list[Attachment]:
    """Those of ``ids`` that hang on a message which never left, for the one that replaces it."""
    rows = Attachment.objects.filter(message=message, pk__in=list(ids), state=STORED)
    found = list(rows.order_by("pk"))
    rows.update(message=None)
    return found


def uploaded(ids: Sequence[int], *, customer: Customer, by: User) -> tuple[Attachment, ...]:
    """What ``by`` uploaded for ``customer`` and did not send yet; refused when one is gone."""
    wanted = list(dict.fromkeys(ids))
    found = pending(customer, by=by).filter(state=STORED).in_bulk(wanted)
    if len(found) != len(wanted):
        sentence = _("Un archivo adjunto ya no está. Vuelva a adjuntarlo.")
        raise Refusal("file_gone", sentence, field="body")
    return tuple(found[pk] for pk in wanted)


def pending(customer: Customer, *, by: User) -> QuerySet[Attachment]:
    """What ``by`` uploaded for ``customer`` and belongs to nothing yet."""
    return _unsent().filter(uploaded_by=by, for_customer_id=customer.pk)


def give_to_note(files: Sequence[Attachment], note: Note) -> None:
    """Refused where one of them went elsewhere meanwhile."""
    if len(files) > LIMITS[NOTE].most:
        sentence = _("En una nota caben a lo sumo %d archivos.") % LIMITS[NOTE].most
        raise Refusal("too_many_files", sentence, field="body")
    given = _unsent().filter(pk__in=[file.pk for file in files]).update(note=note)
    if given != len(files):
        sentence = _("Un archivo adjunto ya no está. Vuelva a adjuntarlo.")
        raise Refusal("file_gone", sentence, field="body")


def _unsent() -> QuerySet[Attachment]:
    """What was uploaded and belongs to nothing yet."""
    return Attachment.objects.filter(message=None, note=None)


def check(files: Sequence[Attachment], *, channel: str) -> None:
    """Refuse what ``channel`` does not take: it may have been uploaded for another."""
    limit = LIMITS.get(channel)
    most = limit.most if limit else 0
    if len(files) > most:
        sentence = _("Por este canal se envían a lo sumo %d archivos en un mensaje.") % most
        raise Refusal("too_many_files", sentence, field="body")
    for file in files:
        if limit and (file.content_type not in limit.types.values() or file.size > limit.each):
            sentence = _("«%s» no se puede enviar por este canal.") % file.filename
            raise Refusal("bad_type", sentence, field="body")


def drop(ids: Sequence[int], *, by: User) -> None:
    """Throw away uploads that were not sent."""
    for row in _unsent().filter(pk__in=list(ids), uploaded_by=by):
        _discard(row)


def forget_unsent(*, at: datetime) -> int:
    """Throw away old uploads that no message took and no draft names; says how many."""
    drafted = {
        pk
        for files in ReplyDraft.objects.exclude(files=[]).values_list("files", flat=True)
        for pk in files
    }
    old = _unsent().filter(created_at__lt=at - UNSENT)
    # What came from outside has no uploader: it belongs to an unknown sender.
    rows = old.exclude(uploaded_by=None).exclude(pk__in=drafted).order_by("pk")
    return sum(_discard(row) for row in rows[:MOST_AT_ONCE])


def _discard(row: Attachment) -> int:
    """The row first, and only while nothing has it: the bytes of a sent file stay."""
    gone, _rows = _unsent().filter(pk=row.pk).delete()
    if gone:
        row.file.delete(save=False)
    return gone
