from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.errors import Unreadable
from sources.feeds.opml import Subscription, Subscriptions, read_opml

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head><title>My &amp; your feeds</title></head>
  <body>
    <outline text="Banks" title="Banks">
      <outline text="Acme blog" type="rss" xmlUrl="https://acme.example/feed" htmlUrl="https://acme.example/"/>
      <outline text="Europe"><outline text="Bank \u20ac" xmlUrl="https://eu.example/a?b=1&amp;c=2"/></outline>
    </outline>
    <outline title="No folder" text="x" XMLURL="feed://old.example/rss"/>
    <outline text="again" xmlUrl="https://acme.example/feed"/>
    <outline text="bad" xmlUrl="javascript:alert(1)"/>
    <outline text="a note"/>
  </body>
</opml>
"""


def test_reads_feeds_with_their_folders() -> None:
    found = read_opml(LIST.encode())
    assert found.title == "My & your feeds"
    assert found.feeds == (
        Subscription("https://acme.example/feed", "Acme blog", "https://acme.example/", ("Banks",)),
        Subscription("https://eu.example/a?b=1&c=2", "Bank \u20ac", "", ("Banks", "Europe")),
        Subscription("http://old.example/rss", "No folder"),
    )
    assert found.rejected == ("line 11: the feed 'bad' has no http or https address",)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-15"])
def test_reads_other_encodings(encoding: str) -> None:
    body = LIST.replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding)
    assert read_opml(body).feeds[1].title == "Bank \u20ac"


BOMB = """<?xml version="1.0"?>
<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<opml><body><outline text="&b;" xmlUrl="https://a.example/"/></body></opml>"""
FILE = """<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<opml><body><outline text="&x;" xmlUrl="https://a.example/"/></body></opml>"""
PARAMETER = """<!DOCTYPE opml [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]>
<opml><body/></opml>"""


@pytest.mark.parametrize("text", [BOMB, FILE, PARAMETER])
def test_entities_are_refused(text: str) -> None:
    with pytest.raises(Unreadable, match=r"line [12]: the list declares entities"):
        read_opml(text.encode())


def test_a_mere_doctype_is_harmless() -> None:
    text = '<!DOCTYPE opml SYSTEM "http://127.0.0.1/opml.dtd"><opml><body/></opml>'
    assert read_opml(text.encode()).feeds == ()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "there is no XML"),
        (b"https://a.example/feed", "there is no XML"),
        (b"<html><body>Log in</body></html>", "begins with <html>"),
        (b"<opml>\n<body>\n<outline", "line 3: this is not well-formed"),
        (b"<opml><body></opml>", "mismatched tag"),
        (b"<opml>&nbsp;</opml>", "undefined entity"),
        (b"<opml>" + b"<outline>" * 200, "nested too deep"),
        (b"<opml><body>" + b"<outline/>" * 100_001, "too many elements"),
        (b" " * (10 << 20) + b"<opml/>", "larger"),
        (
            b"<opml><outline " + b" ".join(b"a%d='1'" % n for n in range(200)) + b"/></opml>",
            "over 100 attributes",
        ),
    ],
)
def test_what_is_no_list_is_refused_with_a_reason(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_opml(body)


def test_a_long_list_is_read_in_one_pass() -> None:
    rows = "".join(f'<outline text="{n}" xmlUrl="https://a.example/{n}"/>' for n in range(19_000))
    assert len(read_opml(f"<opml><body>{rows}</body></opml>".encode()).feeds) == 19_000


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"<opml>{text}".encode()))
def test_anything_else_is_unreadable_and_nothing_worse(body: bytes) -> None:
    with suppress(Unreadable):
        assert isinstance(read_opml(body), Subscriptions)
