"""Kills web, worker and database at random moments under a mixed load, and judges the end.

    bin/chaos --kills 100 --seed 7

Prints one line of JSON and ends with 1 when anything that must hold does not. With the seed
a run can be had again as far as chance goes: what dies when, what is asked, how the provider
behaves; the machine's own timing stays the machine's.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.faults import invariants
from tests.faults.field import WORKERS, Field
from tests.faults.invariants import Violation

RATE = 25
# Out of twenty deaths.
VICTIMS = {"worker": 14, "web": 3, "database": 3}
# Seconds between the first message that left after a death and the next death, at most.
LONGEST_LIFE = 0.5
SETTLED_WITHIN = 60
PATIENCE = 240

# A message may be claimed and not answered, which its lease tells; nothing else may wait.
UNDER_WAY = """
SELECT (SELECT count(*) FROM conversations_outgoing WHERE lease_until IS NULL
            AND due_at <= clock_timestamp() + (SELECT clock_offset FROM organization_organization)),
    (SELECT count(*) FROM channels_webhookreceipt
        WHERE handled_at IS NULL AND set_aside_reason = '' AND retry_at IS NULL)
"""
UNHANDLED = """
SELECT count(*) FROM channels_webhookreceipt WHERE handled_at IS NULL AND set_aside_reason = ''
"""
LEASED = "SELECT count(*) FROM conversations_outgoing WHERE lease_until IS NOT NULL"
# Two minutes go by at once for the hand-overs of the dead, and the pauses of receipts.
END_LEASES = """
UPDATE conversations_outgoing SET lease_until = clock_timestamp() - interval '1 second'
WHERE lease_until IS NOT NULL
"""
END_PAUSES = """
UPDATE channels_webhookreceipt SET retry_at = NULL
WHERE handled_at IS NULL AND set_aside_reason = '' AND retry_at IS NOT NULL
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--rate", type=int, default=RATE, help="messages queued a second")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="acuerdo-chaos-"))
    field = Field(folder, options.seed)
    try:
        result = run(field, kills=options.kills, rate=options.rate)
    except BaseException:
        sys.stderr.write(f"{field.words()}\nseed {options.seed}\n")
        raise
    finally:
        field.end()
        if options.keep:
            sys.stderr.write(f"{folder}\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(json.dumps(result) + "\n")
    return 1 if result["violations"] else 0


def run(field: Field, *, kills: int, rate: int) -> dict[str, object]:
    began = time.monotonic()
    field.prepare(customers=max(4000, kills * rate * 2))
    field.begin(rate)
    ready = time.monotonic()
    rng = random.Random(field.seed)
    killed = Counter(strike(field, kind, rng) for kind in victims(kills, rng))
    loaded = time.monotonic() - ready
    late = calm(field)
    rested = time.monotonic() - ready - loaded
    sends = int(field.told()["accepted"])
    violations = [*late, *judge(field)]
    return {
        "kills": sum(killed.values()),
        "killed": dict(killed),
        "sends": sends,
        "sends_per_second": round(sends / loaded, 1),
        "uncertain": field.query(
            "SELECT count(*) FROM interactions_interaction WHERE status = 'uncertain'"
        )[0][0],
        "receipts": field.query("SELECT count(*) FROM channels_webhookreceipt")[0][0],
        "violations": len(violations),
        "first_violations": [str(each) for each in violations[:10]],
        "prepared_in": round(ready - began),
        "loaded_for": round(loaded),
        "rested_in": round(rested),
        "seconds": round(time.monotonic() - began),
        "seed": field.seed,
    }


def victims(kills: int, rng: random.Random) -> list[str]:
    """Their shares are the same in every run, their order is not."""
    shares = [kind for kind, share in VICTIMS.items() for _time in range(share)]
    chosen = [shares[number * 7 % len(shares)] for number in range(kills)]
    rng.shuffle(chosen)
    return chosen


def strike(field: Field, kind: str, rng: random.Random) -> str:
    """Let messages leave for a moment, kill something, bring it back at once."""
    victim = f"worker{rng.randrange(WORKERS)}" if kind == "worker" else kind
    if kind == "web":
        field.wait_for_web()
    _some_progress(field)
    time.sleep(rng.random() * LONGEST_LIFE)
    field.kill(victim)
    field.start(victim)
    return kind


def _some_progress(field: Field) -> None:
    """Killing what has not begun yet proves nothing: something must have left since."""
    before = field.told()["accepted"]
    deadline = time.monotonic() + 10
    while field.told()["accepted"] == before and time.monotonic() < deadline:
        time.sleep(0.05)


class Unrest(Exception):  # noqa: N818 - it is what the judge says of it
    """Something still moves, or waits, long after the faults were lifted."""


def calm(field: Field) -> list[Violation]:
    """The load ends, the faults are lifted: everything must come to rest by itself."""
    try:
        took = _come_to_rest(field)
    except Unrest as words:
        return [Violation("I12", str(words), field.seed)]
    if took > SETTLED_WITHIN:
        return [Violation("I12", f"it took {took:.0f} s to come to rest", field.seed)]
    return []


def _come_to_rest(field: Field) -> float:
    field.behave()
    (field.folder / "stop").touch()
    _until((field.folder / "stopped").exists, field)
    # What the provider could not tell while the web was dead it tells now, at its own pace.
    _until(lambda: field.told()["waiting"] == 0, field)
    start = time.monotonic()
    _until(lambda: _is_idle(field), field)
    # Whatever is leased now belongs to the dead: the living have nothing left to hand over.
    field.query(END_LEASES)
    _until(lambda: field.query(LEASED)[0][0] == 0, field)
    _until(lambda: _is_handled(field), field)
    return time.monotonic() - start


def _is_handled(field: Field) -> bool:
    """Notices that overtook the settling of their message come again at once, not in a second."""
    if field.told()["waiting"]:
        return False
    # Each of its tries needs a moment in which its message can be settled.
    time.sleep(1)
    try:
        field.query(END_PAUSES)
        return _is_idle(field) and field.query(UNHANDLED) == [(0,)]
    except psycopg.Error:
        return False


def _is_idle(field: Field) -> bool:
    try:
        return field.query(UNDER_WAY) == [(0, 0)]
    except psycopg.OperationalError:
        return False


def _until(is_so: Callable[[], bool], field: Field) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise Unrest(f"it does not come to rest: {field.query(UNDER_WAY)}, {field.told()}")
        time.sleep(0.1)


def judge(field: Field) -> list[Violation]:
    found = invariants.check(field.log, query=field.query, seed=field.seed)
    found += [Violation("I1", words, field.seed) for words in _doubles(field)]
    return found + [Violation("I8", words, field.seed) for words in _losses(field)]


def _doubles(field: Field) -> list[str]:
    """By the provider's log alone: each text is asked for once, so no address hears it twice."""
    lines = invariants.read_log(field.log)
    heard = Counter((line["to"], line["body"]) for line in lines if line["event"] == "accepted")
    return [
        f"{to} heard {body!r} {count} times" for (to, body), count in heard.items() if count > 1
    ]


def _losses(field: Field) -> list[str]:
    """Each thing that the product said it had taken is there, and is there once."""
    lines = invariants.read_log(field.folder / "submitted.jsonl")
    keys = {key for line in lines if line["what"] == "messages" for key in line["keys"]}
    stored = {row[0] for row in field.query(
        "SELECT idempotency_key FROM conversations_message WHERE idempotency_key IS NOT NULL")}  # fmt: skip
    words = [f"message {key} was taken and is nowhere" for key in sorted(keys - stored)]
    tokens = {f"A-{line['token']}" for line in lines if line["what"] == "payment"}
    paid = field.query("SELECT code, amount FROM ledger_payment")
    words += [
        f"payment {code} was taken and is nowhere" for code in tokens - {row[0] for row in paid}
    ]
    if len({row[0] for row in paid}) != len(paid) or any(row[1] != 1 for row in paid):
        words.append("a payment is there twice, or with another amount")
    refused = Counter(line["why"] for line in lines if line["what"] == "refused")
    words += [f"{count} messages were refused: {why}" for why, count in refused.items()]
    broken = [line for line in lines if line["what"] == "answer" and line["status"] == 500]
    return words + [f"a page answered 500: {line['path']}" for line in broken[:5]]


if __name__ == "__main__":
    sys.exit(main())
