"""Who calls: the address of a request, and whether it was sent by a program on this machine."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from starlette.requests import HTTPConnection

# Whoever sends one of these stands behind a proxy: the address of the connection is the proxy's, not the caller's.
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via", "cf-connecting-ip", "true-client-ip")
# A longer chain is no chain of a shop's proxies.
_MOST_HOPS = 20
_BRACKETED = re.compile(r"\[([0-9a-f:.]+)\](?::\d{1,5})?", re.IGNORECASE)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_loopback(host: str) -> bool:
    """Whether this name or address means this machine: ``localhost``, 127.x.x.x or ::1."""
    return host.strip("[]").lower() == "localhost" or _is_loopback_address(host.strip("[]"))


def networks(written: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks as the settings write them."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in written)


def address(request: HTTPConnection, proxies: tuple[Network, ...]) -> str:
    """The caller's address. ``X-Forwarded-For`` counts only from ``proxies``, and is read from its end: anybody can write its beginning."""
    peer = request.client.host if request.client else ""
    if not _within(peer, proxies):
        return peer
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",")[-_MOST_HOPS:]
    for hop in reversed([_without_port(text.strip()) for text in hops if text.strip()]):
        if _parsed(hop) is None:
            return peer  # what a trusted proxy never writes
        peer = hop
        if not _within(hop, proxies):
            break
    return peer


def is_forwarded(request: HTTPConnection) -> bool:
    """Whether a proxy handed this request on."""
    return any(name in request.headers for name in _FORWARDED)


def is_local(request: HTTPConnection) -> bool:
    """Whether a program on this machine sent this itself, and no page of another site through this machine's browser.

    A proxy beside the service would make the whole world local: what was handed on is not. A name in ``Host`` that is not this machine's
    is a site whose name was pointed here (DNS rebinding); an ``Origin`` of another site is a page that reaches into this machine.
    """
    if request.client is None or not _is_loopback_address(request.client.host) or is_forwarded(request):
        return False
    host, origin = request.headers.get("host", "").lower(), request.headers.get("origin")
    return is_loopback(_without_port(host)) and (origin is None or origin.lower().partition("://")[2] == host)


def _within(host: str, proxies: tuple[Network, ...]) -> bool:
    parsed = _parsed(host)
    return parsed is not None and any(parsed in network for network in proxies)


def _without_port(hop: str) -> str:
    """``1.2.3.4:5678`` and ``[2001:db8::1]:5678`` without the port."""
    found = _BRACKETED.fullmatch(hop)
    if found:
        return found[1]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address, one of IPv4 in the clothes of IPv6 (as sockets for both give it) as itself; ``None`` for what is none."""
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _is_loopback_address(text: str) -> bool:
    parsed = _parsed(text)
    return parsed is not None and parsed.is_loopback
