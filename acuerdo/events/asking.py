"""Asking the database from the live stream: in a thread that gives its connection back."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections

P = ParamSpec("P")
Found = TypeVar("Found")


async def ask(find: Callable[P, Found], *args: P.args, **kwargs: P.kwargs) -> Found:
    def found() -> Found:
        try:
            return find(*args, **kwargs)
        finally:
            connections.close_all()

    return await sync_to_async(found, thread_sensitive=False)()
