from __future__ import annotations

import socket

import pytest

from sources.errors import Blocked, Transient
from sources.http.address import checked_addresses, is_allowed_private, is_public

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "64:ff9b::808:808", "2002:808:808::1"]
LOCAL = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd12::1"]
LOCAL_INSIDE_IPV6 = ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1"]
NEVER = [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "fe80::1",
    "fe80::1%eth0",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
]
NOT_PUBLIC = [
    *LOCAL,
    *LOCAL_INSIDE_IPV6,
    *NEVER,
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "2001:db8::1",
    "2001::1",  # Teredo
    "2001:10::1",
    "3fff::1",
    "5f00::1",
    "fec0::1",
    "100::1",
    "64:ff9b:1::1",
    "::7f00:1",
    "",
    "localhost",
    "127.1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [*LOCAL, *LOCAL_INSIDE_IPV6])
def test_private_can_be_allowed(address: str) -> None:
    assert is_allowed_private(address)
    found = checked_addresses("a.example", 80, lambda *_: [address], allow_private=True)
    assert found == [address]


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_allowed(address: str) -> None:
    with pytest.raises(Blocked, match="never fetched"):
        checked_addresses("a.example", 80, lambda *_: [address], allow_private=True)


def test_one_private_address_among_public_ones_refuses_the_host() -> None:
    with pytest.raises(Blocked, match="allow_private: true"):
        checked_addresses("a.example", 80, lambda *_: ["8.8.8.8", "10.0.0.1"], allow_private=False)


def test_a_name_that_cannot_be_resolved_is_worth_another_try() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    with pytest.raises(Transient, match=r"a\.example cannot be resolved"):
        checked_addresses("a.example", 80, resolve, allow_private=False)
    with pytest.raises(Transient, match="no address"):
        checked_addresses("a.example", 80, lambda *_: [], allow_private=False)
