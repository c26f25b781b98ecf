"""One entry of the thread opened: what it says of itself, each moment of it, and where it leads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.conversations.sending import explaining
from acuerdo.conversations.sending.explaining import Line
from acuerdo.conversations.timeline.thread import Entry
from acuerdo.interactions.models import AUTOMATIC_ORIGINS, FactKind, Interaction, Kind
from acuerdo.ledger.models import Claim, Payment, PaymentReport, Promise
from acuerdo.ui import formatting

Words = str | LazyText


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the sheet."""

    label: str
    value: str


@dataclass(slots=True)
class Detail:
    """``link`` leads to where the thing itself lives, for whoever holds ``link_right``."""

    title: str
    facts: list[Fact]
    moments: list[tuple[str, datetime]]
    text: str = ""
    link: str = ""
    link_label: str = ""
    link_right: str = "debts.view"
    attempts: list[Line] = field(default_factory=list)
    decisions: list[Line] = field(default_factory=list)


def of(entry: Entry) -> Detail:
    row = entry.row
    detail = Detail(_title(row), list(_common(row)), _moments(row))
    _ABOUT[row.kind](row, detail)
    return detail


def _title(row: Interaction) -> str:
    return row.get_fact_display() if row.kind == Kind.FACT else row.get_kind_display()


def _common(row: Interaction) -> Iterator[Fact]:
    if row.amount is not None:
        yield Fact(_("Monto"), str(formatting.money(row.amount, row.currency, iso=False)))
    if row.source:
        yield Fact(row.get_origin_display(), row.source)
    elif row.origin in AUTOMATIC_ORIGINS:
        yield Fact(_("Origen"), row.get_origin_display())
    if row.template:
        yield Fact(_("Plantilla"), row.template)
    if row.by:
        yield Fact(_("Registró"), row.by.name)


def _moments(row: Interaction) -> list[tuple[str, datetime]]:
    """Each state that left a moment, in the order in which it came."""
    found = [
        (_("Registrado"), row.created_at),
        (_("Enviado"), row.sent_at),
        (_("Entregado"), row.delivered_at),
        (_("Abierto"), row.opened_at),
    ]
    known = [(label, at) for label, at in found if at is not None]
    if row.at not in [at for _label, at in known]:
        known.append((row.get_status_display(), row.at))
    return sorted(known, key=lambda each: each[1])


def _message(row: Interaction, detail: Detail) -> None:
    message = row.message
    mask = formatting.mask_email if row.channel == "email" else formatting.mask_phone
    way = _("De") if row.direction == "incoming" else _("Para")
    detail.title = f"{detail.title} · {message.account.get_channel_display()}"
    detail.facts += [Fact(_("Cuenta"), message.account.name), Fact(way, mask(message.address))]
    if row.direction == "outgoing":
        detail.attempts = explaining.attempts(message)
        detail.decisions = explaining.decisions(message)


def _call(row: Interaction, detail: Detail) -> None:
    call = row.call
    detail.facts.append(Fact(_("Intento"), str(call.attempt)))
    detail.text = "\n\n".join(filter(None, (row.summary, call.note)))


def _note(row: Interaction, detail: Detail) -> None:
    note = row.note
    told = (
        (_("Canal de origen"), note.get_channel_display()),
        (_("Código asociado"), note.code),
        (_("Tipo de gestión"), note.get_handling_display()),
    )
    detail.facts += [Fact(label, value) for label, value in told if value]
    detail.text = note.body


def _fact(row: Interaction, detail: Detail) -> None:
    detail.text = row.summary
    tell, page, label = _OF_FACTS.get(row.fact, (None, "ledger:account", _ACCOUNT))
    if tell is not None:
        detail.facts += tell(row)
    argument: int | None = row.customer_id
    if page == "ledger:claim":
        argument, detail.link_right = row.subject_id, "claims.edit"
    if argument is not None:
        detail.link, detail.link_label = reverse(page, args=[argument]), str(label)


def _promise(row: Interaction) -> list[Fact]:
    found = Promise.objects.filter(pk=row.subject_id or 0, customer=row.customer_id).first()
    if found is None:
        return []
    return [
        Fact(_("Fecha comprometida"), f"{found.due_on:%d/%m/%Y}"),
        Fact(_("Pagado hasta ahora"), str(formatting.money(found.paid, found.currency))),
        Fact(_("Estado"), found.get_status_display()),
    ]


def _payment(row: Interaction) -> list[Fact]:
    found = Payment.objects.filter(pk=row.subject_id or 0, customer=row.customer_id).first()
    return [] if found is None else [*_paid(found), Fact(_("Estado"), found.get_status_display())]


def _report(row: Interaction) -> list[Fact]:
    found = PaymentReport.objects.filter(pk=row.subject_id or 0, customer=row.customer_id).first()
    return [] if found is None else [*_paid(found), Fact(_("Estado"), found.get_status_display())]


def _paid(found: Payment | PaymentReport) -> list[Fact]:
    told = ((_("Medio de pago"), found.method), (_("Referencia"), found.reference))
    return [
        Fact(_("Fecha de pago"), f"{found.paid_on:%d/%m/%Y}"),
        *(Fact(label, value) for label, value in told if value),
    ]


def _claim(row: Interaction) -> list[Fact]:
    found = Claim.objects.filter(pk=row.subject_id or 0, customer=row.customer_id).first()
    if found is None:
        return []
    return [
        Fact(_("Categoría"), found.get_category_display()),
        Fact(_("Estado"), found.get_status_display()),
        *([Fact(_("Resolución"), found.resolution)] if found.resolution else []),
    ]


_ABOUT: dict[str, Callable[[Interaction, Detail], None]] = {
    Kind.MESSAGE: _message,
    Kind.CALL: _call,
    Kind.NOTE: _note,
    Kind.FACT: _fact,
}
_ACCOUNT = gettext_lazy("Ver la cuenta")
_MOVEMENTS = gettext_lazy("Ver los movimientos")
_Tell = Callable[[Interaction], list[Fact]]
_OF_FACTS: dict[str, tuple[_Tell | None, str, Any]] = {
    FactKind.PROMISE: (_promise, "ledger:account", _ACCOUNT),
    FactKind.PROMISE_KEPT: (_promise, "ledger:account", _ACCOUNT),
    FactKind.PROMISE_BROKEN: (_promise, "ledger:account", _ACCOUNT),
    FactKind.PROMISE_CANCELLED: (_promise, "ledger:account", _ACCOUNT),
    FactKind.PAYMENT: (_payment, "ledger:movements", _MOVEMENTS),
    FactKind.PARTIAL_PAYMENT: (_payment, "ledger:movements", _MOVEMENTS),
    FactKind.REVERSAL: (_payment, "ledger:movements", _MOVEMENTS),
    FactKind.REPORT: (_report, "ledger:movements", _MOVEMENTS),
    FactKind.REPORT_VERIFIED: (_report, "ledger:movements", _MOVEMENTS),
    FactKind.REPORT_REJECTED: (_report, "ledger:movements", _MOVEMENTS),
    FactKind.ADJUSTMENT: (None, "ledger:movements", _MOVEMENTS),
    FactKind.CLAIM: (_claim, "ledger:claim", gettext_lazy("Ver el reclamo")),
    FactKind.CLAIM_CLOSED: (_claim, "ledger:claim", gettext_lazy("Ver el reclamo")),
}
