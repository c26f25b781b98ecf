"""Posts a provider's notices: signed, repeated, out of order, late, and again until taken."""

import hashlib
import heapq
import http.client
import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from acuerdo.simulator import wires
from acuerdo.simulator.postman import POSTMEN, posted

Json = dict[str, Any]
Write = Callable[..., Json]

# A real provider goes on for days; a test does not last that long.
TRIES = 60
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
COPIES = (1, 1, 1, 2, 3)


@dataclass(order=True)
class Post:
    due: float
    callback: str = field(compare=False)
    notice: wires.Notice = field(compare=False)
    about: Json = field(compare=False)
    tries: int = field(default=0, compare=False)


class Postman:
    def __init__(self, write: Write, secret: str, rng: random.Random) -> None:
        self._write = write
        self._secret = secret
        self._rng = rng
        self._accounts: dict[str, tuple[str, str]] = {}
        self._later: list[Post] = []
        self._lock = threading.Lock()
        self._unfinished = 0
        self._due: queue.SimpleQueue[Post] = queue.SimpleQueue()
        for work in (self._wait, *[self._work] * POSTMEN):
            threading.Thread(target=work, daemon=True).start()

    @property
    def waiting(self) -> int:
        """How many notices are not taken yet."""
        return self._unfinished

    def learn(self, callback: str, secret: str, wire: str) -> None:
        """How notices to this address are written and signed."""
        self._accounts[callback.partition("?")[0]] = (secret, wire)

    def by_itself(self, line: Json) -> None:
        """The usual news, in any order, some of it more than once."""
        told = ["sent", "delivered"] + (["opened"] if self._rng.random() < 0.5 else [])
        delay = self._rng.choice((0.0, 0.05, 0.3, 1.5))
        self.statuses(line, told, {"shuffle": True, "after": delay, "copies": 0})

    def statuses(self, line: Json, told: list[str], wanted: Json) -> None:
        """``copies`` of each, 0 for a few at random; ``shuffle`` loses their order."""
        callback = str(wanted.get("callback") or line["callback"] or self._only(line["wire"]))
        secret = str(wanted.get("secret") or self._secret_of(callback))
        posts = []
        for status in told:
            for _copy in range(int(wanted.get("copies", 1)) or self._rng.choice(COPIES)):
                notice = wires.status_notice(
                    line, status, callback=callback, secret=secret, extra=wanted
                )
                about = {"id": line["id"], "token": line["token"], "status": status}
                posts.append((notice, about))
        if wanted.get("shuffle"):
            self._rng.shuffle(posts)
        start = time.monotonic() + float(wanted.get("after", 0))
        for place, (notice, about) in enumerate(posts):
            self._put(Post(start + place * 0.01, callback, notice, about))

    def message(self, wanted: Json) -> None:
        callback = wanted["callback"]
        secret = str(wanted.get("secret") or self._secret_of(callback))
        notice = wires.message_notice(wanted, callback=callback, secret=secret)
        about = {"message": wanted["id"]}
        for _copy in range(int(wanted.get("copies", 1))):
            due = time.monotonic() + float(wanted.get("after", 0))
            self._put(Post(due, callback, notice, about))

    def _secret_of(self, callback: str) -> str:
        return self._accounts.get(callback.partition("?")[0], (self._secret, ""))[0]

    def _only(self, wire: str) -> str:
        return next((url for url, (_key, kind) in self._accounts.items() if kind == wire), "")

    def _put(self, post: Post) -> None:
        with self._lock:
            self._unfinished += not post.tries
            heapq.heappush(self._later, post)

    def _wait(self) -> None:
        while True:
            with self._lock:
                while self._later and self._later[0].due <= time.monotonic():
                    self._due.put(heapq.heappop(self._later))
            time.sleep(0.01)

    def _work(self) -> None:
        while True:
            post = self._due.get()
            if not self._deliver(post) and post.tries < TRIES:
                post.tries += 1
                post.due = time.monotonic() + min(FIRST_PAUSE * 2**post.tries, LONGEST_PAUSE)
                self._put(post)
            else:
                with self._lock:
                    self._unfinished -= 1

    def _deliver(self, post: Post) -> bool:
        """True when there is no use in trying again: taken, or refused for good."""
        status = posted(post.callback, post.notice)
        query = urlsplit(post.callback).query
        digest = hashlib.sha256(query.encode() + b"\n" + post.notice.body).hexdigest()
        self._write("posted", answer=status, key=digest, callback=post.callback, **post.about)
        return 0 < status < http.client.INTERNAL_SERVER_ERROR
