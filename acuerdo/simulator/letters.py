"""The messages that the debtors already had, and what they wrote back."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle

from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.conversations.receiving import archive
from acuerdo.conversations.receiving.archive import Past
from acuerdo.conversations.templating import message_templates
from acuerdo.flows.models import Flow, Step
from acuerdo.interactions.models import Direction, Origin, Status
from acuerdo.simulator.life import Life
from acuerdo.simulator.words import words

# Most arrive, many are opened, a few fail; one is left for a person to resolve.
ENDS = (
    Status.OPENED, Status.DELIVERED, Status.OPENED, Status.SENT, Status.OPENED, Status.DELIVERED,
    Status.OPENED, Status.FAILED, Status.DELIVERED, Status.OPENED, Status.OPENED, Status.NOT_SENT,
    Status.DELIVERED,
)  # fmt: skip
WHY = {
    Status.NOT_SENT: "El flujo estaba en pausa a esa hora.",
    Status.UNCERTAIN: "El proveedor no respondió.",
}
FAILED = {
    Channel.WHATSAPP: "El número no tiene WhatsApp.",
    Channel.SMS: "El operador no pudo entregarlo.",
    Channel.EMAIL: "El buzón no existe.",
}
OLDEST_DAYS = 50
OPEN_SHARE = 9
TALK_SHARE = 8


def write_all(lives: list[Life], *, flow: Flow) -> int:
    steps = [step for step in flow.steps.select_related("template") if step.channel != "call"]
    ends = cycle(ENDS)
    past = [letter for step in steps for letter in _of_step(step, lives, ends)]
    past += _unresolved(past)
    for life in lives:
        past += _answers(life)
    archive.bring_in(past)
    return len(past)


def _of_step(step: Step, lives: list[Life], ends: "cycle[Status]") -> list[Past]:
    """What this step sent before today to everybody who was that late."""
    due: dict[date, list[Life]] = defaultdict(list)
    for life in lives:
        if _had(life, step):
            due[_day(life, step)].append(life)
    return [
        _letter(life, step, texts[life.customer.pk], next(ends))
        for on, those in due.items()
        for texts in [_texts(step, those, on)]
        for life in those
        if life.customer.pk in texts
    ]


def _texts(step: Step, lives: list[Life], on: date) -> dict[int, message_templates.Rendered]:
    """As they were written on that day: what counts the days counts them until then."""
    noon = datetime.combine(on, time(12), lives[0].zone)
    ids = [life.customer.pk for life in lives]
    return message_templates.render_many(step.template, ids, at=noon)


def _day(life: Life, step: Step) -> date:
    return life.workday(life.today - timedelta(days=life.age - step.offset_days))


def _had(life: Life, step: Step) -> bool:
    days_ago = life.age - step.offset_days
    return 0 < days_ago < OLDEST_DAYS and _point(life, step.channel) in life.points


def _point(life: Life, channel: str) -> str:
    """A phone serves WhatsApp and SMS where there is no address of their own."""
    if channel == "whatsapp" and "whatsapp" in life.points:
        return "whatsapp"
    return "email" if channel == "email" else "phone"


def _letter(life: Life, step: Step, text: message_templates.Rendered, status: Status) -> Past:
    at = datetime.combine(_day(life, step), step.hour, life.zone).astimezone(UTC)
    return Past(
        customer=life.customer,
        channel=step.channel,
        direction=Direction.OUTGOING,
        status=status,
        subject=text.subject,
        body=text.body,
        at=at + timedelta(seconds=life.rng.randint(2, 1500)),
        account=_account(life, step.channel),
        contact_point=life.points[_point(life, step.channel)],
        origin=Origin.FLOW,
        source=step.flow.name,
        source_id=step.pk,
        template=step.template.name,
        reason_text=FAILED[Channel(step.channel)]
        if status == Status.FAILED
        else WHY.get(status, ""),
        charged_as="utility" if step.channel == Channel.WHATSAPP else "",
    )


def _account(life: Life, channel: str) -> ChannelAccount:
    return life.accounts[channel]


def _unresolved(past: list[Past]) -> list[Past]:
    """The latest of them once more in doubt, so that the state is on the screens."""
    if not past:
        return []
    latest = max(past, key=lambda each: each.at)
    at, why = latest.at + timedelta(hours=1), WHY[Status.UNCERTAIN]
    return [replace(latest, status=Status.UNCERTAIN, at=at, reason_text=why)]


def _answers(life: Life) -> list[Past]:
    if life.number % OPEN_SHARE == 1:
        return _open_question(life)
    if life.number % TALK_SHARE == 2 and life.has_phone:
        return _talk(life)
    return []


def _open_question(life: Life) -> list[Past]:
    """Still waits for an answer: bold."""
    if life.number % 3 == 0 and "email" in life.points:
        subject, body = words()["emails"][life.number % len(words()["emails"])]
        return [_said(life, "email", body, _lately(life), subject=subject, awaits=True)]
    if "phone" not in life.points:
        return []
    body = words()["open"][life.number // OPEN_SHARE % len(words()["open"])]
    return [_said(life, "whatsapp", body, _lately(life), awaits=True)]


def _lately(life: Life) -> datetime:
    return life.now - timedelta(minutes=life.rng.randint(4, 60 * 30))


def _talk(life: Life) -> list[Past]:
    """A question and its answer, and sometimes a word of thanks that needs none."""
    asked, answered = words()["talks"][life.number // TALK_SHARE % len(words()["talks"])]
    at = life.moment(life.rng.randint(1, 9))
    reply = _said(life, "whatsapp", answered, at + timedelta(minutes=life.rng.randint(2, 50)))
    ours = replace(reply, direction=Direction.OUTGOING, status=Status.OPENED, by=life.by)
    return [_said(life, "whatsapp", asked, at), replace(ours, charged_as="service")]


def _said(
    life: Life, channel: str, body: str, at: datetime, *, subject: str = "", awaits: bool = False
) -> Past:
    point = life.points[_point(life, channel)]
    return Past(
        customer=life.customer,
        channel=channel,
        direction=Direction.INCOMING,
        status=Status.RECEIVED,
        subject=subject,
        body=body,
        at=at,
        account=_account(life, channel),
        contact_point=point,
        awaits=awaits,
    )
