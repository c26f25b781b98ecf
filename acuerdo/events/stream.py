"""The live stream: a small ASGI application that tells browsers what changed, by id.

A message carries a type and ids, never a content. Its own id is a place: who comes back
with the last one gets what became visible since. A client that fell too far behind gets
the type ``reset`` and fetches its page again.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from acuerdo.events import audience, news
from acuerdo.events.asking import ask
from acuerdo.events.audience import RESHAPING, Listener
from acuerdo.events.hub import QUEUE, Item, Queue, hub
from acuerdo.events.models import Event
from acuerdo.events.news import News, Place, Reset

HEARTBEAT = 20.0
CHECK_AGAIN = 60.0
LIFETIME = 600.0

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


@dataclass
class Reader:
    """One open stream. ``place`` is how far it has been told, or been found to have no part."""

    send: Send
    cookies: str
    listener: Listener
    place: Place | None
    told: deque[int] = field(default_factory=lambda: deque(maxlen=QUEUE))
    check_at: float = 0.0


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if scope["path"].endswith("/health"):
        await _answer(send, 200, headers)
        return
    if headers.get("origin") not in {None, settings.BASE_URL} or scope["method"] != "GET":
        await _answer(send, 403, headers)
        return
    begun = asyncio.get_running_loop().time()
    cookies = headers.get("cookie", "")
    listener = await _listener(cookies)
    if listener is None:
        await _answer(send, 401, headers)
        return
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    if "session" in asked:
        await _answer(send, 200, headers)
        return
    after = await _after(headers.get("last-event-id") or asked.get("after", [""])[0])
    await _stream(
        receive, Reader(send, cookies, listener, after), headers, since=begun - _age(asked)
    )


async def _listener(cookies: str) -> Listener | None:
    return await ask(audience.listener, cookies)


async def _answer(send: Send, status: int, headers: dict[str, str]) -> None:
    await _start(send, status, headers, b"text/plain")
    await send({"type": "http.response.body", "body": b"%d\n" % status})


async def _start(send: Send, status: int, headers: dict[str, str], kind: bytes) -> None:
    answer = [(b"content-type", kind), (b"cache-control", b"no-store"), (b"vary", b"Origin")]
    if headers.get("origin") == settings.BASE_URL:
        answer += [
            (b"access-control-allow-origin", settings.BASE_URL.encode()),
            (b"access-control-allow-credentials", b"true"),
        ]
    if kind == b"text/event-stream":
        answer.append((b"x-accel-buffering", b"no"))
    await send({"type": "http.response.start", "status": status, "headers": answer})


async def _stream(
    receive: Receive, reader: Reader, headers: dict[str, str], *, since: float
) -> None:
    resumes = reader.place
    # A place from before joining: what the queue brings before it is cut off, is younger.
    reader.place = resumes or await ask(news.here)
    # Joined before the past is read, so that nothing falls between the two.
    queue = await hub.join(since=None if resumes else since)
    try:
        await _start(reader.send, 200, headers, b"text/event-stream")
        await _say(
            reader, {"type": "stream.open", "user": reader.listener.user_id}, b"retry: 2000\n"
        )
        gone = asyncio.create_task(_gone(receive))
        talk = asyncio.create_task(_talk(reader, _items(queue, resumes)))
        await asyncio.wait({gone, talk}, timeout=LIFETIME, return_when=asyncio.FIRST_COMPLETED)
        for task in (gone, talk):
            task.cancel()
        await asyncio.gather(gone, talk, return_exceptions=True)
        await reader.send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        hub.leave(queue)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _talk(reader: Reader, items: AsyncIterator[Item | None]) -> None:
    reader.check_at = asyncio.get_running_loop().time() + CHECK_AGAIN
    async for item in items:
        if not await _still_here(reader, item):
            return
        if item is None:
            # Says how far it is, so that a quiet page does not come back with an old place.
            await _say(reader, {"type": "stream.alive"})
        elif isinstance(item, Reset):
            await _say(reader, {"type": "reset"})
        else:
            await _pass_on(reader, item)


async def _still_here(reader: Reader, item: Item | None) -> bool:
    """Look at session and rights again, in time or when they may just have changed."""
    now = asyncio.get_running_loop().time()
    is_reshaped = isinstance(item, News) and item.type in RESHAPING
    if now < reader.check_at and not is_reshaped:
        return True
    renewed = await _listener(reader.cookies)
    if renewed is None:
        return False
    is_other = renewed.scope != reader.listener.scope
    reader.listener, reader.check_at = renewed, now + CHECK_AGAIN
    if is_other:
        await _say(reader, {"type": "reset"})
    return True


async def _pass_on(reader: Reader, item: News) -> None:
    reader.place = item.place or reader.place
    type_ = reader.listener.hears(item)
    if type_ is None:
        return
    if item.event is None:
        await _say(reader, {"type": type_, "customer": item.customer_id})
    elif item.event.pk not in reader.told:
        reader.told.append(item.event.pk)
        await _say(reader, fact(item.event, type_))


async def _items(queue: Queue, resumes: Place | None) -> AsyncIterator[Item | None]:
    """What was missed, then what comes; None when nothing came for a while."""
    if resumes is not None:
        for item in await ask(news.missed, resumes):
            yield item
    while True:
        try:
            yield await asyncio.wait_for(queue.get(), HEARTBEAT)
        except TimeoutError:
            yield None


def fact(event: Event, type_: str) -> dict[str, Any]:
    """What is said of an event; to somebody who lost the customer, nothing but that."""
    if type_ == audience.LOST:
        return {"type": type_, "id": event.pk, "customer": event.customer_id}
    return {
        "type": type_,
        "id": event.pk,
        "customer": event.customer_id,
        "subject": f"{event.subject_type}:{event.subject_id}" if event.subject_id else "",
        "adviser": event.data.get("adviser_id"),
    }


async def _say(reader: Reader, data: dict[str, Any], before: bytes = b"") -> None:
    place = f"id: {reader.place}\n" if reader.place else ""
    body = before + f"{place}data: {json.dumps(data)}\n\n".encode()
    await reader.send({"type": "http.response.body", "body": body, "more_body": True})


def _age(asked: dict[str, list[str]]) -> float:
    """For how many milliseconds the page that asks has been in the making."""
    text = asked.get("age", ["0"])[0]
    return int(text) / 1000 if text.isascii() and text.isdigit() and len(text) < 9 else 0.0


async def _after(text: str) -> Place | None:
    """The place that a client names; an event's number alone will do. An unknown one is a reset."""
    if not text.isdecimal() or len(text) > 18:
        return Place.parse(text)
    return await ask(_place_of, int(text))


def _place_of(event_id: int) -> Place:
    floor = Event.objects.filter(pk=event_id).values_list("transaction", flat=True).first()
    return Place(event_id, floor or 0)
