"""A stream that never ends, as the live pages hold one open; and what a killed child shows."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]


async def application(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[..., Awaitable[None]]
) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    who = {"parent": os.getppid(), "database": os.environ.get("DATABASE_URL")}
    body = json.dumps(who).encode() + b"\n"
    endless = scope["path"] == "/stream"
    await send({"type": "http.response.body", "body": body, "more_body": endless})
    while endless:
        await asyncio.sleep(1)
        await send({"type": "http.response.body", "body": b":\n", "more_body": True})
