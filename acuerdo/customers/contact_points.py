"""How to reach a customer. An address that proved wrong is kept, marked, and never used."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Case, Max, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from acuerdo.customers import facts, segmentation
from acuerdo.customers.models import (
    ContactKind,
    ContactPoint,
    ContactRole,
    Customer,
    CustomerStatus,
)
from acuerdo.organization.models import User
from acuerdo.primitives import phone
from acuerdo.primitives.refusals import Refusal

MAX_PER_KIND = 5
# WhatsApp names people who hide their number by an id scoped to the business.
SCOPED_ID = "bsuid:"
# The kinds of address that each channel can use, the preferred one first.
KINDS_OF_CHANNEL: dict[str, tuple[ContactKind, ...]] = {
    "whatsapp": (ContactKind.WHATSAPP, ContactKind.PHONE),
    "sms": (ContactKind.PHONE,),
    "call": (ContactKind.PHONE,),
    "email": (ContactKind.EMAIL,),
}
# Fewer digits than the shortest real number with its country code: "1", "0", "999".
SHORTEST_PHONE = 6
# What people type when a form insists on an e-mail.
_NOBODY = frozenset(
    {
        "a", "aa", "correo", "email", "mail", "na", "nadie", "ninguno", "no", "no-tiene", "noemail",
        "nomail", "none", "noreply", "notiene", "no.tiene", "no_tiene", "nt", "sin", "sincorreo",
        "sin.correo", "sin_correo", "sinemail", "sinmail", "test", "x", "xx", "xxx",
    }
)  # fmt: skip


def is_placeholder(kind: str, value: str) -> bool:
    """Whether ``value`` only stands for "has none": phone 1, sincorreo@..."""
    text = value.strip().lower()
    if kind == ContactKind.EMAIL:
        return not text or text in {"-", "0", "1", "n/a"} or text.split("@")[0] in _NOBODY
    if text.startswith(SCOPED_ID):
        return False
    digits = [char for char in text if char.isdigit()]
    return len(digits) < SHORTEST_PHONE or len(set(digits)) == 1


def canonical_key(kind: str, value: str) -> str:
    """What inbound addresses are matched by. A phone is E.164 or digits with country code."""
    text = value.strip()
    if kind == ContactKind.EMAIL:
        return text.lower()
    return text if text.startswith(SCOPED_ID) else phone.key(text)


def stored_value(kind: str, value: str, *, country: str) -> str:
    """``value`` in the form it is kept: E.164, a lower-case e-mail; else a Refusal."""
    text = value.strip()
    if is_placeholder(kind, text):
        sentence = _("«%s» no es una dirección real; déjela vacía si el cliente no tiene.")
        raise Refusal("no_contact", sentence % value, field="value")
    if kind == ContactKind.EMAIL:
        try:
            validate_email(text)
        except ValidationError:
            sentence = _("«%s» no es un correo. Debe tener la forma nombre@empresa.com.")
            raise Refusal("bad_email", sentence % value, field="value") from None
        return text.lower()
    return text if text.startswith(SCOPED_ID) else phone.parse(text, country=country)


@transaction.atomic
def add(
    customer: Customer,
    *,
    kind: str,
    value: str,
    role: str = ContactRole.DEBTOR,
    by: User | None,
    at: datetime,
) -> ContactPoint:
    """The same address again gives the row that is there, as it is."""
    if kind not in ContactKind.values or role not in ContactRole.values:
        raise Refusal("bad_kind", _("Ese tipo de contacto no existe."), field="kind")
    stored = stored_value(kind, value, country=customer.country)
    key = canonical_key(kind, stored)
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    points = customer.contact_points.filter(kind=kind)
    known = points.filter(key=key).first()
    if known is not None:
        return known
    if points.filter(role=role).count() >= MAX_PER_KIND:
        sentence = _("Un cliente tiene a lo sumo cinco contactos de cada tipo.")
        raise Refusal("too_many", sentence, field="value")
    last = points.aggregate(last=Max("position"))["last"] or 0
    point = ContactPoint.objects.create(
        customer=customer,
        kind=kind,
        role=role,
        value=stored,
        key=key,
        position=last + 1,
        created_at=at,
    )
    segmentation.place([customer.pk])
    facts.record("contact_point.marked", customer, subject=point, by=by, at=at, mark="added")
    return point


@transaction.atomic
def learn_scoped_id(customer: Customer, scoped_id: str, *, at: datetime) -> None:
    """``customer`` wrote under a number of theirs and this id at once: either names them now.

    Nothing where the id is somebody else's already, or there is no room for it.
    """
    owners = ContactPoint.objects.filter(kind=ContactKind.WHATSAPP, key=scoped_id)
    own = customer.contact_points.filter(kind=ContactKind.WHATSAPP)
    if not owners.exists() and own.count() < MAX_PER_KIND:
        add(customer, kind=ContactKind.WHATSAPP, value=scoped_id, by=None, at=at)


def unknown_scoped_ids(scoped_ids: Iterable[str]) -> set[str]:
    """Those that name nobody yet."""
    wanted = set(scoped_ids)
    points = ContactPoint.objects.filter(kind=ContactKind.WHATSAPP, key__in=wanted)
    return wanted - set(points.values_list("key", flat=True)) if wanted else set()


@transaction.atomic
def mark_unusable(
    point: ContactPoint, *, reason: str, by: User | None, at: datetime
) -> ContactPoint:
    """Nothing is sent to ``point`` until somebody clears the alert."""
    point.is_usable, point.alert, point.alerted_at = False, reason[:200], at
    point.save(update_fields=["is_usable", "alert", "alerted_at"])
    return _marked(point, "unusable", by=by, at=at)


@transaction.atomic
def refuse_channel(
    point: ContactPoint, *, channel: str, reason: str, by: User | None, at: datetime
) -> ContactPoint:
    """``point`` does not take ``channel`` (a phone without WhatsApp); the others still may."""
    row = ContactPoint.objects.select_for_update().get(pk=point.pk)
    point.refused_channels = sorted({*row.refused_channels, channel})
    point.alert, point.alerted_at = reason[:200], at
    point.save(update_fields=["refused_channels", "alert", "alerted_at"])
    return _marked(point, "channel_refused", by=by, at=at, channel=channel)


@transaction.atomic
def clear_alert(point: ContactPoint, *, by: User | None, at: datetime) -> ContactPoint:
    """Somebody made sure that the address works: every channel may use it again."""
    point.is_usable, point.refused_channels = True, []
    point.alert, point.alerted_at = "", None
    point.save(update_fields=["is_usable", "refused_channels", "alert", "alerted_at"])
    return _marked(point, "cleared", by=by, at=at)


def _marked(
    point: ContactPoint, mark: str, *, by: User | None, at: datetime, **data: str
) -> ContactPoint:
    facts.record(
        "contact_point.marked", point.customer, subject=point, by=by, at=at, mark=mark, **data
    )
    return point


@transaction.atomic
def take_back(point: ContactPoint, *, by: User | None, at: datetime) -> None:
    """An address that was given to the wrong customer moments ago."""
    _marked(point, "removed", by=by, at=at)
    point.delete()


def find_owners(channel: str, address: str) -> list[Customer]:
    """As ``owners_of``, for one address."""
    return owners_of(channel, [address])[address]


def owners_of(channel: str, addresses: Iterable[str]) -> dict[str, list[Customer]]:
    """Who may have written from each address: none, one or several; the caller never guesses.

    A phone marked wrong matches nobody, since a stranger holds it; a mailbox that bounced
    and now writes has proved to be its owner's.
    """
    kinds = KINDS_OF_CHANNEL[channel]
    keys = {
        address: "" if is_placeholder(kinds[0], address) else canonical_key(kinds[0], address)
        for address in addresses
    }
    points = ContactPoint.objects.filter(
        Q(is_usable=True) | Q(kind=ContactKind.EMAIL),
        kind__in=kinds,
        key__in={*keys.values()} - {""},
    )
    holders: dict[str, set[int]] = {}
    for key, customer_id in points.values_list("key", "customer_id"):
        holders.setdefault(key, set()).add(customer_id)
    living = Customer.objects.exclude(status=CustomerStatus.DELETED).in_bulk(
        {customer_id for ids in holders.values() for customer_id in ids}
    )
    return {
        address: [living[pk] for pk in sorted(holders.get(key, ())) if pk in living]
        for address, key in keys.items()
    }


def for_channel(
    customer_ids: Iterable[int], *, channel: str, role: str = ContactRole.DEBTOR
) -> dict[int, ContactPoint]:
    """The first usable address of each customer for ``channel``; who has none is missing."""
    points = _usable(channel).filter(customer_id__in=list(customer_ids), role=role)
    kinds = KINDS_OF_CHANNEL[channel]
    # A scoped id says no more than the number, so that a number is written to while there is one.
    hidden = When(value__startswith=SCOPED_ID, then=Value(len(kinds)))
    rank = Case(hidden, *[When(kind=kind, then=Value(order)) for order, kind in enumerate(kinds)])
    first = points.order_by("customer_id", rank, "position", "pk").distinct("customer_id")
    return {point.customer_id: point for point in first}


def by_channel(customer: Customer, *, role: str = ContactRole.DEBTOR) -> dict[str, ContactPoint]:
    """What ``for_channel`` chooses on each channel for one customer, in one query."""
    points = list(
        customer.contact_points.filter(is_usable=True, role=role).order_by("position", "pk")
    )
    return {
        channel: best[0]
        for channel, kinds in KINDS_OF_CHANNEL.items()
        if (best := _best(points, kinds, channel))
    }


def _best(
    points: list[ContactPoint], kinds: tuple[ContactKind, ...], channel: str
) -> list[ContactPoint]:
    usable = [
        point for point in points if point.kind in kinds and channel not in point.refused_channels
    ]
    return sorted(
        usable,
        key=lambda point: (
            point.value.startswith(SCOPED_ID),
            kinds.index(ContactKind(point.kind)),
        ),
    )


def _usable(channel: str) -> QuerySet[ContactPoint]:
    return ContactPoint.objects.filter(is_usable=True, kind__in=KINDS_OF_CHANNEL[channel]).exclude(
        refused_channels__contains=[channel]
    )


def usable_point_sql(channel_expr: str, customer_expr: str, role_expr: str = "'debtor'") -> str:
    """An SQL condition: the customer has a usable address for the channel.

    Each argument is an SQL expression of the statement that it goes into, never user input.
    """
    return f"""EXISTS (
        SELECT 1 FROM customers_contactpoint cp
        WHERE cp.customer_id = {customer_expr} AND cp.role = {role_expr} AND cp.is_usable
          AND NOT cp.refused_channels ? {channel_expr}
          AND CASE {channel_expr}
                WHEN 'whatsapp' THEN cp.kind IN ('whatsapp', 'phone')
                WHEN 'email' THEN cp.kind = 'email'
                ELSE cp.kind = 'phone' END)"""
