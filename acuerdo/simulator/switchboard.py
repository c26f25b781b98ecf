"""What the provider knows and does: its accounts, the messages that it took, the news it tells.

Everything that it accepts is appended to a log of JSON lines before it answers, and that log
is also its memory: read again at the next start. It never recognises a repeated token, as no
real provider does.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from acuerdo.simulator import catalogue, wires
from acuerdo.simulator.manners import LASTING, NOT_ACCEPTED, STATUSES, Manners, disorder
from acuerdo.simulator.postman import Post, Postman
from acuerdo.simulator.wires import Json, Sent, mailgun, meta

# What a real provider says to whoever it does not know, or whose key is not the one it gave.
STRANGERS = {"meta": "190", "twilio": "20003", "mailgun": "401"}
FORGED = "the key of somebody else"
RANK = {status: place for place, status in enumerate(("", *STATUSES, "failed"))}


class Cut(Exception):  # noqa: N818 - it is what the other side sees
    """The connection ends without an answer."""


@dataclass(frozen=True)
class Account:
    """A line as its provider knows it; ``id`` is what it is called there, ``key`` lets in."""

    wire: str
    callback: str
    secret: str = ""
    id: str = ""
    key: str = ""
    sender: str = ""
    business: str = ""
    basic: str = ""


@dataclass
class Switchboard:
    """``offset`` is how far the demonstration's clock is ahead of ours."""

    log: TextIO
    secret: str = ""
    manners: Manners = field(default_factory=Manners)
    own_manners: dict[str, Manners] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    messages: dict[str, Json] = field(default_factory=dict)
    by_token: dict[str, str] = field(default_factory=dict)
    closed: set[tuple[str, str]] = field(default_factory=set)
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    offset: float = 0.0

    def __post_init__(self) -> None:
        self.postman = Postman(self.now)

    def now(self) -> float:
        return time.time() + self.offset

    # --- memory ---

    def remember(self, line: Json) -> None:
        match line["event"]:
            case "accepted" | "inbound":
                self.messages[line["id"]] = line
                if line.get("token"):
                    self.by_token[line["token"]] = line["id"]
            case "status" if line["id"] in self.messages:
                message = self.messages[line["id"]]
                if RANK.get(line["status"], 0) > RANK.get(message.get("status", ""), 0):
                    message["status"] = line["status"]
            case "account":
                self.accounts[line["account"]["callback"]] = Account(**line["account"])
            case "manners":
                self._own(line["callback"]).set(line["manners"])
            case "clock":
                self.offset = float(line["offset"])
            case "window":
                place = line["callback"], line["address"]
                (self.closed.discard if line["open"] else self.closed.add)(place)

    def write(self, event: str, line: Json) -> Json:
        entry = {"event": event, "at": time.time(), "when": self.now(), **line}
        self.log.write(json.dumps(entry) + "\n")
        self.log.flush()
        self.remember(entry)
        return entry

    def introduce(self, told: Json) -> Json:
        """A provider is told once, on its own settings page, where to post and how to sign."""
        account = Account(**told)
        if self.accounts.get(account.callback) != account:
            self.write("account", {"account": told})
        return {}

    def set_clock(self, told: Json) -> Json:
        if self.offset != float(told["offset"]):
            self.write("clock", {"offset": float(told["offset"])})
        return {}

    def turn(self, told: Json) -> Json:
        """The manners towards one account, or towards all that have none of their own."""
        callback = str(told.pop("callback", ""))
        self._own(callback)
        chosen = self.manners_of(callback)
        chosen.set(told)
        lasting = {name: told[name] for name in LASTING if name in told}
        if lasting:
            self.write("manners", {"callback": callback, "manners": lasting})
        return vars(chosen)

    def _own(self, callback: str) -> Manners:
        if not callback:
            return self.manners
        return self.own_manners.setdefault(callback, Manners(**vars(self.manners)))

    def manners_of(self, callback: str) -> Manners:
        return self.own_manners.get(callback.partition("?")[0], self.manners)

    def set_window(self, told: Json) -> Json:
        place = {"callback": told["callback"], "address": address_key(told["address"])}
        self.write("window", place | {"open": bool(told["open"])})
        return {}

    # --- what the product sends ---

    def account_of(self, sent: Sent) -> Account | None:
        if sent.wire == "simulated":
            return Account("simulated", sent.callback, sent.secret or self.secret)
        known = [each for each in self.accounts.values() if each.wire == sent.wire]
        named = (each for each in known if each.id == sent.account)
        told = self.accounts.get(sent.callback.partition("?")[0])
        return told if told in known else next(named, None)

    async def take(self, sent: Sent) -> "Answer":
        account = self.account_of(sent)
        if account is None or sent.key != account.key:
            return Answer(*wires.error(sent.wire, STRANGERS[sent.wire]))
        if sent.wire == "simulated" and sent.secret:
            self.introduce(vars(account))
        manners = self.manners_of(account.callback)
        answer, code = manners.next(), manners.code
        await asyncio.sleep(manners.latency)
        if fault := _template_fault(sent):
            answer, code = "code", fault
        if answer in NOT_ACCEPTED or (answer == "code" and wires.is_answered(sent.wire, code)):
            return self._not_accepted(sent, answer, code, manners)
        return self._accept(sent, account, answer, code if answer == "code" else "", manners)

    def _not_accepted(self, sent: Sent, answer: str, code: str, manners: Manners) -> "Answer":
        self.write("not_accepted", {"answer": answer, "code": code, "token": sent.token})
        if answer == "cut":
            raise Cut
        told = (
            wires.error(sent.wire, code) if answer == "code" else wires.refusal(sent.wire, answer)
        )
        return Answer(*told, retry_after=manners.retry_after)

    def _accept(
        self, sent: Sent, account: Account, answer: str, code: str, manners: Manners
    ) -> "Answer":
        id_ = sent.reference or wires.new_id(sent.wire)
        text, buttons = _filled(sent)
        about = {"callback": sent.callback or account.callback, "status": "", "buttons": buttons}
        entry = self.write("accepted", sent.line(id_) | about | {"body": text})
        if sent.wire == "meta" and self._is_closed(sent, account):
            code = code or meta.CLOSED
        is_quiet = answer != "ok" and manners.is_silent
        told = ["failed"] if code else wires.told(sent.wire, manners.unasked)
        if told and entry["callback"] and not is_quiet:
            self.tell(entry, told, code=code)
        if answer == "accept_then_cut":
            raise Cut
        return (
            Answer(500, {})
            if answer == "accept_then_500"
            else Answer(*wires.receipt(sent.wire, entry))
        )

    def _is_closed(self, sent: Sent, account: Account) -> bool:
        return not sent.template and (account.callback, address_key(sent.to)) in self.closed

    # --- what the provider tells ---

    def tell(self, message: Json, told: list[str], *, code: str = "", secret: str = "") -> None:
        """News of ``message``, one after the other: mixed up and repeated as is the manner."""
        manners = self.manners_of(message["callback"])
        news = [status for status in told for _copy in range(manners.copies)]
        for place, status in enumerate(disorder(news) if manners.shuffle else news):
            wait = manners.delay + (place + manners.auto) * manners.pace
            asyncio.get_running_loop().call_later(
                wait, self._post_status, message, status, code, secret
            )

    def _post_status(self, message: Json, status: str, code: str, secret: str) -> None:
        self.write("status", {"id": message["id"], "status": status, "code": code})
        account = self._owner(message)
        extra = {"code": code, "timestamp": self.now()}
        notice = wires.status_notice(
            message, status, callback=message["callback"],
            secret=secret or self._key(account), extra=extra,
        )  # fmt: skip
        self._post(account, message["callback"], notice, status)

    def report(self, wanted: Json) -> Json:
        """Somebody decides what became of a message; raises KeyError for one nobody sent."""
        id_ = str(wanted.get("id") or self.by_token.get(str(wanted.get("token")), ""))
        message = self.messages[id_]
        code, secret = str(wanted.get("code", "")), str(wanted.get("secret") or "")
        self.tell(message, [wanted["status"]], code=code, secret=secret)
        return {"id": id_, "status": wanted["status"]}

    def receive(self, text: Json) -> Json:
        """A person writes to us."""
        callback = text["callback"]
        account = self.accounts.get(callback) or Account("simulated", callback)
        id_ = str(text.get("id") or wires.new_id(account.wire))
        about = {"id": id_, "wire": account.wire, "account": account.id, "to": account.sender}
        names = ("from", "body", "name", "user_id", "username", "subject", "quotes", "button")
        message: Json = {name: text[name] for name in names if text.get(name)} | about
        message |= self._file(text) | {"from": str(text.get("from", "")), "timestamp": self.now()}
        message["body"] = str(text.get("body", ""))
        self.write("inbound", {"callback": callback, **message})
        self.closed.discard((callback, address_key(message["from"] or message.get("user_id", ""))))
        secret = str(text.get("secret") or self._key(account))
        target = f"{callback}?kind=inbound" if account.wire == "mailgun" else callback
        notice = wires.message_notice(message, callback=target, secret=secret)
        manners = self.manners_of(callback)
        for _copy in range(manners.copies):
            self._post(account, target, notice, "inbound", after=manners.wait)
        return {"id": id_}

    def _file(self, text: Json) -> Json:
        """A file of a person's is named to the product, which comes to fetch it."""
        if not text.get("file"):
            return {}
        media_id = wires.new_number()
        self.files[media_id] = text["file"], text["mime_type"]
        return {"kind": text["kind"], "media_id": media_id, "mime_type": text["mime_type"]}

    def _owner(self, message: Json) -> Account:
        callback = message["callback"].partition("?")[0]
        return self.accounts.get(callback) or Account("simulated", callback)

    def _key(self, account: Account) -> str:
        """What notices are signed with."""
        is_forged = self.manners_of(account.callback).forged
        return FORGED if is_forged else account.secret or self.secret

    def _post(
        self, account: Account, callback: str, notice: wires.Notice, what: str, *, after: float = 0
    ) -> None:
        if account.basic:
            notice = mailgun.with_password(notice, account.basic)
        self.postman.put(Post(callback, notice, what), after=after)

    # --- what is asked of it ---

    def thread(self, addresses: list[str], callback: str) -> list[Json]:
        """Both directions, oldest first; of one line or of all, with some people or with all."""
        wanted = {address_key(each) for each in addresses}
        return [
            line
            for line in self.messages.values()
            if (not wanted or wanted & {address_key(who) for who in _people(line)})
            and callback in {"", str(line.get("callback", "")).partition("?")[0]}
        ]


@dataclass(frozen=True)
class Answer:
    status: int
    content: object
    retry_after: int = 0
    content_type: str = ""


def address_key(address: str) -> str:
    """An address as it is compared: providers write the same number in several ways."""
    return address.strip().removeprefix("bsuid:").lstrip("+").lower()


def _people(line: Json) -> tuple[str, ...]:
    if line["event"] == "accepted":
        return (line["to"],)
    return (line["from"], line.get("user_id", "")) if line["from"] else (line.get("user_id", ""),)


def _template_fault(sent: Sent) -> str:
    return catalogue.fault(sent.raw["template"]) if sent.template else ""


def _filled(sent: Sent) -> tuple[str, list[str]]:
    return catalogue.filled(sent.raw["template"]) if sent.template else (sent.body, [])


def reopened(path: Path, *, secret: str, auto: bool) -> Switchboard:
    """A switchboard that remembers what its log says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    board = Switchboard(path.open("a", encoding="utf-8"), secret, Manners(auto=auto))
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.endswith("}"):
            board.remember(json.loads(line))
    return board
