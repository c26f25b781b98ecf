"""Message templates: our own ``{{placeholders}}``, filled in for many customers at once."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.channels.models import Channel, ProviderTemplate
from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.templating import addressees as addressing
from acuerdo.conversations.templating import approved_texts, template_html, usage
from acuerdo.conversations.templating.addressees import Addressees
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.ledger import pay_links
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import formatting

PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+(?:\.[A-Za-z0-9_-]+)?)\s*\}\}")
BRACES = re.compile(r"\{\{.*?\}\}|\{\{|\}\}", re.DOTALL)
CUSTOM = "campo."

TAGS = {
    "nombre": gettext_lazy("Nombre del cliente"),
    "apellido": gettext_lazy("Apellido del cliente"),
    "documento": gettext_lazy("Documento, con cifras ocultas"),
    "saldo_total": gettext_lazy("Todo lo que debe"),
    "deuda_vencida": gettext_lazy("Lo que ya venció"),
    "vencimiento": gettext_lazy("Vencimiento más antiguo"),
    "dias_atraso": gettext_lazy("Días desde ese vencimiento"),
    "empresa": gettext_lazy("Acreedor de la cartera, o la empresa"),
    "cartera": gettext_lazy("Nombre de la cartera"),
    "asesor": gettext_lazy("Asesor asignado"),
    "enlace_pago": gettext_lazy("Enlace a la página de pago del cliente"),
    "enlace_cuenta": gettext_lazy("Enlace al estado de cuenta del cliente"),
}
# Made for each message: only where a text asks for one.
LINKS = {"enlace_pago": pay_links.PAGE, "enlace_cuenta": pay_links.STATEMENT}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text for one customer. ``missing`` names the placeholders that had no value.

    ``template_call`` says the same to a provider that keeps the template itself.
    """

    subject: str
    body: str
    missing: list[str]
    template_call: dict[str, Any] | None = None
    html: str = ""


def check(body: str) -> list[str]:
    """The placeholders of ``body`` that do not exist, as they are written there."""
    return [found for found in BRACES.findall(body) if not _is_known(found)]


def _is_known(written: str) -> bool:
    match = PLACEHOLDER.fullmatch(written)
    return match is not None and (match[1] in TAGS or match[1].startswith(CUSTOM))


@transaction.atomic
def save(
    template: MessageTemplate | None = None,
    *,
    name: str,
    channel: str,
    body: str,
    subject: str = "",
    html: str = "",
    is_active: bool = True,
    provider_template: ProviderTemplate | None = None,
    variables: dict[str, list[str]] | None = None,
    addressees: Addressees | None = None,
    by: User | None,
    at: datetime,
) -> MessageTemplate:
    """Make a template, or change one: its version rises when what people read changes.

    With a ``provider_template`` its wording is the text, with our tags as its ``variables``.
    ``html`` is the look of an e-mail; without a ``body``, its plain twin is made from it.
    Without ``addressees`` it stays for those it was for.
    """
    chosen = variables or {}
    if provider_template:
        _refuse_foreign(provider_template, chosen, channel=channel)
        body = approved_texts.wording(provider_template, chosen)
    html = html.strip() if channel == Channel.EMAIL else ""
    compiled = template_html.compiled(html)
    body = body if body.strip() or not html else template_html.text_of(html)
    _refuse_unknown(html, field="html")
    _refuse_mistakes(template, name=name, channel=channel, body=body, subject=subject)
    if template:
        # Held, so that no step takes it up meanwhile.
        MessageTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
        usage.refuse_change(template, channel=channel, is_active=is_active)
    row = template or MessageTemplate(version=0)
    said = (channel, subject, body, html, provider_template, chosen if provider_template else {})
    if _said(row) != said or not row.version:
        row.version += 1
    row.provider_template, row.variables = provider_template, said[-1]
    row.html_source, row.html = html, compiled
    row.name, row.channel, row.subject, row.body = name.strip(), channel, subject, body
    row.is_active, row.updated_at = is_active, at
    if addressees:
        row.portfolio, row.language = addressees.portfolio, addressees.language
    row.save()
    log.record("template.updated", subject=row, by=by, at=at, version=row.version)
    return row


def _said(row: MessageTemplate) -> tuple[object, ...]:
    return row.channel, row.subject, row.body, row.html_source, row.provider_template, row.variables


def _refuse_foreign(
    template: ProviderTemplate, variables: dict[str, list[str]], *, channel: str
) -> None:
    if template.account.channel != channel:
        sentence = _("Esa plantilla del proveedor es de otro canal.")
        raise Refusal("foreign_template", sentence, field="provider_template")
    approved_texts.refuse_mistakes(template, variables)
    for tag in approved_texts.tags(template, variables):
        if not _is_known(f"{{{{{tag}}}}}"):
            sentence = _("«%(tag)s» no es una etiqueta conocida. Elija una de la lista.")
            raise Refusal("unknown_placeholder", sentence % {"tag": tag}, field="provider_template")


def _refuse_unknown(text: str, *, field: str) -> None:
    for tag in check(text)[:1]:
        sentence = _("«%(tag)s» no es una etiqueta conocida. Elija una de la lista.")
        raise Refusal("unknown_placeholder", sentence % {"tag": tag}, field=field)


def _refuse_mistakes(
    template: MessageTemplate | None, *, name: str, channel: str, body: str, subject: str
) -> None:
    _refuse_unknown(body, field="body")
    _refuse_unknown(subject, field="subject")
    if not name.strip():
        raise Refusal("no_name", _("Escriba un nombre."), field="name")
    if channel not in Channel.values:
        raise Refusal("no_channel", _("Elija un canal."), field="channel")
    if not body.strip():
        raise Refusal("empty_body", _("Escriba el texto del mensaje."), field="body")
    others = MessageTemplate.objects.exclude(pk=template.pk if template else 0)
    if others.filter(name=name.strip()).exists():
        raise Refusal("name_taken", _("Ya hay una plantilla con ese nombre."), field="name")


def render(
    template: MessageTemplate,
    customer: Customer,
    *,
    at: datetime,
    values: Mapping[str, str] | None = None,
) -> Rendered:
    """``values`` stand in for the customer's own, by placeholder."""
    known = _facts(customer, at=at) | _links(_asked(template), [customer.pk], at=at)[customer.pk]
    return fill(template, known | dict(values or {}))


def values_of(customer: Customer, *, at: datetime) -> dict[str, str]:
    """What each placeholder says for one customer; empty where there is nothing to say."""
    return _facts(customer, at=at) | _links(LINKS, [customer.pk], at=at)[customer.pk]


def _facts(customer: Customer, *, at: datetime) -> dict[str, str]:
    organization = settings.current()
    on = clock.date_in(organization.time_zone, at)
    row = Customer.objects.filter(pk=customer.pk).values(*_FACTS).get()
    return _values(row, organization.name, on)


def render_many(
    template: MessageTemplate, customer_ids: Iterable[int], *, at: datetime
) -> dict[int, Rendered]:
    """The text for each customer, with one query whatever their number; one more for links."""
    organization = settings.current()
    on = clock.date_in(organization.time_zone, at)
    rows = list(Customer.objects.filter(pk__in=list(customer_ids)).values(*_FACTS))
    links = _links(_asked(template), [row["pk"] for row in rows], at=at)
    return {
        row["pk"]: fill(template, _values(row, organization.name, on) | links[row["pk"]])
        for row in rows
    }


def _asked(template: MessageTemplate) -> list[str]:
    """The links that a template has a place for."""
    texts = (template.subject, template.body, template.html, str(template.variables))
    return [name for name in LINKS if any(name in text for text in texts)]


def _links(names: Iterable[str], ids: Sequence[int], *, at: datetime) -> dict[int, dict[str, str]]:
    made: dict[int, dict[str, str]] = {pk: {} for pk in ids}
    for name in names:
        for pk, address in pay_links.urls(ids, at=at, name=LINKS[name]).items():
            made[pk][name] = address
    return made


_FACTS = (
    "pk", "first_name", "last_name", "document_number", "custom", "standing__currency",
    "standing__open_amount", "standing__overdue_amount", "standing__oldest_due_on",
    "portfolio__name", "portfolio__creditor", "adviser__name",
)  # fmt: skip


def _values(row: dict[str, Any], organization: str, on: date) -> dict[str, str]:
    due_on: date | None = row["standing__oldest_due_on"]
    values = {
        "nombre": row["first_name"],
        "apellido": row["last_name"],
        "documento": formatting.mask_document(row["document_number"]),
        "saldo_total": _money(row["standing__open_amount"], row["standing__currency"]),
        "deuda_vencida": _money(row["standing__overdue_amount"], row["standing__currency"]),
        "vencimiento": f"{due_on:%d/%m/%Y}" if due_on else "",
        "dias_atraso": str(max((on - due_on).days, 0)) if due_on else "",
        "empresa": row["portfolio__creditor"] or organization,
        "cartera": row["portfolio__name"],
        "asesor": row["adviser__name"] or "",
    }
    return values | {f"{CUSTOM}{key}": str(value) for key, value in row["custom"].items()}


def _money(amount: Decimal | None, currency: str | None) -> str:
    return str(formatting.money(amount, currency)) if amount is not None and currency else ""


def fill(template: MessageTemplate, values: Mapping[str, str]) -> Rendered:
    """The text with ``values``, by placeholder."""
    missing: list[str] = []
    put = _putter(values, missing)
    subject = PLACEHOLDER.sub(put, template.subject)
    body = PLACEHOLDER.sub(put, template.body)
    page = PLACEHOLDER.sub(lambda match: escape(put(match)), template.html)
    if template.provider_template is None:
        return Rendered(subject, body, list(dict.fromkeys(missing)), html=page)
    mapped = approved_texts.tags(template.provider_template, template.variables)
    missing += [tag for tag in mapped if not values.get(tag)]
    call = approved_texts.call(template.provider_template, template.variables, values)
    return Rendered(subject, body, list(dict.fromkeys(missing)), call)


def _putter(values: Mapping[str, str], missing: list[str]) -> Callable[[re.Match[str]], str]:
    def put(match: re.Match[str]) -> str:
        value = values.get(match[1], "")
        if not value:
            missing.append(match[1])
        return value

    return put


def insertable(
    *, channel: str, search: str = "", customer: Customer | None = None
) -> list[MessageTemplate]:
    """What an adviser may choose from while writing on ``channel``, to ``customer``."""
    found = MessageTemplate.objects.filter(channel=channel, is_active=True)
    if customer:
        found = found.filter(addressing.fitting(customer))
    if search.strip():
        words = search.strip()
        found = found.filter(Q(name__icontains=words) | Q(body__icontains=words))
    return list(found.select_related("provider_template").order_by("name")[:30])
