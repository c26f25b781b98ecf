"""The one door: nobody is contacted without asking here, by machine or by hand.

Asked when planning and again when the message leaves. Every answer given at the
hand-off or on a screen is kept as a Decision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import connection, transaction

from acuerdo.contact_policy import budgets, facts, hours, rules, schedules
from acuerdo.contact_policy.facts import Contact, Facts, Known
from acuerdo.contact_policy.hours import Place
from acuerdo.contact_policy.models import Answer
from acuerdo.contact_policy.rules import CapRule, Pack
from acuerdo.contact_policy.verdicts import Verdict
from acuerdo.customers.models import Customer, CustomerStatus
from acuerdo.interactions.models import AUTOMATIC_ORIGINS, Origin
from acuerdo.primitives import clock
from acuerdo.primitives.arrays import literal

PLANNING = "planning"
HAND_OFF = "hand_off"
SCREEN = "screen"

REQUESTED_INFO = "requested_info"
OPT_OUT_ACK = "opt_out_ack"


@dataclass(frozen=True, slots=True)
class Ask:
    """May this contact be made? ``purpose`` is set by code, for what packs exempt.

    A person's message to somebody who wrote within the last day counts as
    ``requested_info`` by itself.
    """

    customer_id: int
    channel: str
    origin: str
    interaction_id: int | None = None
    purpose: str = ""


@transaction.atomic
def many(
    asks: Sequence[Ask], *, at: datetime, stage: str, is_locked: bool = False
) -> list[Verdict]:
    """Answers in the order of ``asks``; later ones count the earlier ones allowed.

    ``is_locked`` says that the caller holds the customers' rows already.
    """
    asked_for = [ask.interaction_id for ask in asks if ask.interaction_id]
    ids = {ask.customer_id for ask in asks}
    known = facts.load(ids, at=at, locked=stage == HAND_OFF and not is_locked, without=asked_for)
    verdicts = [_answer_and_count(ask, known, at) for ask in asks]
    if stage != PLANNING:
        _keep(list(_rows(asks, verdicts, known)), at=at, stage=stage)
    return verdicts


def preview(customer: Customer, *, channel: str, at: datetime) -> Verdict:
    """What a person would be told now; writes nothing."""
    known = facts.load([customer.pk], at=at, locked=False)
    verdict = _answer(Ask(customer.pk, channel, Origin.MANUAL), known, at)
    one = known.by_customer.get(customer.pk)
    pack = rules.pack_for(one.country) if one else None
    if one is None or pack is None:
        return verdict
    window = hours.window_at(pack, one.place, channel, at, known.added)
    cap = budgets.weekly_cap(pack, channel)
    day = one.place.day_of(at)
    return replace(
        verdict,
        used_this_week=budgets.used(cap, one.place, one.contacts, day)
        if cap
        else budgets.used_in_week(one.place, one.contacts, channel, day),
        allowed_this_week=cap.max if cap else None,
        opens_at=hours.next_open(pack, one.place, channel, at, known.added),
        closes_at=window.end if window else None,
        schedule=schedules.words(pack, channel),
        windows=schedules.around(pack, one.place, channel, at, verdict.until, known.added)
        if verdict.until
        else (),
        counts=budgets.counts(pack, one.place, channel, one.contacts, day),
    )


def _answer_and_count(ask: Ask, known: Known, at: datetime) -> Verdict:
    verdict = _answer(ask, known, at)
    if verdict.is_allowed:
        known.by_customer[ask.customer_id].contacts.append(Contact(at, ask.channel))
    return verdict


def _answer(ask: Ask, known: Known, at: datetime) -> Verdict:
    one = known.by_customer.get(ask.customer_id)
    if one is None:
        return Verdict(Answer.NEVER, reason="unknown_customer")
    purpose = ask.purpose or _purpose(ask, one)
    refused = _refused(ask, one, purpose)
    if refused:
        return Verdict(Answer.NEVER, reason=refused, zone=one.place.zones[0])
    pack = rules.pack_for(one.country)
    if pack is None:
        answer = Answer.NEVER if ask.origin in AUTOMATIC_ORIGINS else Answer.ALLOW
        return Verdict(answer, reason="no_pack", zone=one.place.zones[0])
    return _weighed(pack, one, ask.channel, purpose, at, known)


def _purpose(ask: Ask, one: Facts) -> str:
    is_reply = ask.origin == Origin.MANUAL and one.last_inbound is not None
    return REQUESTED_INFO if is_reply else ""


def _refused(ask: Ask, one: Facts, purpose: str) -> str:
    """The reason that no hour and no day will cure, or empty."""
    is_automatic = ask.origin in AUTOMATIC_ORIGINS
    if one.status == CustomerStatus.DELETED or (
        is_automatic and one.status != CustomerStatus.ACTIVE
    ):
        return "inactive"
    if _opted_out(ask, one, purpose):
        return "opted_out"
    if is_automatic and one.paused_until:
        return "paused"
    if ask.origin == Origin.FLOW and one.silenced_by:
        return "silenced"
    if ask.origin == Origin.FLOW and one.owes is False:
        return "nothing_owed"
    return ""


def _opted_out(ask: Ask, one: Facts, purpose: str) -> bool:
    """Standing opt-outs bind everybody; only somebody who wrote again later is answered."""
    if purpose == OPT_OUT_ACK:
        return False
    stops = [one.opt_outs[key] for key in ("", ask.channel) if key in one.opt_outs]
    if not stops:
        return False
    wrote_again = one.last_inbound is not None and one.last_inbound > max(stops)
    return not (purpose == REQUESTED_INFO and wrote_again)


def _weighed(
    pack: Pack, one: Facts, channel: str, purpose: str, at: datetime, known: Known
) -> Verdict:
    """Caps first, then hours: the answer "later" names the rule that holds now."""
    if purpose not in pack.exempt.caps:
        today = one.place.day_of(at)
        cap = budgets.broken_cap(pack, one.place, channel, one.contacts, today)
        if cap:
            return _over(cap, pack, one, channel, today, known)
    # Nothing of the person is asked from here on, and a batch has one moment.
    key = (pack, one.place, channel, purpose in pack.exempt.hours)
    if key not in known.by_hours:
        known.by_hours[key] = _by_hours(*key, at, known)
    return known.by_hours[key]


def _over(cap: CapRule, pack: Pack, one: Facts, channel: str, today: date, known: Known) -> Verdict:
    place = one.place
    free = budgets.free_day(pack, place, channel, one.contacts, today)
    start = clock.midnight(free, place.zones[0]) if free else None
    until = hours.next_open(pack, place, channel, start, known.added) if start else None
    count = budgets.count_of(cap, place, one.contacts, today)
    detail = f"{count.most} ({count.words})" if count else ""
    return _later(_allowed(pack, place), pack, until, "cap_reached", cap.id, detail)


def _by_hours(
    pack: Pack, place: Place, channel: str, is_exempt: bool, at: datetime, known: Known
) -> Verdict:
    said = _allowed(pack, place)
    if is_exempt or hours.is_open(pack, place, channel, at, known.added):
        return said
    holiday, rule = hours.closing_rule(pack, place, channel, at, known.added)
    until = hours.next_open(pack, place, channel, at, known.added)
    return _later(said, pack, until, "holiday" if holiday else "closed_hours", rule, holiday)


def _allowed(pack: Pack, place: Place) -> Verdict:
    return Verdict(
        Answer.ALLOW, pack=pack.pack, pack_version=pack.pack_version, zone=place.zones[0]
    )


def _later(
    said: Verdict, pack: Pack, until: datetime | None, reason: str, rule: str, detail: str
) -> Verdict:
    if until is None:
        return replace(said, answer=Answer.NEVER, reason="no_window", rule=rule, law=pack.law(rule))
    return replace(
        said,
        answer=Answer.LATER,
        until=until,
        reason=reason,
        rule=rule,
        law=pack.law(rule),
        detail=detail,
    )


def _keep(rows: Sequence[tuple[Ask, Verdict]], *, at: datetime, stage: str) -> None:
    """One statement whatever their number: every message that leaves asks here."""
    if not rows:
        return
    columns = [
        literal(ask.customer_id for ask, _said in rows),
        literal(ask.interaction_id for ask, _said in rows),
        literal(ask.channel for ask, _said in rows),
        literal(ask.origin for ask, _said in rows),
        *(literal(getattr(said, name) for _ask, said in rows) for name in _KEPT),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [at, stage, *columns])


_KEPT = ("answer", "until", "reason", "rule", "pack", "pack_version")
_INSERT = """
INSERT INTO contact_policy_decision (at, stage, customer_id, interaction_id, channel, origin,
    answer, until, reason, rule, pack, pack_version)
SELECT %s, %s, row.* FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[],
    %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[]) AS row
"""


def _rows(
    asks: Sequence[Ask], verdicts: Sequence[Verdict], known: Known
) -> Iterable[tuple[Ask, Verdict]]:
    for ask, verdict in zip(asks, verdicts, strict=True):
        if ask.customer_id in known.by_customer:
            yield ask, verdict
