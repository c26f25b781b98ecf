"""The live stream: a small ASGI application that tells browsers what changed, by id.

A message carries a type and ids, never a content. A client that falls behind, or was
away too long, gets the type ``reset`` and fetches its page again.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from acuerdo.events import audience, listening
from acuerdo.events.audience import Listener
from acuerdo.events.models import Event

HEARTBEAT = 20.0
CHECK_AGAIN = 60.0
LIFETIME = 600.0
QUEUE = 500
CATCH_UP = 300
# Ids are handed out before rows become visible: look a little behind the last one seen.
BEHIND = 200

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

logger = logging.getLogger(__name__)


class Reset:
    """In a queue: the reader missed something."""


class Hub:
    """Hands each event to the queues of those who are connected to this process."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Event | Reset]] = set()
        self._task: asyncio.Task[None] | None = None
        self._listens = asyncio.Event()

    async def join(self) -> "asyncio.Queue[Event | Reset]":
        """A queue that misses nothing from now on."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(listening.listen(self._heard, begun=self._begun))
        await self._listens.wait()
        queue: asyncio.Queue[Event | Reset] = asyncio.Queue(QUEUE)
        self._queues.add(queue)
        return queue

    def leave(self, queue: "asyncio.Queue[Event | Reset]") -> None:
        self._queues.discard(queue)

    def _begun(self) -> None:
        # After a loss, nobody knows what was notified meanwhile.
        self._put([Reset()])
        self._listens.set()

    async def _heard(self, place: dict[str, int]) -> None:
        if self._queues:
            self._put(await sync_to_async(_read, thread_sensitive=False)(place))

    def _put(self, items: Iterable[Event | Reset]) -> None:
        for item in items:
            for queue in self._queues:
                if queue.full():
                    _empty(queue)
                    queue.put_nowait(Reset())
                else:
                    queue.put_nowait(item)


hub = Hub()


def _read(place: dict[str, int]) -> list[Event]:
    try:
        found = Event.objects.filter(
            transaction=place["transaction"], pk__gte=place["first"], pk__lte=place["last"]
        )
        return list(found.order_by("pk"))
    finally:
        connections.close_all()


def _empty(queue: "asyncio.Queue[Event | Reset]") -> None:
    while not queue.empty():
        queue.get_nowait()


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
    listener = await _listener(headers)
    if listener is None:
        await _answer(send, 401, headers)
        return
    await _stream(scope, receive, send, headers, listener)


async def _listener(headers: dict[str, str]) -> Listener | None:
    ask = sync_to_async(audience.listener, thread_sensitive=False)
    return await ask(headers.get("cookie", ""))


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
    scope: dict[str, Any], receive: Receive, send: Send, headers: dict[str, str], first: Listener
) -> None:
    # Joined before the past is read, so that nothing falls between the two.
    queue = await hub.join()
    try:
        await _start(send, 200, headers, b"text/event-stream")
        await _write(send, b"retry: 2000\n: welcome\n\n")
        gone = asyncio.create_task(_gone(receive))
        talk = asyncio.create_task(_talk(send, queue, headers, first, _after(scope, headers)))
        await asyncio.wait({gone, talk}, timeout=LIFETIME, return_when=asyncio.FIRST_COMPLETED)
        for task in (gone, talk):
            task.cancel()
        await asyncio.gather(gone, talk, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        hub.leave(queue)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _talk(
    send: Send,
    queue: "asyncio.Queue[Event | Reset]",
    headers: dict[str, str],
    listener: Listener,
    after: int | None,
) -> None:
    loop = asyncio.get_running_loop()
    check_at = loop.time() + CHECK_AGAIN
    told: deque[int] = deque(maxlen=QUEUE)
    async for item in _items(queue, after):
        if loop.time() >= check_at:
            renewed = await _listener(headers)
            if renewed is None:
                return
            listener, check_at = renewed, loop.time() + CHECK_AGAIN
        if item is None:
            await _write(send, b": still here\n\n")
        elif isinstance(item, Reset):
            await _write(send, b'data: {"type": "reset"}\n\n')
        elif item.pk not in told and listener.may_hear(item):
            told.append(item.pk)
            await _write(send, encode(item))


async def _items(
    queue: "asyncio.Queue[Event | Reset]", after: int | None
) -> AsyncIterator[Event | Reset | None]:
    """What was missed, then what comes; None when nothing came for a while."""
    if after is not None:
        for item in await sync_to_async(missed, thread_sensitive=False)(after):
            yield item
    while True:
        try:
            yield await asyncio.wait_for(queue.get(), HEARTBEAT)
        except TimeoutError:
            yield None


def missed(after: int) -> list[Event | Reset]:
    """The events after ``after``, and those of slower writers just below it."""
    try:
        last = Event.objects.filter(pk=after).values_list("transaction", flat=True).first()
        if last is None:
            return [Reset()]
        near = Event.objects.filter(pk__gt=after - BEHIND, transaction__gte=last)
        found: list[Event | Reset] = list(
            near.exclude(pk=after).exclude(pk__lt=after, transaction=last)
            .order_by("pk")[: CATCH_UP + 1]
        )  # fmt: skip
        return [Reset()] if len(found) > CATCH_UP else found
    finally:
        connections.close_all()


def encode(event: Event) -> bytes:
    data = {
        "type": event.type,
        "id": event.pk,
        "customer": event.customer_id,
        "subject": f"{event.subject_type}:{event.subject_id}" if event.subject_id else "",
        "adviser": event.data.get("adviser_id"),
    }
    return f"id: {event.pk}\ndata: {json.dumps(data)}\n\n".encode()


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


def _after(scope: dict[str, Any], headers: dict[str, str]) -> int | None:
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("after", [""])[0]
    last = headers.get("last-event-id") or asked
    return int(last) if last.isdecimal() and len(last) < 19 else None
