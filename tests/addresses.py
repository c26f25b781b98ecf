"""Every address of the product with the arguments it takes, and a small world to fill them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver

from acuerdo.calls import scheduling
from acuerdo.calls.filters import TrayFilter
from acuerdo.calls.models import CallSource
from acuerdo.channels import accounts, rates
from acuerdo.channels.adapter import InboundFile, InboundMessage
from acuerdo.channels.models import ChannelAccount, Rate, WebhookReceipt
from acuerdo.contact_policy import opt_outs
from acuerdo.conversations import attachments
from acuerdo.conversations.bulk import jobs as bulk_jobs
from acuerdo.conversations.bulk.selection import Selection
from acuerdo.conversations.models import Attachment
from acuerdo.conversations.note_models import Mention
from acuerdo.conversations.receiving import filing, unknown_senders
from acuerdo.conversations.sending import outbox, settling
from acuerdo.conversations.stranger_models import StrangerReply, UnknownSender
from acuerdo.conversations.team import notes
from acuerdo.conversations.templating import message_templates
from acuerdo.conversations.tray import saved_views
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.customers import alerts, pauses, segments
from acuerdo.customers.models import AlertKind, Customer
from acuerdo.customers.segment_rules import Rule
from acuerdo.customers.tests import factories as customers
from acuerdo.flows import strategies
from acuerdo.interactions import lifecycle
from acuerdo.ledger import claims, payment_reports, promises
from acuerdo.ledger.tests import factories as ledger
from acuerdo.organization import teams
from acuerdo.organization.models import Holiday, Portfolio, User
from acuerdo.primitives import clock
from acuerdo.primitives.money import Money
from acuerdo.spreadsheets.models import ExportRun, ImportRun

# Pages of the sign-in library are its own business.
OTHERS = ("account_", "mfa_", "socialaccount_")


@dataclass(frozen=True)
class Address:
    name: str
    arguments: tuple[str, ...]


def addresses() -> list[Address]:
    return sorted(_walk(get_resolver().url_patterns, ""), key=lambda address: address.name)


def _walk(patterns: list[Any], namespace: str) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            name = f"{namespace}{pattern.name or pattern.pattern}"
            if not name.startswith(OTHERS):
                yield Address(name, tuple(pattern.pattern.converters))


def world(portfolio: Portfolio, *, by: User) -> dict[str, Any]:
    """One of everything, and which of them the argument ``pk`` means for each address."""
    at = clock.now()
    person = customers.customer(portfolio, at=at)
    other = customers.customer(portfolio, at=at)
    debt = ledger.debt(person, at=at, due_on=clock.today("America/Lima") - timedelta(days=3))
    cancelled = promises.register(
        other_debtor(other, at), amount=ledger.soles(10), due_on=tomorrow(), by=by, at=at
    )
    template = message_templates.save(
        name="Aviso", channel="sms", body="Hola {{nombre}}", by=by, at=at
    )
    flow = strategies.save(name="General", by=by, at=at)
    hour = at.time().replace(second=0, microsecond=0)
    step = strategies.save_step(
        flow, key="uno", name="Uno", offset_days=1, channel="sms", template=template, hour=hour,
        by=by, at=at,
    )  # fmt: skip
    return {
        "customer": person,
        "point": customers.phone(person),
        "alert": alerts.raise_alert(person, AlertKind.REFUSES, by=by, at=at),
        "opt_out": opt_outs.record(person, channel="call", source="Llamada", by=by, at=at),
        "pause": pauses.pause(person, until=tomorrow(), by=by, at=at),
        "debt": debt,
        "payment": ledger.payment(person, 5, at=at, paid_on=clock.today("America/Lima")),
        "report": _report(person, by=by, at=at),
        "promise": cancelled,
        "claim": claims.open_claim(
            person, category="billing", description="Cobro doble", by=by, at=at
        ),
        "template": template,
        "flow": flow,
        "segment": segments.create("S", Rule(chosen=(("person", ("company",)),)), by=by, at=at),
        "step": step,
        "user": by,
        "team": teams.create("Norte", by=by, at=at),
        "portfolio": portfolio,
        "holiday": Holiday.objects.create(country="PE", on=tomorrow(), name="Local"),
        "call": scheduling.schedule(
            person, due_on=clock.today("America/Lima"), source=CallSource.MANUAL, by=by, at=at
        ),
        "message": _uncertain(other, by=by, at=at),
        "receipt": _set_aside(at),
        "account": (line := accounts.create(name="SMS", channel="sms", adapter="simulated", at=at)),
        "rate": future_rate(line, by=by),
        **_strange(line, by=by, at=at),
        "bulk": bulk_jobs.start("omit", Selection(chosen=(other.pk,)), terms={}, by=by, at=at),
        **_views(by),
        "file": _file(person, line, at=at),
        "entry": (note := notes.write(person, body="Llamar", by=by, at=at)),
        "mention": Mention.objects.create(note=note, user=by, at=at),
        "import": ImportRun.objects.create(
            sheet="debts", filename="d.csv", file=ContentFile("codigo\n1\n", "d.csv"),
            requested_by=by, created_at=at, status="checked",
        ),
        "export": ExportRun.objects.create(
            sheet="debts", format="csv", requested_by=by, created_at=at
        ),
    }  # fmt: skip


def _strange(line: ChannelAccount, *, by: User, at: Any) -> dict[str, Any]:
    """A message of nobody's, and an answer to it that nobody can vouch for."""
    message = InboundMessage("m-stranger", "+51955000111", "Hola", html="<p>Hola</p>")
    unknown_senders.receive(line, message, at=at)
    sender = UnknownSender.objects.get()
    told = {"body": "Quien es", "by": by, "key": "r", "state": "uncertain"}
    reply = StrangerReply.objects.create(sender=sender, **told, created_at=at, due_at=at)
    return {"stranger": sender, "reply": reply}


def _file(person: Customer, line: ChannelAccount, *, at: Any) -> Attachment:
    row = filing.file(person, line, InboundMessage("m-file", "+51955000112", "Hola"), at=at)
    assert row is not None
    photo = InboundFile("foto.png", "image/png", b"png")
    return attachments.receive([photo], message=row.message, at=at)[0]


def tomorrow() -> Any:
    return clock.today("America/Lima") + timedelta(days=1)


def future_rate(line: ChannelAccount, *, by: User) -> Rate:
    return rates.add(
        line,
        category="segment",
        amount=Decimal("0.02"),
        currency="USD",
        valid_from=tomorrow(),
        by=by,
        at=clock.now(),
    )


def other_debtor(customer: Customer, at: Any) -> Customer:
    ledger.debt(customer, at=at, due_on=clock.today("America/Lima"))
    return customer


def _report(customer: Customer, *, by: User, at: Any) -> Any:
    amount = Money(Decimal(3), "PEN")
    day = clock.today("America/Lima")
    return payment_reports.report(customer, amount=amount, paid_on=day, by=by, at=at)


def _uncertain(customer: Customer, *, by: User, at: Any) -> Any:
    accounts.create(name="Correo", channel="email", adapter="simulated", at=at)
    customers.email(customer)
    message = outbox.queue_message(
        customer, channel="email", body="Hola", origin="manual", by=by, at=at
    )
    moved = lifecycle.move_many([message.pk], from_=["scheduled"], to="processing", at=at)
    moved = lifecycle.move_many([message.pk], from_=["processing"], to="uncertain", at=at)
    settling.show(moved, at=at)
    return message


def _set_aside(at: Any) -> WebhookReceipt:
    line = accounts.create(name="WhatsApp", channel="whatsapp", adapter="simulated", at=at)
    return WebhookReceipt.objects.create(
        account=line, event_key="x", body=b"?", received_at=at, set_aside_reason="unreadable"
    )


# What ``pk`` stands for, by the beginning of the address' name; the longest beginning wins.
SUBJECTS = {
    "calls:": "call",
    "calls:calendar": "customer",
    "calls:fields": "customer",
    "calls:dial": "customer",
    "calls:hours": "customer",
    "calls:register_for": "customer",
    "calls:schedule": "customer",
    "conversations:": "customer",
    "channels:": "account",
    "contact_policy:": "customer",
    "customers:": "customer",
    "customers:segment": "segment",
    "ledger:debt": "debt",
    "ledger:adjustment": "debt",
    "ledger:payment": "payment",
    "ledger:report": "report",
    "ledger:promise": "promise",
    "ledger:claim": "claim",
    "ledger:statement": "customer",
    "ledger:claim_new": "customer",
    "spreadsheets:import": "import",
    "spreadsheets:export": "export",
    "sending:": "message",
    "sending:receipt": "receipt",
    "sending:resume": "account",
    "sending:stop": "account",
    "sending:stranger_resolution": "reply",
    "flows:": "flow",
    "conversations:template": "template",
    "conversations:stranger": "stranger",
    "calls:view": "tray_view",
    "conversations:view": "view",
    "conversations:bulk": "bulk",
    "conversations:file": "file",
    "conversations:mention": "mention",
    "organization:user": "user",
    "organization:team": "team",
    "organization:portfolio": "portfolio",
    "organization:holiday": "holiday",
}
ARGUMENTS = {
    "customer_pk": "customer",
    "point_pk": "point",
    "alert_pk": "alert",
    "pause_pk": "pause",
    "step_pk": "step",
    "file_pk": "file",
    "entry_pk": "entry",
    "rate_pk": "rate",
    "opt_out_pk": "opt_out",
}


def _views(by: User) -> dict[str, Any]:
    late = TrayFilter(is_late=True)
    return {
        "view": saved_views.save(InboxFilter(only_pending=True), name="Hoy", by=by),
        "tray_view": saved_views.save(late, tray="calls", name="Atrasadas", by=by),
    }


def arguments(address: Address, things: dict[str, Any]) -> dict[str, Any]:
    """Values for each argument of ``address``, out of ``things``."""
    found: dict[str, Any] = {}
    plain = {
        "sheet": "debts",
        "adapter": "simulated",
        "channel": "sms",
        "key": "nobody",
        "token": "nobody",
        "scene": "componentes",
        "disposition": "no_answer",
        "kind": "no_answer",
        "action": "omit",
    }
    for name in address.arguments:
        if name in plain:
            found[name] = plain[name]
        elif name in ARGUMENTS:
            found[name] = things[ARGUMENTS[name]].pk
        else:
            beginnings = [start for start in SUBJECTS if address.name.startswith(start)]
            found[name] = things[SUBJECTS[max(beginnings, key=len)]].pk
    return found
