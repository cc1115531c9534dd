"""Who calls: the address of a request, and whether it was sent by a program on this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

# Whoever sends one of these stands behind a proxy: the address of the connection is the proxy's, not the caller's.
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via", "cf-connecting-ip", "true-client-ip")
# A longer chain is no chain of a shop's proxies.
_MOST_HOPS = 20

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
        if not _is_address(hop):
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
    host = urlsplit(f"//{request.headers.get('host', '')}")
    return _has_loopback_name(host) and _own_origin(request.headers.get("origin"), host.netloc)


def _own_origin(origin: str | None, host: str) -> bool:
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()


def _has_loopback_name(host: object) -> bool:
    try:
        return is_loopback(getattr(host, "hostname", None) or "")
    except ValueError:  # "[" without "]"
        return False


def _within(host: str, proxies: tuple[Network, ...]) -> bool:
    return bool(proxies) and _is_address(host) and any(ipaddress.ip_address(host) in network for network in proxies)


def _without_port(hop: str) -> str:
    """``1.2.3.4:5678`` and ``[2001:db8::1]:5678`` without the port."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback_address(text: str) -> bool:
    return _is_address(text) and ipaddress.ip_address(text).is_loopback
