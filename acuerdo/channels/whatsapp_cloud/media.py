"""A file that a person sent: its address is asked first, and then the file, both with our token."""

from acuerdo.channels.adapter import File, Result, Unfetchable
from acuerdo.channels.exchange import Wire
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.whatsapp_cloud import graph
from acuerdo.primitives import outbound

# Where Meta keeps what people send.
HOSTS = ("lookaside.fbsbx.com", ".fbcdn.net", ".whatsapp.net", ".facebook.com")
GONE = (400, 404, 410)


def fetch(account: ChannelAccount, media_id: str, wire: Wire, *, most_bytes: int) -> File:
    """The address is good for a few minutes only, so it is never kept."""
    if not media_id.isdigit():
        raise Unfetchable("no id of a file", is_final=True)
    try:
        headers = graph.headers(account)
    except graph.Misconfigured as wrong:
        raise Unfetchable(str(wrong)) from wrong
    answer = wire.ask("GET", f"{graph.root(account)}/{media_id}", headers=headers)
    if isinstance(answer, Result):
        raise Unfetchable(answer.code)
    told = answer.json()
    if not answer.is_success or not isinstance(told.get("url"), str):
        why = graph.result(answer)
        raise Unfetchable(why.detail or why.code, is_final=answer.status in GONE)
    content_type = str(told.get("mime_type") or "")
    return File("", content_type, _bytes(account, told["url"], headers, most_bytes))


def _bytes(account: ChannelAccount, url: str, headers: dict[str, str], most_bytes: int) -> bytes:
    try:
        got = outbound.fetch(url, hosts=_hosts(account), headers=headers, most_bytes=most_bytes)
    except outbound.Forbidden as fault:
        raise Unfetchable(str(fault), is_final=True) from fault
    except outbound.Unreachable as fault:
        raise Unfetchable(str(fault), is_final=str(fault) == "too large") from fault
    if got.status != graph.OK:
        raise Unfetchable(f"HTTP {got.status}", is_final=got.status in GONE)
    return got.body


def _hosts(account: ChannelAccount) -> list[str]:
    """Meta's, or those that the account names instead: a fake keeps its files itself."""
    named = str(account.config.get("media_hosts") or "").split(",")
    return [each.strip() for each in named if each.strip()] or list(HOSTS)
