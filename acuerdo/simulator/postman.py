"""Posts notices to the product, and again for a while when nobody takes them, as providers do."""

import asyncio
import http.client
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from acuerdo.simulator.wires import Notice

RETRY_AFTER = (0.2, 0.5, 1, 2, 4, 8, 16, 32)
POSTMEN = 8
KEPT = 40
TIMEOUT = 10


@dataclass
class Post:
    """``what`` says it in a word: a status, or that somebody wrote."""

    callback: str
    notice: Notice
    what: str
    tries: int = 0


@dataclass
class Postman:
    """``posted`` are the last ones and the answer that each got; zero when nobody answered."""

    now: Callable[[], float] = time.time
    posted: "deque[dict[str, Any]]" = field(default_factory=lambda: deque(maxlen=KEPT))
    due: "asyncio.Queue[Post]" = field(default_factory=asyncio.Queue)

    def put(self, post: Post, *, after: float = 0.0) -> None:
        asyncio.get_running_loop().call_later(after, self.due.put_nowait, post)

    async def work(self) -> None:
        while True:
            post = await self.due.get()
            status = await asyncio.to_thread(posted, post.callback, post.notice)
            if status >= http.client.INTERNAL_SERVER_ERROR or not status:
                self._again(post)
            self.posted.append(
                {
                    "at": self.now(),
                    "callback": post.callback.partition("?")[0],
                    "what": post.what,
                    "answer": status,
                }
            )

    def _again(self, post: Post) -> None:
        if post.tries < len(RETRY_AFTER):
            post.tries += 1
            self.put(post, after=RETRY_AFTER[post.tries - 1])


def posted(callback: str, notice: Notice) -> int:
    """The answer's status; zero when none came."""
    url = urlsplit(callback)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    wire = kind(url.hostname or "", url.port, timeout=TIMEOUT)
    try:
        target = f"{url.path}?{url.query}" if url.query else url.path
        wire.request("POST", target, notice.body, notice.headers)
        answer = wire.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        wire.close()
