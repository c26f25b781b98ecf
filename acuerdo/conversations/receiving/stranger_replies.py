"""Answers to addresses that are nobody's yet: on the channel they came by, each handed over once.

Nobody knows who reads them, so there is no debt to speak of and no budget to count in: an
answer leaves within a day of what it answers, inside the hours of the organisation's own
country, and there are never more answers than messages. A hand-over is never repeated unless
the provider certainly did not take it.
"""

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from acuerdo.channels import pacing, registry, sending
from acuerdo.channels.adapter import Forbids, Outcome, Parcel, Result
from acuerdo.channels.models import ChannelAccount
from acuerdo.contact_policy import calendars, hours, rules, zones
from acuerdo.contact_policy.hours import Place
from acuerdo.conversations import references
from acuerdo.conversations.receiving import stopping
from acuerdo.conversations.sending import sensitive, states
from acuerdo.conversations.stranger_models import ReplyState, StrangerReply, UnknownSender
from acuerdo.events import log
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives import clock, signing
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import formatting

logger = logging.getLogger(__name__)

# An answer later than this comes out of the blue; it is WhatsApp's own window as well.
WITHIN = timedelta(hours=24)
BATCH = 20
TRIES = 5
AGAIN_AFTER = timedelta(seconds=30)
# Longer than any adapter's patience: whoever held it then is gone.
LEASE = timedelta(minutes=3)
ENDS = {Outcome.ACCEPTED: ReplyState.SENT, Outcome.REFUSED: ReplyState.FAILED}


@transaction.atomic
def write(sender: UnknownSender, *, body: str, key: str, by: User, at: datetime) -> StrangerReply:
    """Queue an answer; the same ``key`` makes one. Refuses what may not leave now, and why."""
    known = StrangerReply.objects.filter(key=key).first()
    if known is not None:
        return known
    row = _alone(sender)
    if not body.strip():
        raise Refusal("empty_body", _("Escriba el texto del mensaje."), field="body")
    if sensitive.shows_card(body):
        raise Refusal(sensitive.CARD, str(states.REASONS[sensitive.CARD]), field="body")
    _refuse_unless_answering(row, at=at)
    _refuse_outside_hours(row.account, at=at)
    _refuse_forbidden(row)
    try:
        with transaction.atomic():
            reply = StrangerReply.objects.create(
                sender=row, body=body.strip(), by=by, key=key, created_at=at, due_at=at
            )
    except IntegrityError:
        return StrangerReply.objects.get(key=key)
    log.record("unknown_sender.answered", subject=row, by=by, at=at)
    return reply


def _alone(sender: UnknownSender) -> UnknownSender:
    """All that the address said is locked: whoever answers another of it waits for us."""
    same = UnknownSender.objects.filter(account_id=sender.account_id, key=sender.key)
    list(same.select_for_update().order_by("received_at", "pk").values_list("pk"))
    return UnknownSender.objects.select_related("account").get(pk=sender.pk)


def of_address(sender: UnknownSender) -> list[StrangerReply]:
    """Every answer to the address of ``sender``, oldest first."""
    rows = StrangerReply.objects.filter(
        sender__account_id=sender.account_id, sender__key=sender.key
    )
    return list(rows.select_related("by").order_by("pk"))


def answered(rows: Iterable[UnknownSender]) -> set[int]:
    """Which of these were answered since they were received; a failed answer is none."""
    later = StrangerReply.objects.filter(
        sender__account_id=OuterRef("account_id"),
        sender__key=OuterRef("key"),
        created_at__gte=OuterRef("received_at"),
    ).exclude(state=ReplyState.FAILED)
    found = UnknownSender.objects.filter(Exists(later), pk__in=[row.pk for row in rows])
    return set(found.values_list("pk", flat=True))


def refusal(sender: UnknownSender, *, at: datetime) -> Refusal | None:
    """Why nobody may answer now, for the place where one would write."""
    try:
        _refuse_unless_answering(sender, at=at)
        _refuse_outside_hours(sender.account, at=at)
        _refuse_forbidden(sender)
    except Refusal as why:
        return why
    return None


def _refuse_unless_answering(sender: UnknownSender, *, at: datetime) -> None:
    said = UnknownSender.objects.filter(
        account_id=sender.account_id, key=sender.key, linked_to=None, deleted_at=None
    )
    lately = list(said.filter(received_at__gt=at - WITHIN).order_by("-received_at", "-pk"))
    if not said.exists():
        raise Refusal("stale_state", _("Otra persona ya resolvió este remitente."), status=409)
    if not lately:
        words = _("Pasaron más de 24 horas desde su mensaje: vincule o cree al cliente.")
        raise Refusal("window_closed", words, status=409)
    if _asked_to_stop(sender):
        words = _("Pidió que no le escriban.")
        raise Refusal("opted_out", words, status=409)
    answered = StrangerReply.objects.filter(
        sender__account_id=sender.account_id, sender__key=sender.key, created_at__gt=at - WITHIN
    ).exclude(state=ReplyState.FAILED)
    if answered.count() >= len(lately):
        words = _("Ya se le respondió: espere a que vuelva a escribir, o vincule al cliente.")
        raise Refusal("answered", words, status=409)


def _asked_to_stop(sender: UnknownSender) -> bool:
    """Whatever came after it: a word of theirs that ends the writing holds until they are known."""
    said = UnknownSender.objects.filter(account_id=sender.account_id, key=sender.key)
    return any(stopping.asks_to_stop(body) for body in said.values_list("body", flat=True))


def _refuse_outside_hours(account: ChannelAccount, *, at: datetime) -> None:
    """By the rules of the organisation's own country: nobody knows where the person is."""
    if not account.is_active or account.stopped_reason:
        words = _("La cuenta «%(name)s» está detenida.")
        raise Refusal("stopped", words % {"name": account.name}, status=409)
    row = settings.current()
    pack = rules.pack_for(row.country)
    if pack is None:
        return
    place = Place(zones.candidates(row.country, row.time_zone))
    added = calendars.added_closures()
    if hours.is_open(pack, place, account.channel, at, added):
        return
    opens = hours.next_open(pack, place, account.channel, at, added)
    when = formatting.local_time(opens, row.time_zone) if opens else "—"
    words = _("Fuera del horario permitido. Se puede escribir desde el %(when)s.")
    raise Refusal("closed_hours", words % {"when": when}, status=409)


def _refuse_forbidden(sender: UnknownSender) -> None:
    """What the provider takes from nobody for that country, whoever it is."""
    adapter = registry.adapter(sender.account)
    if not isinstance(adapter, Forbids):
        return
    kind = settings.current().tenant_type
    code = adapter.forbids(_recipient(sender), tenant_type=kind, category="")
    if code:
        raise Refusal(code, str(states.REASONS[code]), status=409)


def _recipient(sender: UnknownSender) -> str:
    """Providers write numbers with the country's code and often without the plus."""
    return f"+{sender.address}" if sender.address.isdigit() else sender.address


def drain() -> int:
    """Hand over what waits, one by one; says how many were looked at. Nothing while paused."""
    give_up_on_the_lost()
    give_up_on_the_late(at=clock.now())
    if settings.current().sending_paused_at:
        return 0
    seen = 0
    while seen < BATCH and (reply := _due(at=clock.now())):
        seen += 1
        first = _begun(reply)
        if first is not None:
            time.sleep(first)
            result = sending.send(reply.sender.account, _parcel(reply))
            _settle(reply, result, at=clock.now())
    return seen


def _begun(reply: StrangerReply) -> float | None:
    """What goes wrong with one holds back none of the others."""
    try:
        return _begin(reply, at=clock.now())
    except Exception:
        logger.exception("answer %s cannot be judged", reply.pk)
        waiting = StrangerReply.objects.filter(pk=reply.pk, state=ReplyState.WAITING)
        waiting.update(due_at=clock.now() + AGAIN_AFTER)
        return None


def _due(*, at: datetime) -> StrangerReply | None:
    waiting = StrangerReply.objects.filter(
        state=ReplyState.WAITING,
        due_at__lte=at,
        sender__account__is_active=True,
        sender__account__stopped_reason="",
    )
    return waiting.select_related("sender__account").order_by("due_at").first()


@transaction.atomic
def _begin(reply: StrangerReply, *, at: datetime) -> float | None:
    """Commit that it leaves now, in so many seconds; None when it does not leave."""
    mine = StrangerReply.objects.select_for_update(skip_locked=True).filter(pk=reply.pk)
    if not mine.filter(state=ReplyState.WAITING).exists():
        return None
    account = reply.sender.account
    if why := _obstacle(reply, at=at):
        _end(reply, ReplyState.FAILED, code=why)
        return None
    first = None if sending.is_busy(account) else pacing.reserve(account, 1)
    if first is None:
        mine.update(due_at=at + AGAIN_AFTER)
        return None
    reply.token = signing.token()
    with connection.cursor() as cursor:
        # What a crash of the database forgot would leave a second time.
        cursor.execute("SET LOCAL synchronous_commit = on")
        cursor.execute(_BEGIN, [reply.token, reply.pk])
    return first


def _obstacle(reply: StrangerReply, *, at: datetime) -> str:
    """Why it may not leave after all: it waited, and its reasons were those of then."""
    sender = reply.sender
    if reply.created_at < at - WITHIN:
        return "too_late"
    if sender.linked_to_id or sender.deleted_at:
        return "settled"
    if _asked_to_stop(sender):
        return "opted_out"
    try:
        _refuse_outside_hours(sender.account, at=at)
        _refuse_forbidden(sender)
    except Refusal as why:
        return why.code
    return ""


_BEGIN = """
UPDATE conversations_strangerreply
SET state = 'leaving', token = %s, tries = tries + 1, started_at = clock_timestamp()
WHERE id = %s
"""


def _parcel(reply: StrangerReply) -> Parcel:
    sender, account = reply.sender, reply.sender.account
    subject = str(sender.message.get("subject") or "")
    return Parcel(
        token=reply.token or "",
        channel=account.channel,
        recipient=_recipient(sender),
        subject=f"Re: {subject}"[:200] if subject else "",
        body=reply.body,
        reference=references.of(reply.pk, purpose="stranger"),
        quotes=sender.provider_id,
    )


def _settle(reply: StrangerReply, result: Result, *, at: datetime) -> None:
    if result.outcome == Outcome.NOT_TAKEN and reply.tries + 1 < TRIES:
        mine = StrangerReply.objects.filter(pk=reply.pk, state=ReplyState.LEAVING)
        mine.update(state=ReplyState.WAITING, due_at=at + AGAIN_AFTER, code=result.code, token=None)
        return
    state = ENDS.get(result.outcome, ReplyState.UNCERTAIN)
    if result.outcome == Outcome.NOT_TAKEN:
        state = ReplyState.FAILED
    if result.provider_id:
        # Whatever a notice that came before made of it: later ones may tell this name alone.
        named = StrangerReply.objects.filter(pk=reply.pk, provider_id="")
        named.update(provider_id=result.provider_id)
    _end(reply, state, code=result.code, detail=result.detail)


def _end(reply: StrangerReply, state: ReplyState, **told: str) -> None:
    """A notice of the provider may have come before its answer: what stands higher stays."""
    before = (ReplyState.WAITING, ReplyState.LEAVING, ReplyState.UNCERTAIN)
    StrangerReply.objects.filter(pk=reply.pk, state__in=before).update(state=state, **told)


def give_up_on_the_lost() -> None:
    """Whoever held these died in mid-air: nobody can vouch for them, and nobody sends them again."""
    with connection.cursor() as cursor:
        cursor.execute(_LOST, [LEASE.total_seconds()])


def give_up_on_the_late(*, at: datetime) -> None:
    """Of a stopped account too: what waits for ever would keep its sender from being linked."""
    late = StrangerReply.objects.filter(state=ReplyState.WAITING, created_at__lt=at - WITHIN)
    late.update(state=ReplyState.FAILED, code="too_late")


_LOST = """
UPDATE conversations_strangerreply SET state = 'uncertain', code = 'lost'
WHERE state = 'leaving' AND started_at < clock_timestamp() - make_interval(secs => %s)
"""


def sent(senders: Iterable[UnknownSender]) -> list[StrangerReply]:
    """Those that reached the provider, or may have, for the conversation of whom it was."""
    there = (
        ReplyState.SENT,
        ReplyState.DELIVERED,
        ReplyState.OPENED,
        ReplyState.UNCERTAIN,
    )
    rows = StrangerReply.objects.filter(sender__in=senders, state__in=there, message=None)
    return list(rows.select_related("sender__account", "by").order_by("pk"))


def are_waiting(senders: Iterable[UnknownSender]) -> bool:
    under_way = (ReplyState.WAITING, ReplyState.LEAVING)
    return StrangerReply.objects.filter(sender__in=senders, state__in=under_way).exists()
