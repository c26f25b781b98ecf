"""The account's templates as Meta lists them, page by page."""

from collections.abc import Iterator
from typing import Any

from acuerdo.channels.adapter import RemoteTemplate, Result, Unfetchable, plain
from acuerdo.channels.exchange import Wire
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.whatsapp_cloud import graph, messages

FIELDS = "name,language,status,category,components,quality_score,parameter_format"
PER_PAGE = "100"
MOST_PAGES = 200
MOST_BYTES = 4 * 1024 * 1024


def read(account: ChannelAccount, wire: Wire) -> list[RemoteTemplate]:
    return [_template(item) for page in _pages(account, wire) for item in page if _is_whole(item)]


def _pages(account: ChannelAccount, wire: Wire) -> Iterator[list[dict[str, Any]]]:
    """By cursor: an address that an answer names is never followed."""
    after = ""
    for _page in range(MOST_PAGES):
        content = _ask(account, wire, after)
        yield [item for item in content["data"] if isinstance(item, dict)]
        after = _next(content)
        if not after:
            return
    raise Unfetchable("too many pages")


def _ask(account: ChannelAccount, wire: Wire, after: str) -> dict[str, Any]:
    asked = {"fields": FIELDS, "limit": PER_PAGE} | ({"after": after} if after else {})
    try:
        url, headers = f"{graph.business(account)}/message_templates", graph.headers(account)
    except graph.Misconfigured as wrong:
        raise Unfetchable(str(wrong), is_final=True) from wrong
    answer = wire.ask("GET", url, params=asked, headers=headers, most_bytes=MOST_BYTES)
    if isinstance(answer, Result):
        raise Unfetchable(f"{answer.code} {answer.detail}")
    content = answer.json()
    if not answer.is_success or not isinstance(content.get("data"), list):
        told = graph.result(answer)
        raise Unfetchable(told.detail or told.code)
    return content


def _next(content: dict[str, Any]) -> str:
    paging = content.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    return str(cursors.get("after") or "") if isinstance(cursors, dict) else ""


def _is_whole(item: dict[str, Any]) -> bool:
    return all(isinstance(item.get(key), str) and item[key] for key in ("name", "language"))


def _template(item: dict[str, Any]) -> RemoteTemplate:
    quality, parts = item.get("quality_score"), item.get("components")
    listed = parts if isinstance(parts, list) else []
    return RemoteTemplate(
        name=plain(item["name"], most=512),
        language=plain(item["language"], most=20),
        category=plain(item.get("category") or "", most=30),
        status=plain(item.get("status") or "", most=30).upper(),
        components=[messages.clean(part) for part in listed if isinstance(part, dict)],
        provider_id=plain(item.get("id") or "", most=100),
        quality=plain(quality.get("score") or "", most=10) if isinstance(quality, dict) else "",
    )
