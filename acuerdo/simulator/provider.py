"""A stand-in for WhatsApp, SMS, mail and telephone providers, as a process of its own.

    python -m acuerdo.simulator.provider

It knows nothing of the product but its HTTP contract. Everything that it accepts is
appended to a log of JSON lines before it answers: that log, not our tables, is the judge
of whether a message went out twice. It never recognises a repeated token, as no real
provider does. Knobs make it slow, forgetful or rude.

    POST /messages  {token, channel, to, from, subject, body, callback, secret?} > {id}
    POST /inbound   {callback, from, body, name?, id?, secret?}          a person writes
    POST /status    {id or token, status, code?, detail?, secret?}       sent ... failed
    POST /knobs     {latency, answer, rate, auto, delay, retry_after}    any of them
    POST /secrets   {callback: secret}                                   to sign notices
    GET  /messages?to=ADDRESS   both directions, oldest first; without "to": everything
    GET  /log   GET /knobs   GET /health

Notices are posted to the callback with X-Acuerdo-Signature: sha256=HMAC of the raw body,
and tried again for a while, as providers do.
"""

import argparse
import asyncio
import hashlib
import hmac
import http.client
import json
import os
import random
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qs, urlsplit

ANSWERS = ("ok", "accept_then_500", "accept_then_cut", "cut", "429", "pair", "revoked", "refuse")
NOT_ACCEPTED = ("429", "pair", "revoked", "refuse", "cut")
MOST_BYTES = 5_000_000
RETRY_AFTER = (0.2, 0.5, 1, 2, 4, 8, 16, 32)
POSTMEN = 8

Json = dict[str, Any]
Reply = tuple[int, object]


@dataclass
class Knobs:
    """``answer`` is given to the share ``rate`` of the messages; the others are accepted."""

    latency: float = 0.0
    answer: str = "ok"
    rate: float = 1.0
    auto: bool = False
    delay: float = 0.05
    retry_after: int = 0

    def set(self, values: Json) -> None:
        for name, value in values.items():
            kind = type(getattr(self, name))
            setattr(self, name, kind(value))
        if self.answer not in ANSWERS:
            raise ValueError(self.answer)


class Cut(Exception):  # noqa: N818 - it is what the other side sees
    """The connection ends without an answer."""


@dataclass
class Provider:
    log: TextIO
    secret: str = ""
    knobs: Knobs = field(default_factory=Knobs)
    secrets: dict[str, str] = field(default_factory=dict)
    messages: dict[str, Json] = field(default_factory=dict)
    by_token: dict[str, str] = field(default_factory=dict)
    post: "asyncio.Queue[tuple[str, bytes, str]]" = field(default_factory=asyncio.Queue)
    later: set["asyncio.Task[None]"] = field(default_factory=set)

    def remember(self, line: Json) -> None:
        if line["event"] in {"accepted", "inbound"}:
            self.messages[line["id"]] = line
            if line.get("token"):
                self.by_token[line["token"]] = line["id"]
        elif line["event"] == "status" and line["id"] in self.messages:
            self.messages[line["id"]]["status"] = line["status"]
        elif line["event"] == "secrets":
            self.secrets.update(line["secrets"])

    def write(self, event: str, line: Json) -> Json:
        entry = {"event": event, "at": time.time(), **line}
        self.log.write(json.dumps(entry) + "\n")
        self.log.flush()
        self.remember(entry)
        return entry

    async def take(self, message: Json) -> Reply:
        """A message of ours arrives."""
        self._learn_from(message)
        if missing := {"token", "channel", "to", "body"} - message.keys():
            return 400, {"code": "missing", "detail": ", ".join(sorted(missing))}
        answer = self.knobs.answer if random.random() < self.knobs.rate else "ok"  # noqa: S311
        await asyncio.sleep(self.knobs.latency)
        if answer in NOT_ACCEPTED:
            return self._not_accepted(answer, message)
        entry = self.write("accepted", {"id": f"sim-{uuid.uuid4().hex}", "status": "", **message})
        if self.knobs.auto and message.get("callback"):
            self._soon(self._report_by_itself(entry))
        if answer == "accept_then_cut":
            raise Cut
        return (500, {}) if answer == "accept_then_500" else (200, {"id": entry["id"]})

    def _not_accepted(self, answer: str, message: Json) -> Reply:
        self.write("not_accepted", {"answer": answer, "token": message["token"]})
        if answer == "cut":
            raise Cut
        if answer in {"429", "pair"}:
            asked = {"retry_after": self.knobs.retry_after} if self.knobs.retry_after else {}
            return 429, {"code": answer, **asked}
        if answer == "revoked":
            return 401, {"detail": "La clave fue revocada."}
        return 400, {"code": "refused", "detail": "El número no existe."}

    async def _report_by_itself(self, entry: Json) -> None:
        for status in ("sent", "delivered"):
            await asyncio.sleep(self.knobs.delay)
            self.report({"id": entry["id"], "status": status})

    def report(self, wanted: Json) -> Reply:
        """Tell the callback what became of one of its messages."""
        id_ = str(wanted.get("id") or self.by_token.get(str(wanted.get("token")), ""))
        message = self.messages.get(id_)
        if message is None or not message.get("callback"):
            return 404, {"detail": "unknown message"}
        news = {"id": id_, "token": message.get("token", ""), "status": wanted["status"]}
        news |= {name: wanted[name] for name in ("code", "detail") if wanted.get(name)}
        self.write("status", news)
        self.notify(message["callback"], {"statuses": [news]}, wanted.get("secret"))
        return 200, news

    def receive(self, text: Json) -> Reply:
        """A person writes to us."""
        id_ = str(text.get("id") or f"in-{uuid.uuid4().hex}")
        message = {name: str(text.get(name, "")) for name in ("from", "body", "name")} | {"id": id_}
        self.write("inbound", {"callback": text["callback"], **message})
        self.notify(text["callback"], {"messages": [message]}, text.get("secret"))
        return 200, {"id": id_}

    def notify(self, callback: str, content: Json, secret: str | None = None) -> None:
        body = json.dumps({"event": uuid.uuid4().hex, **content}, ensure_ascii=False).encode()
        key = secret or self.secrets.get(callback) or self.secret
        signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        self.post.put_nowait((callback, body, f"sha256={signature}"))

    def _learn_from(self, message: Json) -> None:
        secret, callback = message.pop("secret", ""), message.get("callback", "")
        if secret and self.secrets.get(callback) != secret:
            self.learn({callback: secret})

    def learn(self, secrets: Json) -> Reply:
        self.write("secrets", {"secrets": {str(url): str(key) for url, key in secrets.items()}})
        return 200, {}

    def turn(self, values: Json) -> Reply:
        self.knobs.set(values)
        return 200, vars(self.knobs)

    def listing(self, address: str) -> Reply:
        """The thread of one address: what was sent to it and what it wrote."""
        found = list(self.messages.values())
        if address:
            found = [one for one in found if address in {one.get("to"), one.get("from")}]
        return 200, {"messages": found}

    def _soon(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.later.add(task)
        task.add_done_callback(self.later.discard)


async def deliver_post(provider: Provider) -> None:
    while True:
        callback, body, signature = await provider.post.get()
        for pause in RETRY_AFTER:
            if await asyncio.to_thread(_posted, callback, body, signature):
                break
            await asyncio.sleep(pause)


def _posted(callback: str, body: bytes, signature: str) -> bool:
    """True when there is no use in trying again: taken, or refused for good."""
    url = urlsplit(callback)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    wire = kind(url.hostname or "", url.port, timeout=10)
    try:
        headers = {"Content-Type": "application/json", "X-Acuerdo-Signature": signature}
        wire.request("POST", url.path, body, headers)
        return wire.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        wire.close()


async def answer(provider: Provider, method: str, target: str, body: bytes) -> Reply:
    url = urlsplit(target)
    if method == "GET":
        return _read(provider, url.path, parse_qs(url.query))
    content = json.loads(body or b"{}")
    if not isinstance(content, dict):
        return 400, {"detail": "an object was expected"}
    if url.path == "/messages":
        return await provider.take(content)
    actions: dict[str, Callable[[Json], Reply]] = {
        "/inbound": provider.receive,
        "/status": provider.report,
        "/knobs": provider.turn,
        "/secrets": provider.learn,
    }
    action = actions.get(url.path)
    return action(content) if action else (404, {})


def _read(provider: Provider, path: str, query: dict[str, list[str]]) -> Reply:
    if path == "/messages":
        return provider.listing(query.get("to", [""])[0])
    if path == "/log":
        return 200, Path(provider.log.name).read_text(encoding="utf-8")
    if path == "/knobs":
        return 200, vars(provider.knobs)
    return (200, {"ok": True}) if path == "/health" else (404, {})


async def serve_connection(
    provider: Provider, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        while request := await _request(reader):
            method, target, body = request
            try:
                status, content = await answer(provider, method, target, body)
            except (ValueError, KeyError, AttributeError, TypeError) as fault:
                status, content = 400, {"detail": repr(fault)}
            writer.write(_response(status, content))
            await writer.drain()
    except (Cut, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, bytes] | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    length = int(headers.get("content-length", "0"))
    if length > MOST_BYTES:
        raise ConnectionError("too large")
    method, target, _version = first.split(" ", 2)
    return method, target, await reader.readexactly(length)


def _response(status: int, content: object) -> bytes:
    body = (content if isinstance(content, str) else json.dumps(content)).encode()
    kind = "text/plain" if isinstance(content, str) else "application/json"
    return (
        f"HTTP/1.1 {status} {http.client.responses.get(status, 'OK')}\r\n"
        f"Content-Type: {kind}; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def reopened(path: Path, *, secret: str, auto: bool) -> Provider:
    """A provider that remembers what its log says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    provider = Provider(path.open("a", encoding="utf-8"), secret, Knobs(auto=auto))
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.endswith("}"):
            provider.remember(json.loads(line))
    return provider


async def serve(provider: Provider, host: str, port: int) -> None:
    server = await asyncio.start_server(
        lambda reader, writer: serve_connection(provider, reader, writer), host, port, backlog=1024
    )
    async with asyncio.TaskGroup() as postmen:
        for _number in range(POSTMEN):
            postmen.create_task(deliver_post(provider))
        await server.serve_forever()


def main() -> None:
    url = urlsplit(os.environ.get("ACUERDO_PROVIDER_URL", "http://127.0.0.1:8025"))
    parser = argparse.ArgumentParser(prog="provider")
    parser.add_argument("--host", default=url.hostname)
    parser.add_argument("--port", type=int, default=url.port)
    options = parser.parse_args()
    path = Path(os.environ.get("ACUERDO_PROVIDER_LOG", "provider.jsonl"))
    provider = reopened(
        path,
        secret=os.environ.get("ACUERDO_PROVIDER_SECRET", "simulated"),
        auto=os.environ.get("ACUERDO_PROVIDER_AUTO", "") == "1",
    )
    try:
        asyncio.run(serve(provider, options.host, options.port))
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
