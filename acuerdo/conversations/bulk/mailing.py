"""Enviar plantilla: to many, by the same doors as any message, and held to the rules of campaigns.

A moment is left before the first one leaves, and what has not left can be cancelled.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from acuerdo.channels import accounts
from acuerdo.channels.models import ChannelAccount
from acuerdo.contact_policy import decide
from acuerdo.contact_policy.decide import Ask
from acuerdo.contact_policy.models import Answer
from acuerdo.conversations.bulk.action import Action, Customers, Settled, Trace
from acuerdo.conversations.bulk_models import BulkJob
from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.sending import outbox, provider_rules
from acuerdo.conversations.sending.outbox import Draft
from acuerdo.conversations.sending.provider_rules import Wanted
from acuerdo.conversations.team import ownership
from acuerdo.conversations.templating import addressees, message_templates
from acuerdo.customers import contact_points
from acuerdo.customers.zones import end_of_day
from acuerdo.interactions.models import Origin
from acuerdo.ledger import holds
from acuerdo.organization import settings
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

DELAY = timedelta(minutes=1)
SETTLED = {"nothing_owed", "promise_pending", "report_pending"}


def carry_out(job: BulkJob, customers: Customers, at: datetime) -> Mapping[int, Settled]:
    template = _template(job)
    if template is None:
        return dict.fromkeys(customers, Settled("template_changed"))
    left = _not_for(job, template, customers) | _settled(customers, at)
    drafts, unwritten = _drafts(
        job, template, [pk for pk in customers if pk not in left], customers, at
    )
    left |= unwritten | _not_taken(template, drafts, at)
    sent = [draft for pk, draft in drafts.items() if pk not in left]
    settled = {pk: Settled(reason) for pk, reason in left.items()}
    for draft, result in zip(sent, outbox.queue_many(sent, at=at), strict=True):
        settled[draft.customer.pk] = (
            Settled(result.code)
            if isinstance(result, Refusal)
            else Settled(trace={"message": result.pk})
        )
    return settled


def _template(job: BulkJob) -> MessageTemplate | None:
    """As it was when whoever asked read it; None where it was changed or taken out since."""
    found = MessageTemplate.objects.filter(
        pk=job.terms["template"], version=job.terms["version"], is_active=True
    )
    return found.select_related("provider_template__account").first()


def _not_for(job: BulkJob, template: MessageTemplate, customers: Customers) -> dict[int, str]:
    """Whom the author may not write to, and for whom the template is not written."""
    others = ownership.refused(job.requested_by, customers.values())
    foreign = {pk for pk, each in customers.items() if not addressees.fits(template, each)}
    return dict.fromkeys(foreign, "foreign_template") | dict.fromkeys(others, "not_the_owner")


def _settled(customers: Customers, at: datetime) -> dict[int, str]:
    """Who owes nothing, or agreed on something that still holds, is asked for nothing."""
    day = clock.date_in(settings.current().time_zone, at)
    held = holds.blockers(customers, on=day)
    return {pk: reason for pk, reason in held.items() if reason in SETTLED}


def _drafts(
    job: BulkJob, template: MessageTemplate, ids: list[int], customers: Customers, at: datetime
) -> tuple[dict[int, Draft], dict[int, str]]:
    """The messages as they would leave, and whom the policy or a missing value rules out."""
    texts = message_templates.render_many(template, ids, at=at)
    asks = [Ask(pk, template.channel, Origin.CAMPAIGN) for pk in ids]
    verdicts = decide.many(asks, at=at, stage=decide.PLANNING)
    drafts: dict[int, Draft] = {}
    left: dict[int, str] = {}
    for pk, verdict in zip(ids, verdicts, strict=True):
        text, due_at = texts[pk], at + DELAY
        if text.missing or verdict.answer == Answer.NEVER:
            left[pk] = "missing_value" if text.missing else verdict.reason
            continue
        if verdict.answer == Answer.LATER and verdict.until:
            due_at = verdict.until
        drafts[pk] = Draft(
            customer=customers[pk],
            channel=template.channel,
            body=text.body,
            subject=text.subject,
            html=text.html,
            origin=Origin.CAMPAIGN,
            template=template,
            template_call=text.template_call,
            due_at=due_at,
            not_after=end_of_day(customers[pk], due_at),
            idempotency_key=f"bulk:{job.pk}:{pk}",
            by=job.requested_by,
        )
    return drafts, left


def _not_taken(
    template: MessageTemplate, drafts: Mapping[int, Draft], at: datetime
) -> dict[int, str]:
    """What the provider would never take; what it holds back for a while waits in the queue."""
    account = _account(template)
    if account is None:
        return dict.fromkeys(drafts, "no_account")
    points = contact_points.for_channel(list(drafts), channel=template.channel)
    wanted = [
        Wanted(pk, pk, points[pk].value, Origin.CAMPAIGN, draft.template_call)
        for pk, draft in drafts.items()
        if pk in points
    ]
    ruling = provider_rules.ask(account, wanted, at=at, zone=settings.current().time_zone)
    return {pk: hold.reason for pk, hold in ruling.closed.items()}


def _account(template: MessageTemplate) -> ChannelAccount | None:
    kept = template.provider_template
    if kept and kept.account.is_active:
        return kept.account
    return accounts.active().get(template.channel)


def take_back(
    job: BulkJob, customers: Customers, traces: Mapping[int, Trace], at: datetime
) -> Mapping[int, str]:
    """What waits is cancelled; what left, or is leaving, nobody can call back."""
    messages: Iterable[int] = [trace["message"] for trace in traces.values()]
    cancelled = outbox.cancel_many(messages, by=job.requested_by, at=at)
    return {pk: "already_left" for pk in customers if traces[pk]["message"] not in cancelled}


ACTION = Action(
    "conversations.bulk_send",
    carry_out,
    take_back,
    batch=500,
    related=("portfolio", "standing", "adviser"),
)
