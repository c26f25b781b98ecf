"""Who may have written from an address that is nobody's: candidates with the reason, never a link."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from acuerdo.conversations.models import Message
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.customers import contact_points, documents, profiles
from acuerdo.customers.models import ContactKind, ContactPoint, Customer, CustomerStatus
from acuerdo.primitives import phone

MOST = 5
# Only so much of what was written is read, and only so many numbers of it are looked up.
TEXT = 4000
TOKENS = 20
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
NUMBER = re.compile(r"[A-Za-z]{0,4}[-.\s]?\d[\d.\-\s]{4,18}[\dkK]")
# A number without its country code still tells a person by its last digits.
TAIL = 8
SHORTEST_DOCUMENT = 6
NUMBERED = (ContactKind.PHONE, ContactKind.WHATSAPP)


@dataclass(slots=True)
class Suggestion:
    """A customer within reach, and what speaks for it being them."""

    customer: Customer
    reasons: list[str] = field(default_factory=list)


def of(rows: Sequence[UnknownSender], customers: QuerySet[Customer]) -> list[Suggestion]:
    """The likeliest of ``customers`` first; ``rows`` are the messages of one address."""
    if not rows:
        return []
    text = " ".join(f"{row.body} {row.message.get('subject', '')}" for row in rows)[:TEXT]
    reach = customers.exclude(status=CustomerStatus.DELETED).select_related("portfolio")
    found: dict[int, Suggestion] = {}
    _add(found, _by_answer(rows, reach), _("Responde a un mensaje que se le envió"))
    _add(found, _by_address(rows[0], reach), _("Tiene esa misma dirección en su ficha"))
    _add(found, _by_email(text, reach), _("Su correo aparece en el mensaje"))
    _add(found, _by_phone(text, reach), _("Su teléfono aparece en el mensaje"))
    _add(found, _by_document(text, reach), _("Su documento aparece en el mensaje"))
    name = next((row.name for row in reversed(rows) if row.name), "")
    _add(found, _by_name(name, reach), _("Se llama igual que quien escribe"))
    ranked = sorted(found.values(), key=lambda each: -len(each.reasons))
    return ranked[:MOST]


def _add(found: dict[int, Suggestion], rows: Iterable[Customer], reason: str) -> None:
    for row in rows:
        found.setdefault(row.pk, Suggestion(row)).reasons.append(reason)


def _by_address(row: UnknownSender, reach: QuerySet[Customer]) -> QuerySet[Customer]:
    kinds = contact_points.KINDS_OF_CHANNEL[row.account.channel]
    points = Q(key=row.key)
    if row.key.isdigit() and len(row.key) > TAIL:
        points |= Q(key__endswith=row.key[-TAIL:])
    return _having(reach, ContactPoint.objects.filter(points, kind__in=kinds))


def _by_answer(rows: Sequence[UnknownSender], reach: QuerySet[Customer]) -> QuerySet[Customer]:
    """Whom the message was sent to that this one answers: forwarded mail, a second address."""
    answers = [name for row in rows for name in row.message.get("answers", ())][:TOKENS]
    ours = Message.objects.filter(account_id=rows[0].account_id, provider_id__in=answers)
    return reach.filter(pk__in=ours.values("interaction__customer_id")).order_by("pk")[:MOST]


def _by_email(text: str, reach: QuerySet[Customer]) -> Iterable[Customer]:
    named = {each.lower().rstrip(".") for each in EMAIL.findall(text)[:TOKENS]}
    if not named:
        return ()
    return _having(reach, ContactPoint.objects.filter(key__in=named, kind=ContactKind.EMAIL))


def _by_phone(text: str, reach: QuerySet[Customer]) -> Iterable[Customer]:
    keys = {phone.key(each) for each in NUMBER.findall(text)[:TOKENS]}
    wanted = Q()
    for key in keys:
        if len(key) > TAIL:
            wanted |= Q(key__endswith=key[-TAIL:])
    if not wanted:
        return ()
    return _having(reach, ContactPoint.objects.filter(wanted, kind__in=NUMBERED))


def _by_document(text: str, reach: QuerySet[Customer]) -> Iterable[Customer]:
    keys = {documents.key(each) for each in NUMBER.findall(text)[:TOKENS]}
    # «DNI45678912» is the number with its type written before it.
    keys |= {re.sub(r"^[A-Z]+(?=\d)", "", key) for key in keys}
    keys = {key for key in keys if len(key) >= SHORTEST_DOCUMENT}
    return reach.filter(document_key__in=keys)[:MOST] if keys else ()


def _by_name(name: str, reach: QuerySet[Customer]) -> Iterable[Customer]:
    words = profiles.sort_key(name, "").split()
    if len(words) < 2:
        return ()
    wanted = Q()
    for word in words:
        wanted &= Q(sort_key__contains=word)
    return reach.filter(wanted).order_by("sort_key", "pk")[:MOST]


def _having(reach: QuerySet[Customer], points: QuerySet[ContactPoint]) -> QuerySet[Customer]:
    return reach.filter(pk__in=points.values("customer_id")).order_by("pk")[:MOST]
