"""A stand-in for the providers of WhatsApp, SMS, mail and telephone, as a process of its own.

    python -m acuerdo.simulator.provider

It knows nothing of the product but the HTTP contracts: Meta's Graph, Twilio's and Mailgun's
interfaces, and the simulated channel's own. What it tells goes to the product's webhooks,
signed as each provider signs. Its log, not our tables, is the judge of whether a message
went out twice. What follows is for whoever plays with it; no real provider has it.

    POST /inbound   {callback, from, body, name?, user_id?, username?, subject?, quotes?, button?,
                     kind?, file?, mime_type?, id?, secret?}             a person writes
    POST /status    {id or token, status, code?, secret?}                sent ... failed
    POST /knobs     {callback?, ...}      its manners: see ``acuerdo.simulator.manners``
    POST /accounts  {wire, callback, secret, id, key, sender, business, basic}
    POST /window    {callback, address, open}    Meta's 24 hours with one person
    POST /clock     {offset}              how far the demonstration is ahead
    GET  /messages?to=ADDRESS&callback=URL   both directions, oldest first
    GET  /posted?callback=URL   GET /knobs?callback=URL   GET /log   GET /health
"""

import argparse
import asyncio
import http.client
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from acuerdo.simulator import catalogue, wires
from acuerdo.simulator.postman import POSTMEN
from acuerdo.simulator.switchboard import Answer, Cut, Switchboard, reopened
from acuerdo.simulator.wires import Json, shapes

MOST_BYTES = 16_000_000
FILES = Path(__file__).parent / "data" / "files"
TEMPLATES = re.compile(r"^/v\d+\.\d+/\d+/message_templates$")
UPLOAD = re.compile(r"^/v\d+\.\d+/\d+/media$")
MEDIA = re.compile(r"^/v\d+\.\d+/(?P<id>\d+)$")
FILE = re.compile(r"^/files/(?P<id>\d+)$")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def one(self, name: str) -> str:
        return self.query.get(name, [""])[0]


async def answer(board: Switchboard, request: Request) -> Answer:
    if request.method == "GET":
        return _told(board, request) or _graph(board, request)
    actions: dict[str, Callable[[Json], Json]] = {
        "/inbound": board.receive,
        "/status": board.report,
        "/knobs": board.turn,
        "/accounts": board.introduce,
        "/window": board.set_window,
        "/clock": board.set_clock,
    }
    if request.path in actions:
        return _done(actions[request.path], request.body)
    if UPLOAD.match(request.path):
        return _upload(board, request)
    sent = wires.read(request.path, request.body, request.headers)
    return await board.take(sent) if sent else Answer(404, {"detail": "no such address"})


def _done(action: Callable[[Json], Json], body: bytes) -> Answer:
    content = json.loads(body or b"{}")
    if not isinstance(content, dict):
        return Answer(400, {"detail": "an object was expected"})
    return Answer(200, action(content))


def _told(board: Switchboard, request: Request) -> Answer | None:
    callback = request.one("callback")
    if request.path == "/messages":
        found = board.thread(request.query.get("to", []), callback)
        return Answer(200, {"messages": found})
    if request.path == "/posted":
        posted = [each for each in board.postman.posted if callback in {"", each["callback"]}]
        return Answer(200, {"posted": posted})
    if request.path == "/knobs":
        return Answer(200, vars(board.manners_of(callback)))
    if request.path == "/log":
        return Answer(200, Path(board.log.name).read_text(encoding="utf-8"))
    return Answer(200, {"ok": True}) if request.path == "/health" else None


def _graph(board: Switchboard, request: Request) -> Answer:
    """What is fetched of Meta, with the token of any of its accounts; and Twilio's list."""
    key = shapes.bearer(shapes.header(request.headers, "Authorization"))
    if not any(each.wire == "meta" and each.key == key for each in board.accounts.values()):
        return Answer(200, wires.listing(request.path, request.query, board.messages))
    if TEMPLATES.match(request.path):
        return Answer(200, catalogue.page(request.query))
    found = MEDIA.match(request.path) or FILE.match(request.path)
    if found is None or found["id"] not in board.files:
        return Answer(*wires.error("meta", "100", "Unsupported get request.", 400))
    name, mime_type = board.files[found["id"]]
    if FILE.match(request.path):
        return Answer(200, (FILES / Path(name).name).read_bytes(), content_type=mime_type)
    url = f"http://{shapes.header(request.headers, 'Host')}/files/{found['id']}"
    return Answer(200, {"id": found["id"], "url": url, "mime_type": mime_type})


def _upload(board: Switchboard, request: Request) -> Answer:
    """A file of the product's: only its id matters, nobody looks at it here."""
    key = shapes.bearer(shapes.header(request.headers, "Authorization"))
    if not any(each.wire == "meta" and each.key == key for each in board.accounts.values()):
        return Answer(*wires.error("meta", "190"))
    return Answer(200, {"id": wires.new_number()})


async def serve_connection(
    board: Switchboard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        while request := await _request(reader):
            try:
                told = await answer(board, request)
            except (ValueError, KeyError, AttributeError, TypeError) as fault:
                told = Answer(400, {"detail": repr(fault)})
            writer.write(_response(told))
            await writer.drain()
    except (Cut, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


async def _request(reader: asyncio.StreamReader) -> Request | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    length = int(headers.get("content-length", "0"))
    if length > MOST_BYTES:
        raise ConnectionError("too large")
    method, target, _version = first.split(" ", 2)
    url = urlsplit(target)
    body = await reader.readexactly(length)
    return Request(method, url.path, parse_qs(url.query), headers, body)


def _response(told: Answer) -> bytes:
    body, kind = _body(told.content)
    lines = [
        f"HTTP/1.1 {told.status} {http.client.responses.get(told.status, 'OK')}",
        f"Content-Type: {told.content_type or kind}",
        f"Content-Length: {len(body)}",
    ]
    if told.retry_after:
        lines.append(f"Retry-After: {told.retry_after}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _body(content: object) -> tuple[bytes, str]:
    if isinstance(content, bytes):
        return content, "application/octet-stream"
    if isinstance(content, str):
        return content.encode(), "text/plain; charset=utf-8"
    return json.dumps(content).encode(), "application/json; charset=utf-8"


async def serve(board: Switchboard, host: str, port: int) -> None:
    server = await asyncio.start_server(
        lambda reader, writer: serve_connection(board, reader, writer), host, port, backlog=1024
    )
    async with asyncio.TaskGroup() as postmen:
        for _number in range(POSTMEN):
            postmen.create_task(board.postman.work())
        await server.serve_forever()


def main() -> None:
    url = urlsplit(os.environ.get("ACUERDO_PROVIDER_URL", "http://127.0.0.1:8025"))
    parser = argparse.ArgumentParser(prog="provider")
    parser.add_argument("--host", default=url.hostname)
    parser.add_argument("--port", type=int, default=url.port)
    options = parser.parse_args()
    path = Path(os.environ.get("ACUERDO_PROVIDER_LOG", "provider.jsonl"))
    board = reopened(
        path,
        secret=os.environ.get("ACUERDO_PROVIDER_SECRET", "simulated"),
        auto=os.environ.get("ACUERDO_PROVIDER_AUTO", "") == "1",
    )
    try:
        asyncio.run(serve(board, options.host, options.port))
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
