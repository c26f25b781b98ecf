"""Fetches what an outsider named: only from public addresses, and from the one that was judged.

A name is resolved once, every address it has is judged against our own list (Python calls
several of these global), and the connection goes to that very address: a name that means
something else a moment later leads nowhere. No redirect is followed.
"""

import ipaddress
import socket
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpx
from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Everything that is not somebody's machine on the open network.
_DENIED = tuple(
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        # Tunnels, documentation and translation: each hides another address.
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
)  # fmt: skip
_UNICAST_V6 = ipaddress.ip_network("2000::/3")
_PORTS = {"https": 443, "http": 80}


class Forbidden(Exception):  # noqa: N818 - it says what the address is
    """We go nowhere near that address."""


class Unreachable(Exception):  # noqa: N818 - it says what the address is
    """It could not be had: no answer, or too much of one."""


@dataclass(frozen=True, slots=True)
class Fetched:
    status: int
    content_type: str
    body: bytes


def is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address not in _UNICAST_V6:
            return False
    same = (network for network in _DENIED if network.version == address.version)
    return not any(address in network for network in same)


def fetch(
    url: str,
    *,
    hosts: Collection[str],
    headers: Mapping[str, str],
    most_bytes: int,
    timeout: float = 30,
) -> Fetched:
    """``hosts`` are names that may be asked; one that begins with a dot stands for all below.

    ``settings.OUTBOUND_ALLOWED`` names ``host:port`` pairs that are trusted as they are, for
    a provider inside the own network. Raises ``Forbidden`` or ``Unreachable``.
    """
    parts, host, port = _read(url)
    if not any(host == each or (each[:1] == "." and host.endswith(each)) for each in hosts):
        raise Forbidden(f"{host} is not one of the provider's hosts")
    is_trusted = f"{host}:{port}" in settings.OUTBOUND_ALLOWED
    if parts.scheme != "https" and not is_trusted:
        raise Forbidden("only https")
    address = _resolve(host, port, is_trusted=is_trusted)
    return _get(parts, host, address, dict(headers), most_bytes=most_bytes, timeout=timeout)


def _read(url: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as fault:
        raise Forbidden("no address") from fault
    if not host or not port or parts.username or parts.password:
        raise Forbidden("no plain address")
    return parts, host, port


def _resolve(host: str, port: int, *, is_trusted: bool) -> tuple[str, int]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise Unreachable("unknown name") from fault
    addresses = [str(each[4][0]).partition("%")[0] for each in found]
    if not is_trusted:
        for address in addresses:
            if not is_public(ipaddress.ip_address(address)):
                raise Forbidden(f"{host} is not on the open network")
    return addresses[0], port


def _get(
    parts: SplitResult,
    host: str,
    address: tuple[str, int],
    headers: dict[str, str],
    *,
    most_bytes: int,
    timeout: float,
) -> Fetched:
    number = f"[{address[0]}]" if ":" in address[0] else address[0]
    url = parts._replace(netloc=f"{number}:{address[1]}", fragment="").geturl()  # noqa: SLF001
    named = headers | {"Host": parts.netloc, "Accept-Encoding": "identity"}
    transport = httpx.HTTPTransport(retries=0)
    try:
        with (
            httpx.Client(transport=transport, timeout=timeout, trust_env=False) as client,
            client.stream("GET", url, headers=named, extensions={"sni_hostname": host}) as answer,
        ):
            body = _body(answer, most_bytes=most_bytes, deadline=time.monotonic() + timeout)
            return Fetched(answer.status_code, answer.headers.get("Content-Type", ""), body)
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise Unreachable(type(fault).__name__) from fault


def _body(answer: httpx.Response, *, most_bytes: int, deadline: float) -> bytes:
    body = b""
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > most_bytes:
            raise Unreachable("too large")
        if time.monotonic() > deadline:
            raise Unreachable("too slow")
    return body
