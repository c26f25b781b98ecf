"""The Graph API's part of a provider on loopback: it answers each path as it is told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from acuerdo.channels.tests.fake_http import Asked, HttpProvider, running

ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "51987654321", "wa_id": "51987654321"}],
    "messages": [{"id": "wamid.NEW1"}],
}
Answer = tuple[int, bytes, dict[str, str]]


@dataclass
class Graph:
    """``answers`` is what each path gets, by how it ends; any other is unknown."""

    provider: HttpProvider
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.provider.url

    @property
    def asked(self) -> list[Asked]:
        return self.provider.asked

    def content(self, place: int = -1) -> Any:
        return json.loads(self.asked[place].body)

    def hang_up(self) -> None:
        self.provider.cuts_after = 0

    def answer(self, path: str, content: object, *, status: int = 200, **headers: str) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, body, named)

    def error(self, code: int, *, status: int = 400, path: str = "/messages", **more: Any) -> None:
        told = {"message": f"(#{code}) No", "type": "OAuthException", "code": code, **more}
        self.answer(path, {"error": told}, status=status)

    def reply(self, asked: Asked) -> Answer:
        ends = sorted(self.answers, key=len, reverse=True)
        known = next((end for end in ends if asked.path.endswith(end)), "")
        return self.answers.get(known, (404, b"{}", {}))


@contextmanager
def serving() -> Iterator[Graph]:
    with running() as provider:
        graph = Graph(provider)
        provider.by_path = graph.reply
        graph.answer("/messages", ACCEPTED)
        yield graph
