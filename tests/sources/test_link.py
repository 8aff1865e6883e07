from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.http.link import host_of, safe_link, shown


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://Example.ORG/a?b=c#d", "https://example.org/a?b=c#d"),
        ("HTTP://example.org:80", "http://example.org"),
        ("https://example.org:8443/", "https://example.org:8443/"),
        ("  https://example.org/a b\u00e9 ", "https://example.org/a%20b%C3%A9"),
        ("https://b\u00fccher.example/", "https://xn--bcher-kva.example/"),
        ("https://[2001:DB8::1]/", "https://[2001:db8::1]/"),
        ("https://me:secret@example.org/", "https://example.org/"),
        ("https://bank.example@evil.example/", "https://evil.example/"),
        ('https://example.org/"><script>', "https://example.org/%22%3E%3Cscript%3E"),
    ],
)
def test_links_come_out_with_their_real_host(url: str, link: str) -> None:
    assert safe_link(url) == link


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "//",
        "https://",
        "https:///path",
        "example.org",
        "https:\\\\example.org",
        "https://good.example\\@evil.example/",
        "https://[::1",
        "https://example.org:port/",
        "https://exa<mple.org/",
        "https://" + "a" * 3_000 + ".example/",
        "https://example.org/" + "\u00e9" * 1_990,
    ],
)
def test_everything_else_is_no_link(url: str) -> None:
    assert safe_link(url) == ""


def test_relative_links_are_resolved() -> None:
    assert safe_link("/p/1", "https://example.org/blog/feed") == "https://example.org/p/1"
    assert safe_link("p/1", "https://example.org/blog/feed") == "https://example.org/blog/p/1"
    assert safe_link("javascript:x", "https://example.org/") == ""


def test_hosts() -> None:
    assert host_of("https://User@Example.org:444/x") == "example.org"
    assert host_of("mailto:a@example.org") == ""


def test_secrets_are_not_shown() -> None:
    url = "https://me:pw@Example.org:8443/feed?token=sesame#x"
    assert shown(url) == "https://example.org:8443/feed?…"
    assert shown("https://[::1") == "(not an address)"
    assert shown("https://example.org/a\x1b[31m\n\u2028b") == "https://example.org/a[31mb"
    assert len(shown("https://example.org/" + "a" * 1_000)) == 200


@given(st.text())
def test_never_raises_and_is_stable(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        link = safe_link(url)
        assert not link or link.startswith(("http://", "https://"))
        assert link.isascii()
        assert safe_link(link) == link
        shown(url)
        host_of(url)
