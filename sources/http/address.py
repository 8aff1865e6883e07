"""Which network addresses may be talked to: the public internet, and no more unless allowed."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

from sources.errors import Blocked, Transient

Resolve = Callable[[str, int], Sequence[str]]
"""Turns a host name and a port into IP addresses, best first."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Not public by the IANA special-purpose registries, whatever the running Python's tables say:
# `is_global` changed in 3.11.10, 3.12.4 and 3.13 (CVE-2024-4032), and we run on all of them.
_NEVER_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/96",  # IPv4-compatible, long deprecated
        "64:ff9b:1::/48",  # NAT64 inside an organisation
        "100::/64",
        "2001::/23",  # Teredo, benchmarking, ORCHID: nothing a web server lives on
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def embedded(address: _Address) -> _Address:
    """Return the IPv4 address an IPv6 address leads to (mapped, 6to4, NAT64), else the address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return inner
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def is_public(text: str) -> bool:
    """Say whether an IP address belongs to the public internet; False for what is no address."""
    address = _parsed(text)
    if address is None:
        return False
    address = embedded(address)
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in network for network in _NEVER_PUBLIC)
    )


def is_allowed_private(text: str) -> bool:
    """Say whether `allow_private` opens this address: loopback and private networks.

    Link-local stays shut in any case (cloud machines hand out their keys at 169.254.169.254), and
    so do multicast, unspecified and reserved addresses.
    """
    address = _parsed(text)
    if address is None:
        return False
    address = embedded(address)
    shared = address.version == 4 and address in ipaddress.ip_network("100.64.0.0/10")
    return not address.is_link_local and (
        address.is_loopback
        or shared
        or (address.is_private and not address.is_reserved and not address.is_unspecified)
    )


def system_resolve(host: str, port: int) -> list[str]:
    """Ask the operating system for the addresses of a host, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(host: str, port: int, resolve: Resolve, *, allow_private: bool) -> list[str]:
    """Resolve `host` once and return its addresses, all of them checked.

    One non-public address among several refuses the host: such names exist to slip past checks.
    Raises Blocked when an address is not allowed, Transient when the name cannot be resolved.
    """
    try:
        addresses = list(resolve(host, port))
    except (OSError, UnicodeError) as error:
        raise Transient(f"the name {host} cannot be resolved: {error}") from error
    if not addresses:
        raise Transient(f"the name {host} has no address")
    for address in addresses:
        if is_public(address) or (allow_private and is_allowed_private(address)):
            continue
        private = is_allowed_private(address)
        advice = "set allow_private: true for this source if it is meant"
        why = f"{host} leads to {address}, which is not on the public internet"
        raise Blocked(
            f"{why}; {advice if private else 'such addresses are never fetched'}", private=private
        )
    return addresses


def _parsed(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
