"""Hands the news to the queues of those who are connected to this process."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any

from acuerdo.events import listening, news
from acuerdo.events.asking import ask
from acuerdo.events.news import News, Reset

QUEUE = 500
# News are kept this long for pages that were being made while they came.
KEPT_SECONDS = 60.0

Item = News | Reset
Queue = asyncio.Queue[Item]


class Hub:
    def __init__(self) -> None:
        self._queues: set[Queue] = set()
        self._task: asyncio.Task[None] | None = None
        self._listens = asyncio.Event()
        self._kept: deque[tuple[float, Item]] = deque(maxlen=QUEUE)
        # Before this moment of the loop's clock something may have been missed.
        self._complete_since = 0.0

    async def join(self, *, since: float | None = None) -> Queue:
        """A queue that misses nothing from now on, and nothing after ``since`` of the loop's clock."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(listening.listen(self._heard, begun=self._begun))
        await self._listens.wait()
        queue: Queue = asyncio.Queue(QUEUE)
        if since is not None:
            for item in self._since(since):
                queue.put_nowait(item)
        self._queues.add(queue)
        return queue

    def leave(self, queue: Queue) -> None:
        self._queues.discard(queue)

    def _since(self, moment: float) -> list[Item]:
        oldest = asyncio.get_running_loop().time() - KEPT_SECONDS
        is_whole = max(self._complete_since, oldest) <= moment and len(self._kept) < QUEUE
        return [item for at, item in self._kept if at >= moment] if is_whole else [Reset()]

    def _begun(self) -> None:
        # After a loss, nobody knows what was notified meanwhile.
        self._forget()
        self._put([Reset()])
        self._listens.set()

    def _forget(self) -> None:
        self._kept.clear()
        self._complete_since = asyncio.get_running_loop().time()

    async def _heard(self, notice: dict[str, Any]) -> None:
        if not self._queues:
            # Nobody is there to be told; whoever comes now was away.
            self._forget()
            return
        self._put(await ask(news.heard, notice))

    def _put(self, items: Iterable[Item]) -> None:
        now = asyncio.get_running_loop().time()
        for item in items:
            self._kept.append((now, item))
            for queue in self._queues:
                if queue.full():
                    _empty(queue)
                    queue.put_nowait(Reset())
                else:
                    queue.put_nowait(item)
        while self._kept and self._kept[0][0] < now - KEPT_SECONDS:
            self._kept.popleft()


def _empty(queue: Queue) -> None:
    while not queue.empty():
        queue.get_nowait()


hub = Hub()
