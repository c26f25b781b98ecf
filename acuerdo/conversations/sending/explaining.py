"""Why a message of ours is where it is: each hand-over, and each answer of the contact policy."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from acuerdo.channels import explanations
from acuerdo.contact_policy.models import Answer, Decision
from acuerdo.contact_policy.verdicts import REASONS
from acuerdo.conversations.models import Attempt, Message, Outcome

MOST = 20
ATTEMPT_TONES: dict[str, tuple[str, str]] = {
    Outcome.ACCEPTED: ("circle-check", "ok"),
    Outcome.REFUSED: ("circle-x", "bad"),
    Outcome.NOT_TAKEN: ("clock", "neutral"),
    Outcome.UNCERTAIN: ("alert-triangle", "warn"),
}
DECISION_TONES: dict[str, tuple[str, str]] = {
    Answer.ALLOW: ("circle-check", "ok"),
    Answer.LATER: ("clock", "warn"),
    Answer.NEVER: ("ban", "bad"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened to the message, in words."""

    at: datetime
    label: str
    icon: str
    tone: str
    words: str
    remedy: str = ""
    small: str = ""


def attempts(message: Message) -> list[Line]:
    rows = message.attempts.order_by("-pk")[:MOST]
    return [_attempt(row, message.account.adapter) for row in rows]


def _attempt(row: Attempt, adapter: str) -> Line:
    if not row.outcome:
        return Line(row.started_at, _("En curso"), "loader-2", "neutral", _("Se está entregando."))
    icon, tone = ATTEMPT_TONES[row.outcome]
    label = row.get_outcome_display()
    if row.outcome == Outcome.ACCEPTED:
        return Line(row.started_at, label, icon, tone, _("El proveedor lo aceptó."))
    told = explanations.explain(adapter, row.code)
    small = " · ".join(part for part in (row.code, row.detail) if part)
    return Line(row.started_at, label, icon, tone, told.sentence, told.remedy, small)


def decisions(message: Message) -> list[Line]:
    rows = Decision.objects.filter(interaction_id=message.pk).order_by("-pk")[:MOST]
    return [_decision(row) for row in rows]


def _decision(row: Decision) -> Line:
    icon, tone = DECISION_TONES[row.answer]
    words = str(REASONS.get(row.reason, row.reason)) if row.reason else _("Nada lo impide.")
    small = " · ".join(part for part in (row.rule, row.pack, row.pack_version) if part)
    return Line(row.at, row.get_answer_display(), icon, tone, words, small=small)
