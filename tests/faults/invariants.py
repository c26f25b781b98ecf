"""What must be true after any fault, judged by the provider's log and not by our own word.

``check`` asks the whole of it and answers with what does not hold; see docs/reliability.md
for the words of each. It reads by plain SQL, so that a mistake in the product's own queries
cannot hide itself.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]
Query = Callable[[str], Sequence[tuple[Any, ...]]]

RANK = {"sent": 1, "delivered": 2, "opened": 3}
# What the country's law says, written down here a second time: days, hours, contacts a day.
LAW = {"PE": (range(5), 7, 20, 1)}
AUTOMATIC = ("flow", "event", "campaign")
# Between two clocks of one machine.
SKEW = timedelta(seconds=2)


@dataclass(frozen=True)
class Violation:
    invariant: str
    words: str
    seed: int | None = None

    def __str__(self) -> str:
        seed = f" (seed {self.seed})" if self.seed is not None else ""
        return f"{self.invariant}: {self.words}{seed}"


@dataclass
class Evidence:
    """The judge's log, and the questions put to the database.

    ``is_over``: nothing is under way any more, so nothing may still wait. ``travelled``:
    the product's clock was held by the test, and says nothing about the log's times.
    """

    log: Sequence[Json]
    query: Query
    is_over: bool = True
    travelled: bool = False
    messages: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.accepted = [line for line in self.log if line["event"] == "accepted"]
        self.posted = [
            line for line in self.log if line["event"] == "posted" and 200 <= line["answer"] < 300
        ]
        self.messages = {row[0]: row for row in self.query(_BY_TOKEN)}
        self.offset = timedelta(0)
        for (seconds,) in self.query("SELECT extract(epoch FROM clock_offset)::float8"
                                     " FROM organization_organization"):  # fmt: skip
            self.offset = timedelta(seconds=seconds)


_BY_TOKEN = """
SELECT attempt.token, attempt.message_id, attempt.started_at, message.address, message.body,
    entry.customer_id, entry.origin, entry.channel, entry.status, point.customer_id,
    customer.country, customer.time_zone, attempt.outcome
FROM conversations_attempt AS attempt
JOIN conversations_message AS message ON message.interaction_id = attempt.message_id
JOIN interactions_interaction AS entry ON entry.id = attempt.message_id
JOIN customers_customer AS customer ON customer.id = entry.customer_id
LEFT JOIN customers_contactpoint AS point ON point.id = message.contact_point_id
"""
TOKEN, MESSAGE, STARTED, ADDRESS, BODY, CUSTOMER, ORIGIN, CHANNEL, STATUS, OWNER, COUNTRY, ZONE, _ = (
    range(13)
)  # fmt: skip


def check(
    log: Path | Sequence[Mapping[str, Any]],
    *,
    query: Query | None = None,
    seed: int | None = None,
    is_over: bool = True,
    travelled: bool = False,
) -> list[Violation]:
    """Every violation, or nothing; ``query`` is Django's connection unless told otherwise."""
    lines = read_log(log) if isinstance(log, Path) else [dict(line) for line in log]
    evidence = Evidence(lines, query or _of_django, is_over=is_over, travelled=travelled)
    rules: Mapping[str, Callable[[Evidence], Iterator[str]]] = {
        "I1": at_most_one_hand_over,
        "I2": nothing_due_is_silent,
        "I3": written_down_before_it_left,
        "I4": to_whom_and_what_was_frozen,
        "I5": inside_the_law,
        "I6": what_was_taken_is_kept_once,
        "I7": status_only_rises,
        "I8": results_and_money_once,
        "I15": every_failure_is_seen,
    }
    return [
        Violation(name, words, seed) for name, rule in rules.items() for words in rule(evidence)
    ]


def read_log(path: Path) -> list[Json]:
    """A line that a kill cut off in the middle was never told to anybody."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def _of_django(sql: str) -> Sequence[tuple[Any, ...]]:
    from django.db import connection  # noqa: PLC0415 - the chaos judge runs without Django

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def at_most_one_hand_over(evidence: Evidence) -> Iterator[str]:
    """I1. A message, and not only an attempt of it, was accepted once at most."""
    counted = Counter(
        evidence.messages[line["token"]][MESSAGE]
        for line in evidence.accepted
        if line["token"] in evidence.messages
    )
    for message, count in counted.items():
        if count > 1:
            yield f"message {message} was accepted {count} times"
    for token, count in Counter(line["token"] for line in evidence.accepted).items():
        if count > 1:
            yield f"token {token} was accepted {count} times"


def nothing_due_is_silent(evidence: Evidence) -> Iterator[str]:
    """I2. What was due is explained; what still waits is in the queue, and says why."""
    for id_, status in evidence.query(_LOST):
        yield f"message {id_} is {status} and in no queue"
    still = _SILENT_AT_ALL if evidence.is_over else _SILENT_FOR_LONG
    for id_, status, due in evidence.query(_SILENT + still):
        yield f"message {id_} is {status} and was due {due}"


_LOST = """
SELECT entry.id, entry.status FROM interactions_interaction AS entry
LEFT JOIN conversations_outgoing AS row ON row.message_id = entry.id
WHERE entry.kind = 'message' AND entry.direction = 'outgoing'
    AND entry.status IN ('scheduled', 'processing') AND row.message_id IS NULL
"""
# Held, paused or put off is an explanation; it is shown with its remedy.
_SILENT = """
SELECT row.message_id, entry.status, row.due_at FROM conversations_outgoing AS row
JOIN interactions_interaction AS entry ON entry.id = row.message_id
JOIN channels_channelaccount AS account ON account.id = row.account_id
LEFT JOIN organization_organization AS house ON true
WHERE row.held_reason = '' AND account.stopped_reason = '' AND account.is_active
    AND house.sending_paused_at IS NULL
"""
_SILENT_AT_ALL = """
    AND row.due_at < clock_timestamp() + COALESCE(house.clock_offset, interval '0')
"""
_SILENT_FOR_LONG = """
    AND row.due_at < clock_timestamp() + COALESCE(house.clock_offset, interval '0')
        - interval '15 minutes'
    AND (row.lease_until IS NULL OR row.lease_until < clock_timestamp())
"""


def written_down_before_it_left(evidence: Evidence) -> Iterator[str]:
    """I3. Whatever arrived there had its attempt here first."""
    for line in evidence.accepted:
        row = evidence.messages.get(line["token"])
        if row is None:
            yield f"{line['to']} got a message that no attempt knows: {line['token']}"
        elif not evidence.travelled and row[STARTED] > _arrived(evidence, line) + SKEW:
            yield f"the attempt {line['token']} is younger than its message"


def _arrived(evidence: Evidence, line: Json) -> datetime:
    return datetime.fromtimestamp(line["at"], UTC) + evidence.offset


def to_whom_and_what_was_frozen(evidence: Evidence) -> Iterator[str]:
    """I4. Address and text as frozen; the address was that customer's, who wanted it."""
    silenced = evidence.query(
        "SELECT customer_id, channel, at, lifted_at FROM contact_policy_optout"
    )
    by_customer: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for customer, *rest in silenced:
        by_customer[customer].append(tuple(rest))
    for line in evidence.accepted:
        row = evidence.messages.get(line["token"])
        if row is None:
            continue
        if line["to"].lstrip("+") != row[ADDRESS].lstrip("+"):
            yield f"message {row[MESSAGE]} went to {line['to']}, not to {row[ADDRESS]}"
        if line["wire"] != "meta" and line["body"] != row[BODY]:
            yield f"message {row[MESSAGE]} left with another text"
        if row[OWNER] is not None and row[OWNER] != row[CUSTOMER]:
            yield f"message {row[MESSAGE]} went to an address of customer {row[OWNER]}"
        for channel, at, lifted in by_customer[row[CUSTOMER]]:
            standing = at < row[STARTED] and (lifted is None or lifted > row[STARTED])
            if standing and channel in {"", row[CHANNEL]} and row[ORIGIN] in AUTOMATIC:
                yield f"message {row[MESSAGE]} went to somebody who had opted out"


def inside_the_law(evidence: Evidence) -> Iterator[str]:
    """I5. Automatic messages left in the hours of the customer's country, within its caps."""
    per_day: Counter[tuple[int, Any]] = Counter()
    for line in evidence.accepted:
        row = evidence.messages.get(line["token"])
        if row is None or row[ORIGIN] not in AUTOMATIC or row[COUNTRY] not in LAW:
            continue
        days, opens, closes, most = LAW[row[COUNTRY]]
        moment = row[STARTED] if evidence.travelled else _arrived(evidence, line)
        local = moment.astimezone(ZoneInfo(row[ZONE]))
        if local.weekday() not in days or not opens <= local.hour < closes:
            yield f"message {row[MESSAGE]} left at {local}, which the law forbids"
        per_day[row[CUSTOMER], local.date()] += 1
        if per_day[row[CUSTOMER], local.date()] == most + 1:
            yield f"customer {row[CUSTOMER]} got more than {most} on {local.date()}"


def what_was_taken_is_kept_once(evidence: Evidence) -> Iterator[str]:
    """I6. Each notice answered 2xx is a stored receipt, and had its effect once."""
    kept = {key for (key,) in evidence.query("SELECT event_key FROM channels_webhookreceipt")}
    for line in evidence.posted:
        if line["key"] not in kept:
            yield f"a notice was taken and is nowhere: {line['key'][:12]}"
    taken = {line["message"] for line in evidence.posted if line.get("message")}
    effects = Counter(row[0] for row in evidence.query(_INBOUND))
    for id_, count in effects.items():
        if count > 1:
            yield f"inbound {id_} is there {count} times"
    if evidence.is_over:
        for id_ in taken - effects.keys():
            yield f"inbound {id_} was taken and is nowhere"


_INBOUND = """
SELECT message.provider_id FROM conversations_message AS message
JOIN interactions_interaction AS entry ON entry.id = message.interaction_id
WHERE entry.direction = 'incoming'
UNION ALL SELECT provider_id FROM conversations_unknownsender WHERE linked_to_id IS NULL
"""


def status_only_rises(evidence: Evidence) -> Iterator[str]:
    """I7. The end is the highest status told, whatever their order and number."""
    for id_, before, after in evidence.query(_FALLEN):
        yield f"message {id_} fell from {before} to {after}"
    if not evidence.is_over:
        return
    told: dict[str, set[str]] = defaultdict(set)
    for line in evidence.posted:
        if line.get("status") and line.get("token"):
            told[line["token"]].add(line["status"])
    for token, statuses in told.items():
        row = evidence.messages.get(token)
        best = max(
            (each for each in statuses if each in RANK), key=lambda each: RANK[each], default=""
        )
        if row and best and RANK.get(row[STATUS], 0) < RANK[best] and best != "sent":
            yield f"message {row[MESSAGE]} is {row[STATUS]} though {best} was told"


# By id, which is given while the message is locked: a transaction that began first may have
# waited for that lock, and its number says nothing of the order.
_FALLEN = """
SELECT id, before, after FROM (
    SELECT subject_id AS id, type AS after,
        lag(type) OVER (PARTITION BY subject_id ORDER BY id) AS before
    FROM events_event
    WHERE type IN ('message.sent', 'message.delivered', 'message.opened')
) AS steps
WHERE (before = 'message.opened' AND after <> 'message.opened')
    OR (before = 'message.delivered' AND after = 'message.sent')
"""


def results_and_money_once(evidence: Evidence) -> Iterator[str]:
    """I8. One result for a call; a debt's balance is the sum of its movements."""
    for call, count in evidence.query(_RESULTS):
        yield f"call {call} has {count} results"
    for debt, balance, sum_ in evidence.query(_BALANCES):
        yield f"debt {debt} says {balance}, its movements {sum_}"
    for key, count in evidence.query(_SAME_FORM):
        yield f"one form made {count} messages: {key}"


_RESULTS = """
SELECT subject_id, count(*) FROM events_event
WHERE type = 'call.result_registered' AND subject_type = 'call' GROUP BY 1 HAVING count(*) > 1
"""
_BALANCES = """
SELECT debt.id, debt.balance, sum(entry.amount) FROM ledger_debt AS debt
JOIN ledger_entry AS entry ON entry.debt_id = debt.id
GROUP BY debt.id, debt.balance HAVING debt.balance <> sum(entry.amount)
"""
_SAME_FORM = """
SELECT idempotency_key, count(*) FROM conversations_message
WHERE idempotency_key IS NOT NULL GROUP BY 1 HAVING count(*) > 1
"""


def every_failure_is_seen(evidence: Evidence) -> Iterator[str]:
    """I15. What went wrong says so, in a status with its reason or on a list."""
    for id_, status in evidence.query(_UNEXPLAINED):
        yield f"message {id_} is {status} without a reason"
    accepted = {line["token"] for line in evidence.accepted}
    for token, row in evidence.messages.items():
        if token in accepted and evidence.is_over and row[STATUS] in {"not_sent", "cancelled"}:
            yield f"message {row[MESSAGE]} left, and is shown as {row[STATUS]}"
    refused = {line["token"] for line in evidence.log if line["event"] == "not_accepted"}
    for token, row in evidence.messages.items():
        shown = row[STATUS] in {"sent", "delivered", "opened"}
        if shown and token not in accepted and token in refused and row[-1] == "accepted":
            yield f"message {row[MESSAGE]} is shown as {row[STATUS]}, and never left"
    if evidence.is_over:
        for (id_,) in evidence.query(_UNHANDLED):
            yield f"receipt {id_} is neither handled nor set aside"


_UNEXPLAINED = """
SELECT id, status FROM interactions_interaction WHERE kind = 'message' AND reason = ''
    AND direction = 'outgoing' AND status IN ('not_sent', 'failed', 'uncertain')
"""
_UNHANDLED = """
SELECT id FROM channels_webhookreceipt
WHERE handled_at IS NULL AND set_aside_reason = '' AND retry_at IS NULL
"""
