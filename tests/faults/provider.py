"""A provider that misbehaves, as a process of its own that knows nothing of the product.

    python -m tests.faults.provider --port N --log FILE [--secret S] [--auto] [--seed N]

It speaks the wire of the simulated channel (POST /messages), Meta's Graph (POST
/v23.0/PHONE_ID/messages) and Twilio's (POST /2010-04-01/Accounts/SID/Messages.json). What it
accepts is in its log before it answers, and so is every notice that it posted with the answer
that it got: that log, not the product's tables, is the judge.

    POST /faults    {mode, to?, times?, seconds?, code?}  from now on, or for one address
    POST /forget    takes every fault away
    POST /statuses  {id or to or token, statuses, copies?, shuffle?, after?, secret?}
    POST /inbound   {callback, from, body, wire?, id?, secret?, copies?}
    POST /accounts  {callback, secret, wire}              how an address wants its notices
    GET  /log       the lines so far          GET /health
"""

import argparse
import json
import random
import socket
import struct
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from acuerdo.simulator import wires
from tests.faults.postman import Postman

Json = dict[str, Any]

# Each happens after the message was accepted ...
AFTER = ("accept", "hang", "500", "502", "503", "504", "cut", "half", "html", "shape", "late")
# ... and these instead of accepting it.
INSTEAD = ("429", "busy", "revoked", "refuse", "drop", "slow_refuse")
MOODS = ("500", "502", "cut", "half", "html", "shape", "slow", "late", "429", "refuse", "drop")


@dataclass
class Fault:
    mode: str
    to: str = ""
    times: int = -1
    seconds: float = 0.0
    code: str = ""
    retry_after: int | None = None


@dataclass
class Provider:
    log: Path
    secret: str = ""
    auto: bool = False
    seed: int = 0
    rude: float = 0.0
    faults: list[Fault] = field(default_factory=list)
    accepted: dict[str, Json] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.stream = self.log.open("a", encoding="utf-8")
        self.rng = random.Random(self.seed)
        self.postman = Postman(self.write, self.secret, self.rng)

    def write(self, event: str, **line: object) -> Json:
        entry: Json = {"event": event, "at": time.time(), **line}
        with self.lock:
            self.stream.write(json.dumps(entry, ensure_ascii=True) + "\n")
            self.stream.flush()
        return entry

    def fault_for(self, to: str) -> Fault:
        with self.lock:
            for fault in self.faults:
                if fault.to in {"", to} and fault.times:
                    fault.times -= 1
                    return fault
        if self.rng.random() < self.rude:
            return Fault(self.rng.choice(MOODS), seconds=0.5)
        return Fault("accept")

    def accept(self, message: wires.Sent) -> Json:
        line = self.write("accepted", **message.line(wires.new_id(message.wire)))
        self.accepted[line["id"]] = line
        if self.auto and line["callback"]:
            self.postman.by_itself(line)
        return line

    def find(self, wanted: Json) -> Json | None:
        for line in reversed(self.accepted.values()):
            if any(wanted.get(name) == line[name] != "" for name in ("id", "token", "to")):
                return line
        return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/health":
            waiting = self.provider.postman.waiting
            self.reply(200, {"accepted": len(self.provider.accepted), "waiting": waiting})
        elif url.path == "/log":
            self.reply(200, {"lines": self.provider.log.read_text().splitlines()})
        else:
            self.reply(200, wires.listing(url.path, parse_qs(url.query), self.provider.accepted))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = urlsplit(self.path).path
        controls = {
            "/faults": self.add_fault,
            "/forget": self.forget,
            "/statuses": self.statuses,
            "/inbound": self.inbound,
            "/accounts": self.account,
        }
        if path in controls:
            self.reply(200, controls[path](json.loads(body or b"{}")))
        else:
            self.take(path, body)

    @property
    def provider(self) -> Provider:
        return self.server.provider

    def take(self, path: str, body: bytes) -> None:
        """A message of the product's."""
        sent = wires.read(path, body, dict(self.headers))
        if sent is None:
            self.provider.write("not_understood", path=path, body=body.decode(errors="replace"))
            self.reply(404, {"error": {"message": "unknown path", "code": 404}})
            return
        if sent.callback and sent.secret:
            self.provider.postman.learn(sent.callback, sent.secret, sent.wire)
        fault = self.provider.fault_for(sent.to)
        if fault.mode in INSTEAD:
            self.not_accepted(sent, fault)
            return
        if fault.mode == "slow":
            time.sleep(fault.seconds)
        line = self.provider.accept(sent)
        self.answer(sent, line, fault)

    def not_accepted(self, sent: wires.Sent, fault: Fault) -> None:
        self.provider.write("not_accepted", mode=fault.mode, token=sent.token, to=sent.to)
        if fault.mode == "drop":
            self.reset()
            return
        status, content = wires.refusal(sent.wire, fault.mode, fault.code)
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        self.reply(status, content, headers)

    def answer(self, sent: wires.Sent, line: Json, fault: Fault) -> None:
        """The message is taken; what of it the product gets to hear is another matter."""
        status, content = wires.receipt(sent.wire, line)
        if fault.mode in {"hang", "late"}:
            time.sleep(fault.seconds or 3600)
        if fault.mode == "cut":
            self.reset()
        elif fault.mode == "half":
            self.half(status, json.dumps(content).encode())
        elif fault.mode == "html":
            self.raw(200, b"<html><body>Bad gateway page</body></html>", "text/html")
        elif fault.mode == "shape":
            self.reply(200, ["not", {"what": "was promised"}])
        elif fault.mode in {"500", "502", "503", "504"}:
            self.reply(int(fault.mode), {})
        else:
            self.reply(status, content)

    def add_fault(self, wanted: Json) -> Json:
        fault = Fault(**wanted)
        if fault.mode not in {*AFTER, *INSTEAD, "slow"}:
            return {"error": f"no mode {fault.mode}"}
        self.provider.faults.insert(0, fault)
        return {"faults": len(self.provider.faults)}

    def forget(self, _wanted: Json) -> Json:
        self.provider.faults.clear()
        self.provider.rude = 0.0
        return {}

    def statuses(self, wanted: Json) -> Json:
        line = self.provider.find(wanted)
        if line is None:
            return {"error": "unknown message"}
        told = wanted.get("statuses", ["sent", "delivered"])
        self.provider.postman.statuses(line, told, wanted)
        return {"id": line["id"]}

    def inbound(self, wanted: Json) -> Json:
        id_ = str(wanted.get("id") or wires.new_id(wanted.get("wire", "simulated")))
        self.provider.write("inbound", **wanted | {"id": id_})
        self.provider.postman.message(wanted | {"id": id_})
        return {"id": id_}

    def account(self, wanted: Json) -> Json:
        self.provider.postman.learn(wanted["callback"], wanted["secret"], wanted["wire"])
        return {}

    def reply(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        self.raw(status, json.dumps(content).encode(), "application/json", headers)

    def raw(
        self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def half(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        self.reset()

    def reset(self) -> None:
        """The connection ends as a crash ends it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            return

    def log_message(self, *_words: object) -> None:
        """Silent: its log is its own."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, port: int, provider: Provider) -> None:
        self.provider = provider
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, _request: object, _address: object) -> None:
        """A client that hung up, or died, is what this is for."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="provider")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--secret", default="")
    parser.add_argument("--auto", action="store_true", help="tell statuses unasked")
    parser.add_argument("--seed", type=int, default=uuid.uuid4().int % 10**6)
    parser.add_argument("--rude", type=float, default=0.0, help="share that gets any fault")
    options = parser.parse_args()
    provider = Provider(options.log, options.secret, options.auto, options.seed, options.rude)
    provider.write("started", seed=options.seed)
    with Server(options.port, provider) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
