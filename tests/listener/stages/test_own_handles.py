"""Which posts are the brand's own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from listener.stages.own_handles import OwnHandles
from sources.mention import Author, Mention

OWN = OwnHandles(
    {
        "mastodon": "@acme@mastodon.example",
        "bluesky": "acme.bsky.example",
        "reddit": "u/acmebank",
        "x": "AcmeBank",
        "youtube": "UCacme123",
        "forum": "",
    }
)


def wrote(kind: str, handle: str = "", id: str = "") -> bool:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return OWN.wrote(Mention(kind, "1", "Sorry to hear that!", at, Author(id, handle)))


@pytest.mark.parametrize(
    ("kind", "handle", "id"),
    [
        ("mastodon", "@acme@mastodon.example", "https://mastodon.example/@acme"),
        ("mastodon", "acme@mastodon.example", ""),
        ("mastodon", "@ACME@Mastodon.Example", ""),
        ("bluesky", "acme.bsky.example", "did:plc:1"),
        ("bluesky", "@acme.bsky.example", ""),
        ("reddit", "u/AcmeBank", "u/AcmeBank"),
        ("reddit", "acmebank", ""),
        ("reddit", "", "/u/acmebank"),
        ("reddit", "/user/acmebank/", ""),
        ("x", "@acmebank", "1234"),
        ("twitter", "AcmeBank", "AcmeBank"),
        ("youtube", "@acme-on-video", "UCacme123"),
        ("files", "@acmebank", ""),
        ("webhook", "acme@mastodon.example", ""),
    ],
)
def test_our_own_accounts_as_each_platform_writes_them(kind: str, handle: str, id: str) -> None:
    assert wrote(kind, handle, id)


@pytest.mark.parametrize(
    ("kind", "handle", "id"),
    [
        ("mastodon", "@acme@elsewhere.example", "https://elsewhere.example/@acme"),
        ("mastodon", "@acme", ""),
        ("x", "acme.bsky.example", ""),
        ("reddit", "u/acmebank_fan", ""),
        ("hackernews", "acmebank", "acmebank"),
        ("forum", "", ""),
        ("x", "", ""),
    ],
)
def test_the_same_name_elsewhere_is_somebody_else(kind: str, handle: str, id: str) -> None:
    assert not wrote(kind, handle, id)


def test_a_brand_without_accounts_has_no_posts() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    assert not OwnHandles({}).wrote(Mention("x", "1", "text", at))
