from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.errors import Transient, Unreadable
from sources.feeds.feed import read_feed

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://example.org/blog/feed"
MONDAY = datetime(2021, 9, 6, 0, 1, tzinfo=UTC)


def rss(*items: str, root: str = '<rss version="2.0">') -> bytes:
    return f"{root}<channel><title>News</title>{''.join(items)}</channel></rss>".encode()


def item(inner: str = "", number: int = 1) -> str:
    return (
        f"<item><guid>g{number}</guid><title>Post {number}</title>{inner}"
        f"<description>words {number}</description></item>"
    )


ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"
      xml:lang="de">
  <title type="html">Fish &amp;amp; Chips</title>
  <entry>
    <id>tag:example.org,2021:2</id>
    <title type="text">2 &lt; 3</title>
    <link rel="alternate" href="/p/2"/>
    <thr:in-reply-to ref="tag:example.org,2021:1" href="https://example.org/p/1"/>
    <author><name>Ada</name><uri>https://ada.example/</uri></author>
    <published>2021-09-06T02:01:00+02:00</published><updated>2021-09-07T00:00:00Z</updated>
    <summary>short</summary>
    <content type="xhtml">
      <div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>t&#8203;wo</p></div>
    </content>
  </entry>
</feed>"""

JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1",
 "title": "Ne\\u200bws", "language": "fr",
 "items": [
  {"id": 7, "url": "/p/7", "title": "T", "content_html": "<p>a</p><p>b</p>",
   "date_published": "2021-09-06T00:01:00",
   "authors": [{"name": "Ada", "url": "https://a.example"}]},
  {"id": "8", "content_text": "x <b>", "url": "javascript:alert(1)", "author": {"name": "Bob"}},
  "nonsense"]}"""


def test_reads_rss() -> None:
    feed = read_feed(
        rss(
            item(
                "<link>/p/1</link><pubDate>Mon, 06 Sep 2021 00:01:00 +0000</pubDate>"
                "<dc:creator>Ada</dc:creator><slash:comments>12</slash:comments>"
                "<content:encoded><![CDATA[<p>full <b>text</b></p><script>x</script>]]>"
                "</content:encoded>"
            ),
            root='<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
            'xmlns:slash="http://purl.org/rss/1.0/modules/slash/">',
        ),
        "application/rss+xml",
        URL,
    )
    (entry,) = feed.entries
    assert (feed.title, feed.note, feed.rejected, feed.truncated) == ("News", "", (), False)
    assert (entry.id, entry.link) == ("g1", "https://example.org/p/1")
    assert (entry.title, entry.text) == ("Post 1", "full text")
    assert (entry.author, entry.published, entry.replies) == ("Ada", MONDAY, 12)


def test_reads_atom() -> None:
    feed = read_feed(ATOM.encode(), "text/html", URL)  # a wrong content type does no harm
    (entry,) = feed.entries
    assert feed.title == "Fish & Chips"
    assert (entry.title, entry.text) == ("2 < 3", "One\n\ntwo")
    assert (entry.author, entry.author_link) == ("Ada", "https://ada.example/")
    assert (entry.published, entry.language) == (MONDAY, "de")
    assert (entry.id, entry.parent) == ("tag:example.org,2021:2", "tag:example.org,2021:1")


def test_reads_rdf() -> None:
    body = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        b'xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>News</title></channel>'
        b'<item rdf:about="https://example.org/1"><title>One</title></item></rdf:RDF>'
    )
    feed = read_feed(body, "application/rdf+xml", URL)
    assert [entry.title for entry in feed.entries] == ["One"]


def test_reads_json_feed() -> None:
    feed = read_feed(JSON_FEED.encode(), "application/feed+json", URL)
    one, two = feed.entries
    assert feed.title == "News"
    assert (one.id, one.link, one.text) == ("7", "https://example.org/p/7", "a\n\nb")
    assert (one.published, one.author, one.language) == (MONDAY, "Ada", "fr")
    assert (two.link, two.text, two.author, two.published) == ("", "x <b>", "Bob", None)
    assert feed.rejected == ("entry 3 of 3 could not be read: it is no object",)


@pytest.mark.parametrize(
    "author", ["ada@example.org (Ada L)", "Ada L", "&lt;ada@example.org&gt; Ada L"]
)
def test_authors_come_without_their_mail_address(author: str) -> None:
    (entry,) = read_feed(rss(item(f"<author>{author}</author>")), "", URL).entries
    assert "Ada L" in entry.author
    (entry,) = read_feed(rss(item("<author>ada@example.org</author>")), "", URL).entries
    assert entry.author == "ada"


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Mon, 06 Sep 2021 00:01:00", MONDAY),
        ("Mon, 06 Sep 2021 02:01:00 +0200", MONDAY),
        ("2021-09-06 00:01:00", MONDAY),
        ("2021-09-06T00:01:00Z", MONDAY),
        ("yesterday", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("0001-01-01T00:00:00Z", None),
        ("1" * 10_000, None),
        ("", None),
    ],
)
def test_dates(date: str, moment: datetime | None) -> None:
    (entry,) = read_feed(rss(item(f"<pubDate>{date}</pubDate>")), "", URL).entries
    assert entry.published == moment


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", "application/xml"),
        ("utf-8", "text/xml"),
        ("utf-8", "text/xml; charset=iso-8859-1"),
        ("utf-8-sig", "application/xml"),
        ("utf-16", "application/xml"),
        ("utf-16-le", "application/xml"),
        ("iso-8859-1", "text/xml; charset=iso-8859-1"),
        ("windows-1252", "application/xml"),
        ("windows-1252", "application/xml; charset=punycode"),
    ],
)
def test_encodings(encoding: str, content_type: str) -> None:
    body = (
        rss(item("<category>caf\u00e9 na\u00efve</category>"))
        .decode()
        .replace("words", "caf\u00e9")
    )
    feed = read_feed(body.encode(encoding), content_type, URL)
    assert feed.entries[0].text == "caf\u00e9 1"


def test_a_declared_encoding_is_believed() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?>' + rss(item()).decode()
    feed = read_feed(body.replace("words", "слова").encode("windows-1251"), "", URL)
    assert feed.entries[0].text == "слова 1"


# --- broken, but readable ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        ("AT&T &nbsp;&eacute;&bogus; &#0; &copy;", "AT&T é&bogus; \ufffd ©"),
        ("<![CDATA[AT&T &nbsp;]]> & more", "AT&T & more"),
        ("a <x:b>undeclared</x:b> &", "a"),
    ],
)
def test_common_mistakes_are_mended(broken: str, text: str) -> None:
    body = rss(item()).replace(b"words 1", broken.encode())
    feed = read_feed(body, "", URL)
    assert feed.entries[0].text.split()[0] == text.split()[0]
    assert "mended" in feed.note
    assert not feed.truncated


def test_control_characters_are_left_out() -> None:
    body = rss(item()).replace(b"words", b"wo\x00r\x0bd\x1bs")
    feed = read_feed(body, "", URL)
    assert (feed.entries[0].text, feed.note) == ("words 1", "")


def test_warnings_before_the_feed_are_skipped() -> None:
    noise = b"\n<br />\n<b>Warning</b>: something in /srv/x.php\n<?xml version='1.0'?>"
    assert len(read_feed(noise + rss(item()), "", URL).entries) == 1


def test_a_web_page_inside_a_feed_is_words() -> None:
    page = "<![CDATA[<!DOCTYPE html><html><title>no</title><body>yes</body></html>]]>"
    body = rss(f"<item><title>t</title><description>{page}</description></item>")
    assert read_feed(body, "", URL).entries[0].text == "yes"


def test_one_broken_entry_does_not_hide_the_others() -> None:
    items = [item(number=number) for number in range(1, 6)]
    items[2] = items[2].replace("</title>", "</b>")
    feed = read_feed(rss(*items), "", URL)
    assert [entry.id for entry in feed.entries] == ["g1", "g2", "g4", "g5"]
    assert len(feed.rejected) == 1
    assert feed.rejected[0].startswith("entry 3 of 5 could not be read: mismatched tag")
    assert not feed.truncated


@pytest.mark.parametrize("cut", range(15, 100, 10))
def test_a_truncated_feed_gives_its_whole_entries(cut: int) -> None:
    body = rss(*(item(number=number) for number in range(1, 21)))
    body = body[: len(body) * cut // 100]
    feed = read_feed(body, "", URL)
    whole = body.count(b"</item>")
    assert [entry.id for entry in feed.entries] == [f"g{n}" for n in range(1, whole + 1)]
    assert [entry.text for entry in feed.entries] == [f"words {n}" for n in range(1, whole + 1)]
    assert feed.truncated
    assert "cut off" in feed.note


# --- no feed at all ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<!DOCTYPE html><title>Sign in</title><form>", "web page titled 'Sign in'"),
        (b"<html><body>Please log in</body></html>", "web page"),
        (b"<?xml version='1.0'?><html xmlns='x'><p>hi</p></html>", "web page"),
        (b"<urlset><url/></urlset>", "starts with <urlset>"),
        (b'{"error": "no"}', "no JSON Feed"),
        (b"[]", "no JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [', "JSON cannot be read"),
        (b"[" * 100_000, "JSON cannot be read"),
        (b"not a feed", "'not a feed'"),
        (b"/etc/passwd", "no feed"),
        (b"\x89PNG\r\n\x1a\n", "no feed"),
        (b"<rss><channel><title>x</channel>", "cannot be read"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read_feed(body, "text/html", URL)


def test_a_page_that_knows_its_feed_is_asked_for_it() -> None:
    body = b'<html><link rel="alternate" type="application/rss+xml" href="/rss.xml"></html>'
    with pytest.raises(Unreadable, match=r"names this feed: https://example\.org/rss\.xml"):
        read_feed(body, "text/html", URL)


# --- built to hurt -------------------------------------------------------------------------------


def test_entities_do_not_multiply() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}]>'.encode()
    feed = read_feed(body + rss(item()).replace(b"words 1", b"&l11;"), "", URL)
    assert feed.entries[0].text == "&l11;"


def test_external_entities_stay_outside(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sesame")
    body = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    feed = read_feed(body + rss(item()).replace(b"words 1", b"see &x;"), "", URL)
    assert feed.entries[0].text == "see &x;"


def test_a_body_is_never_taken_for_a_file_name(tmp_path: Path) -> None:
    stored = tmp_path / "feed.xml"
    stored.write_bytes(rss(item()))
    with pytest.raises(Unreadable):
        read_feed(str(stored).encode(), "", URL)


@pytest.mark.parametrize(
    "body",
    [
        b"<rss>" + b"<a>" * 100_000,
        b"<rss>" + b"<" * 300_000,
        b"<rss>" + b"&" * 300_000,
        b"<rss>" + b"&#" * 150_000,
        b"<rss>" + b"<!--" * 75_000,
        b"<rss><channel><item><title>" + b"<![CDATA[" * 50_000,
        b"<rss><channel><item><title>" + b"]]>" * 50_000,
        b"<rss><channel>" + b"<item>" * 50_000,
        b"<rss><channel>" + b"<item><a>" * 20_000,
        b"<rss " + b" ".join(b'a%d="1"' % n for n in range(30_000)) + b"/>",
        b"<rss>" + b"".join(b'<x:a%d xmlns:x="u%d">' % (n, n) for n in range(10_000)),
        b"<rss " + b'a="' * 50_000,
        b'<rss a="' + b"x" * 3_900 + b'"><channel>' + b"<item><b></item>" * 5_000,
        b"<rss><channel>" + b"<item><b></item>" * 30_000,
        b"<!DOCTYPE " * 30_000,
        b"<?xml " * 30_000,
        b"{" * 100_000,
        b'{"a":' * 50_000,
        b"<rss" + b" " * 300_000,
        b"<html " * 50_000,
        b"<link " * 50_000,
    ],
)
def test_hostile_feeds_are_refused_quickly(body: bytes) -> None:
    started = time.process_time()
    with pytest.raises(Unreadable):
        read_feed(body, "application/xml", URL)
    assert time.process_time() - started < 5  # quadratic would take minutes


@given(st.binary(max_size=300), st.text(max_size=40))
def test_bytes_are_read_or_refused(body: bytes, content_type: str) -> None:
    for start in (
        b"",
        b"<rss><channel>",
        b"<rss><channel><item>",
        b'{"version":"jsonfeed.org","items":',
    ):
        with contextlib.suppress(Unreadable, Transient):
            read_feed(start + body, content_type, URL)


def test_a_feed_cut_off_in_its_first_entry_may_be_whole_the_next_time() -> None:
    with pytest.raises(Transient, match="cut off before its first entry was whole"):
        read_feed(b"<rss version='2.0'><channel><item><title>cut", "text/xml", URL)
