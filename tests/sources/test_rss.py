from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pydantic
import pytest

from sources.errors import Blocked, Gone, RateLimited, Transient, Unreadable
from sources.protocols import Batch, Health, Responder
from sources.rss.settings import RssSettings
from sources.rss.source import RssSource
from sources.testing.clock import Clock
from sources.testing.contract import Run, check_contract, collect
from sources.testing.web import Answer, FakeWeb, conditional, redirect, zipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as server:
        yield server


def an_item(number: int, text: str = "", more: str = "") -> str:
    date = (START + timedelta(minutes=number)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"<item><guid isPermaLink='false'>{number}</guid><title>Post {number}</title>"
        f"<link>https://blog.example/p/{number}</link><pubDate>{date}</pubDate>{more}"
        f"<description>{text or f'words {number}'}</description></item>"
    )


def a_feed(numbers: Iterable[int], *items: str) -> bytes:
    listed = [*items, *(an_item(number) for number in sorted(numbers, reverse=True))]
    return (
        "<?xml version='1.0'?><rss version='2.0'><channel><title>Blog</title>"
        f"{''.join(listed)}</channel></rss>"
    ).encode()


def a_source(web: FakeWeb, clock: Clock, path: str = "/feed", **settings: object) -> RssSource:
    settings = {"name": "blog", "url": web.url(path), "allow_private": True, **settings}
    return RssSource(RssSettings.model_validate(settings), clock)


def texts(run: Run) -> list[str]:
    return [mention.text for mention in run.mentions]


# --- the contract --------------------------------------------------------------------------------


def test_keeps_the_contract(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = conditional(a_feed(range(210)), '"v1"')
    whole = check_contract(lambda: a_source(web, clock))
    assert [len(batch.mentions) for batch in whole.batches] == [200, 10]
    assert [batch.cursor is None for batch in whole.batches] == [True, False]
    assert texts(whole) == [f"words {number}" for number in range(210)]
    assert (whole.batches[-1].done, whole.batches[-1].total) == (210, 210)


@pytest.mark.parametrize(
    "body",
    [
        a_feed([]),
        a_feed(range(3)),
        a_feed(range(30))[:-700],
        a_feed(range(3), "<item><guid>x</guid></item>", "<item><title>a</b></item>"),
        a_feed(
            range(3),
            "<item><title>no id\u200b, no date, &lt;b&gt;no link</title></item>",
        ),
        a_feed([], *(an_item(7, f"same id {n}") for n in range(5))),
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "title": "a"}, 0]}',
    ],
)
def test_keeps_the_contract_with_feeds_of_all_sorts(
    web: FakeWeb, clock: Clock, body: bytes
) -> None:
    web.routes["/feed"] = Answer(body)
    check_contract(lambda: a_source(web, clock))


def test_is_a_responder(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed([1]))
    source = a_source(web, clock)
    assert isinstance(source, Responder)
    (mention,) = collect(source).mentions
    assert source.reply_link(mention) == "https://blog.example/p/1"


# --- from visit to visit -------------------------------------------------------------------------


def test_only_news_comes_again(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed(range(5)))
    first = collect(a_source(web, clock))
    web.routes["/feed"] = Answer(a_feed(range(3, 8)))
    second = collect(a_source(web, clock), first.cursor)
    assert texts(second) == ["words 5", "words 6", "words 7"]
    third = collect(a_source(web, clock), second.cursor)
    assert texts(third) == []
    assert [batch.health for batch in third.batches] == [Health.QUIET]


def test_an_edit_comes_under_the_same_id(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed(range(3)))
    first = collect(a_source(web, clock))
    web.routes["/feed"] = Answer(a_feed([0, 2], an_item(1, "other words")))
    second = collect(a_source(web, clock), first.cursor)
    assert texts(second) == ["other words"]
    assert second.mentions[0].key == first.mentions[1].key


def test_of_two_entries_with_one_id_the_upper_one_counts(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed([], an_item(1, "newer"), an_item(1, "older")))
    assert texts(collect(a_source(web, clock))) == ["newer"]


def test_not_modified_is_quiet(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = conditional(a_feed(range(3)), '"v1"')
    first = collect(a_source(web, clock))
    second = collect(a_source(web, clock), first.cursor)
    (batch,) = second.batches
    assert (batch.mentions, batch.cursor, batch.health) == ((), None, Health.QUIET)
    assert web.asked[1].headers["if-none-match"] == '"v1"'


def test_not_modified_is_not_believed_for_ever(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = conditional(a_feed(range(3)), '"never changes"')
    first = collect(a_source(web, clock))
    web.routes["/feed"] = conditional(a_feed(range(4)), '"never changes"')
    assert texts(collect(a_source(web, clock), first.cursor)) == []
    clock.moment += timedelta(days=1, seconds=1)
    assert texts(collect(a_source(web, clock), first.cursor)) == ["words 3"]


def test_not_modified_unasked_is_an_error(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(status=304)
    with pytest.raises(Unreadable, match="without having been asked"):
        collect(a_source(web, clock))


@pytest.mark.parametrize("cursor", ["", "{}", "nonsense", "[1]", '{"format": 99}', "null", "5"])
def test_a_strange_cursor_begins_afresh(web: FakeWeb, clock: Clock, cursor: str) -> None:
    web.routes["/feed"] = Answer(a_feed(range(3)))
    assert len(collect(a_source(web, clock), cursor).mentions) == 3


def test_another_address_begins_afresh(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = web.routes["/other"] = conditional(a_feed(range(3)), '"v1"')
    cursor = collect(a_source(web, clock)).cursor
    assert len(collect(a_source(web, clock, "/other"), cursor).mentions) == 3


def test_a_cursor_of_a_large_feed_stays_small(web: FakeWeb, clock: Clock) -> None:
    items = [f"<item><guid>g{n}</guid><title>t</title></item>" for n in range(1_000)]
    web.routes["/feed"] = zipped(a_feed([], *items))
    run = collect(a_source(web, clock))
    assert len(run.mentions) == 1_000
    assert len(run.cursor or "") < 25_000


# --- moves ---------------------------------------------------------------------------------------


def test_a_permanent_move_is_remembered(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = redirect("/new", 301)
    web.routes["/new"] = conditional(a_feed(range(3)), '"v1"')
    first = collect(a_source(web, clock))
    second = collect(a_source(web, clock), first.cursor)
    assert [asked.path for asked in web.asked] == ["/feed", "/new", "/new"]
    assert [batch.health for batch in second.batches] == [Health.QUIET]


def test_ids_stay_when_a_feed_moves(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed(range(3)))
    first = collect(a_source(web, clock))
    web.routes["/feed"] = redirect("/new", 301)
    web.routes["/new"] = Answer(a_feed(range(4)))
    assert texts(collect(a_source(web, clock), first.cursor)) == ["words 3"]


@pytest.mark.parametrize(
    "wrong", [Answer(status=404), Answer(status=410), Answer(b"<html>log in"), Answer(status=500)]
)
def test_a_move_that_was_a_mistake_is_forgotten(web: FakeWeb, clock: Clock, wrong: Answer) -> None:
    web.routes["/feed"] = redirect("/new", 301)
    web.routes["/new"] = Answer(a_feed(range(3)))
    first = collect(a_source(web, clock))
    web.routes.update({"/feed": Answer(a_feed(range(4))), "/new": wrong})
    second = collect(a_source(web, clock), first.cursor)
    assert texts(second) == ["words 3"]
    collect(a_source(web, clock), second.cursor)
    assert web.asked[-1].path == "/feed"


def test_base_url_replaces_the_host_and_leaves_the_ids(web: FakeWeb, clock: Clock) -> None:
    web.routes["/proxy/feed"] = Answer(a_feed([1]))
    settings = {"url": "https://blog.example/feed?a=b", "base_url": web.url("/proxy/")}
    (mention,) = collect(a_source(web, clock, **settings)).mentions
    assert web.asked[0].path == "/proxy/feed?a=b"
    assert mention.external_id.startswith("blog.example/")


# --- ids, dates, people --------------------------------------------------------------------------


def test_feeds_that_count_from_one_do_not_collide(web: FakeWeb, clock: Clock) -> None:
    web.routes["/a"] = web.routes["/b"] = Answer(a_feed([1]))
    keys = {collect(a_source(web, clock, path)).mentions[0].key for path in ("/a", "/b", "/a?x=2")}
    assert len(keys) == 3


@pytest.mark.parametrize(
    ("fields", "external_id"),
    [
        ("<guid>https://blog.example/?p=1</guid>", "https://blog.example/?p=1"),
        ("<guid>tag:blog.example,2026:1</guid>", "tag:blog.example,2026:1"),
        ("<guid>0123456789abcdef0123</guid>", "127.0.0.1#0123456789abcdef0123"),
        (
            "<link>HTTPS://Blog.example/a?utm_source=rss&amp;b=1#c</link>",
            "https://blog.example/a?b=1",
        ),
    ],
)
def test_ids(web: FakeWeb, clock: Clock, fields: str, external_id: str) -> None:
    web.routes["/feed"] = Answer(a_feed([], f"<item><title>t</title>{fields}</item>"))
    (mention,) = collect(a_source(web, clock)).mentions
    assert mention.external_id == external_id


def test_dates_are_never_missing_and_never_ahead(web: FakeWeb, clock: Clock) -> None:
    items = [
        "<item><guid>a</guid><title>none</title></item>",
        "<item><guid>b</guid><title>ahead</title><pubDate>2100-01-01 00:00</pubDate></item>",
        "<item><guid>c</guid><title>no zone</title><pubDate>2026-11-02 10:00</pubDate></item>",
    ]
    web.routes["/feed"] = Answer(a_feed([], *items))
    run = collect(a_source(web, clock))
    dates = {mention.title: mention.created_at for mention in run.mentions}
    assert dates["none"] == dates["ahead"] == clock.moment
    assert dates["no zone"] == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert run.batches[0].note == "dates in the future, read as now: 1"


def test_authors_have_ids_of_their_platform(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed([], an_item(1, more="<author>Ada L</author>"), an_item(2)))
    anonymous, ada = sorted(collect(a_source(web, clock)).mentions, key=lambda m: m.author.name)
    assert (ada.author.id, ada.author.name) == ("127.0.0.1/Ada L", "Ada L")
    assert anonymous.author.id == ""


def test_answers_know_what_they_answer(web: FakeWeb, clock: Clock) -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:thr="http://purl.org/syndication/thread/1.0">'
        "<entry><id>1</id><title>one</title></entry>"
        '<entry><id>2</id><title>two</title><thr:in-reply-to ref="1"/></entry></feed>'
    )
    web.routes["/feed"] = Answer(body.encode())
    two, one = collect(a_source(web, clock)).mentions
    assert two.thread.parent == one.external_id


# --- trouble -------------------------------------------------------------------------------------


def test_a_truncated_feed_is_degraded_and_read_again(web: FakeWeb, clock: Clock) -> None:
    body = a_feed(range(20))
    web.routes["/feed"] = conditional(body[: len(body) // 2], '"v1"')
    first = collect(a_source(web, clock))
    (batch,) = first.batches
    assert 5 < len(batch.mentions) < 12
    assert batch.health is Health.DEGRADED
    assert "cut off" in batch.note
    assert batch.gap is not None
    assert batch.gap.start is None
    assert batch.gap.end == first.mentions[0].created_at
    web.routes["/feed"] = conditional(body, '"v1"')  # the same validator must not hide the rest
    second = collect(a_source(web, clock), first.cursor)
    assert len(first.mentions) + len(second.mentions) == 20
    assert second.batches[-1].health is Health.HEALTHY


def test_a_cut_below_what_was_seen_before_hides_nothing_new(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed(range(20)))
    first = collect(a_source(web, clock))
    body = a_feed(range(3, 23))
    web.routes["/feed"] = Answer(body[: len(body) // 2])
    (batch,) = collect(a_source(web, clock), first.cursor).batches
    assert [mention.text for mention in batch.mentions] == ["words 20", "words 21", "words 22"]
    assert (batch.gap, batch.health) == (None, Health.DEGRADED)


def test_a_cut_above_what_was_seen_before_is_a_gap(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed(range(20)))
    first = collect(a_source(web, clock))
    body = a_feed(range(15, 35))
    web.routes["/feed"] = Answer(body[: len(body) // 2])
    (batch,) = collect(a_source(web, clock), first.cursor).batches
    assert batch.gap is not None
    assert batch.gap.start == START + timedelta(minutes=19)
    assert batch.gap.end == batch.mentions[0].created_at


@pytest.mark.parametrize("shown", [1, 12])
def test_a_cut_feed_with_its_oldest_first_may_hide_all_that_is_new(
    web: FakeWeb, clock: Clock, shown: int
) -> None:
    items = [an_item(number) for number in range(20)]
    web.routes["/feed"] = Answer(a_feed([], *items))
    first = collect(a_source(web, clock))
    web.routes["/feed"] = Answer(a_feed([], *items[:shown]).replace(b"</channel></rss>", b"<item>"))
    (batch,) = collect(a_source(web, clock), first.cursor).batches
    assert batch.gap is not None
    assert (batch.gap.start, batch.gap.end) == (START + timedelta(minutes=19), clock.moment)


def test_a_broken_entry_is_named(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed(range(3), "<item><title>a</b></item>"))
    (batch,) = collect(a_source(web, clock)).batches
    assert len(batch.mentions) == 3
    assert batch.health is Health.DEGRADED
    assert batch.rejected[0].startswith("entry 1 of 4 could not be read")


def test_lost_overlap_is_a_gap(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed(range(10)))
    first = collect(a_source(web, clock))
    web.routes["/feed"] = Answer(a_feed(range(50, 60)))
    second = collect(a_source(web, clock), first.cursor)
    (batch,) = second.batches
    assert len(batch.mentions) == 10
    assert batch.health is Health.DEGRADED
    assert batch.gap is not None
    assert batch.gap.start == START + timedelta(minutes=9)
    assert batch.gap.end == START + timedelta(minutes=50)
    third = collect(a_source(web, clock), second.cursor)
    assert third.batches[0].gap is None


def test_overlap_in_one_entry_is_enough(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed(range(10)))
    first = collect(a_source(web, clock))
    web.routes["/feed"] = Answer(a_feed(range(9, 19)))
    (batch,) = collect(a_source(web, clock), first.cursor).batches
    assert (batch.gap, batch.health) == (None, Health.HEALTHY)


def visits(web: FakeWeb, clock: Clock, first: bytes, second: bytes) -> Batch:
    """What the second of two visits brought, that fits in one batch."""
    web.routes["/feed"] = Answer(first)
    cursor = collect(a_source(web, clock)).cursor
    web.routes["/feed"] = Answer(second)
    (batch,) = collect(a_source(web, clock), cursor).batches
    return batch


@pytest.mark.parametrize("place", ["above", "below"])
def test_a_pinned_entry_hides_no_gap(web: FakeWeb, clock: Clock, place: str) -> None:
    def pinned(numbers: range) -> bytes:
        return a_feed(numbers, an_item(0)) if place == "above" else a_feed([0, *numbers])

    batch = visits(web, clock, pinned(range(10, 20)), pinned(range(50, 60)))
    assert batch.gap is not None
    # A gap ends where seeing begins again, not at the date of what is pinned.
    assert batch.gap.start == START + timedelta(minutes=19)
    assert batch.gap.end == START + timedelta(minutes=50)


def test_a_pinned_entry_makes_no_gap(web: FakeWeb, clock: Clock) -> None:
    first, second = (a_feed(numbers, an_item(0)) for numbers in (range(10, 20), range(19, 29)))
    assert visits(web, clock, first, second).gap is None


def test_an_event_of_next_week_hides_no_gap(web: FakeWeb, clock: Clock) -> None:
    event = an_item(60 * 24 * 40)
    batch = visits(web, clock, a_feed(range(10), event), a_feed(range(50, 60), event))
    assert batch.gap is not None
    assert batch.gap.end == START + timedelta(minutes=50)


@pytest.mark.parametrize(("withdrawn", "gap"), [({9}, False), ({7, 8, 9}, False), ({9, 99}, True)])
def test_a_withdrawn_newest_entry_is_no_gap_while_most_are_there(
    web: FakeWeb, clock: Clock, withdrawn: set[int], gap: bool
) -> None:
    later = (
        range(6, 20) if 99 in withdrawn else range(14)
    )  # of one the most have fallen out as well
    first, second = a_feed(range(10)), a_feed(set(later) - withdrawn)
    assert (visits(web, clock, first, second).gap is not None) is gap


def test_an_edited_newest_entry_is_no_gap(web: FakeWeb, clock: Clock) -> None:
    second = a_feed(range(10, 19), an_item(9, "other words"))
    batch = visits(web, clock, a_feed(range(10)), second)
    assert batch.gap is None
    assert "other words" in [mention.text for mention in batch.mentions]


def test_a_feed_of_the_day_that_was_missed_is_a_gap(web: FakeWeb, clock: Clock) -> None:
    batch = visits(web, clock, a_feed(range(10)), a_feed(range(50, 53)))
    assert batch.gap is not None
    assert batch.gap.end == START + timedelta(minutes=50)


def test_without_dates_the_uppermost_entry_counts(web: FakeWeb, clock: Clock) -> None:
    def undated(numbers: range) -> bytes:
        items = (f"<item><guid>{n}</guid><title>Post {n}</title></item>" for n in reversed(numbers))
        return a_feed([], *items)

    assert visits(web, clock, undated(range(10)), undated(range(9, 19))).gap is None
    batch = visits(web, clock, undated(range(10)), undated(range(10, 20)))
    assert batch.gap is not None
    assert batch.gap.end == clock.moment


def test_the_bookmark_of_an_earlier_version_is_understood(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed(range(10)))
    old = json.loads(collect(a_source(web, clock)).cursor or "")
    del old["top"]
    web.routes["/feed"] = Answer(a_feed(range(5, 15)))
    (batch,) = collect(a_source(web, clock), json.dumps(old)).batches
    assert len(batch.mentions) == 5
    assert batch.gap is None


def test_a_cut_feed_does_not_forget_the_newest_entry(web: FakeWeb, clock: Clock) -> None:
    old, new = ([an_item(number) for number in numbers] for numbers in (range(20), range(40, 60)))
    web.routes["/feed"] = Answer(a_feed([], *old))
    cursor = collect(a_source(web, clock)).cursor
    web.routes["/feed"] = Answer(a_feed([], *old[:5]).replace(b"</channel></rss>", b"<item>"))
    cursor = collect(a_source(web, clock), cursor).cursor
    web.routes["/feed"] = Answer(a_feed([], *old[3:5], *new))
    (batch,) = collect(a_source(web, clock), cursor).batches
    assert batch.gap is not None
    assert batch.gap.start == START + timedelta(minutes=19)


def test_a_feed_that_lost_all_its_entries_is_degraded(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = Answer(a_feed([]))
    empty = collect(a_source(web, clock))
    assert empty.batches[0].health is Health.QUIET  # a young blog
    web.routes["/feed"] = Answer(a_feed(range(10)))
    first = collect(a_source(web, clock), empty.cursor)
    web.routes["/feed"] = conditional(a_feed([]), '"v2"')
    second = collect(a_source(web, clock), first.cursor)
    assert second.batches[0].health is Health.DEGRADED
    assert "held 10 entries before" in second.batches[0].note
    web.routes["/feed"] = conditional(a_feed(range(11)), '"v2"')
    assert texts(collect(a_source(web, clock), second.cursor)) == ["words 10"]


@pytest.mark.parametrize(
    "body", [b"", b"<html><title>Log in</title></html>", b"{}", b"<rss", b"\x00\x01"]
)
def test_what_is_no_feed_is_never_no_news(web: FakeWeb, clock: Clock, body: bytes) -> None:
    web.routes["/feed"] = Answer(a_feed(range(3)))
    cursor = collect(a_source(web, clock)).cursor
    web.routes["/feed"] = Answer(body, headers={"Content-Type": "text/html"})
    with pytest.raises(Unreadable, match=r"127\.0\.0\.1:\d+/feed: "):
        collect(a_source(web, clock), cursor)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=410), Gone),
        (Answer(status=404), Unreadable),
        (Answer(status=500), Transient),
        (Answer(status=429, headers={"Retry-After": "60"}), RateLimited),
        (redirect("http://169.254.169.254/latest/meta-data"), Blocked),
        (Answer(a_feed(range(3)), length=100_000), Transient),
    ],
)
def test_errors_come_through(
    web: FakeWeb, clock: Clock, answer: Answer, error: type[Exception]
) -> None:
    web.routes["/feed"] = answer
    with pytest.raises(error):
        collect(a_source(web, clock))


# --- settings ------------------------------------------------------------------------------------


def test_check_describes_the_feed(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = redirect("/new", 301)
    web.routes["/new"] = Answer(a_feed(range(3)))
    check = a_source(web, clock).check()
    assert check.ok
    assert check.message == f"'Blog', 3 entries; it has moved for good to {web.url('/new')}"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(status=404), "404"),
        (Answer(b"<html><title>Log in</title></html>"), "Log in"),
        (Answer(a_feed(range(9))[:-300]), "cut off"),
        (Answer(status=500), "500"),
        (Answer(status=304), "not modified"),
    ],
)
def test_check_names_the_setting(web: FakeWeb, clock: Clock, answer: Answer, says: str) -> None:
    web.routes["/feed"] = answer
    check = a_source(web, clock).check()
    assert (check.ok, check.setting) == (False, "url")
    assert says in check.message


def test_check_names_allow_private(web: FakeWeb, clock: Clock) -> None:
    check = a_source(web, clock, allow_private=False).check()
    assert (check.ok, check.setting) == (False, "allow_private")
    assert web.asked == []


@pytest.mark.parametrize("url", ["", "example.org/feed", "file:///etc/passwd", "https://"])
def test_addresses_are_checked_when_settings_are_read(url: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=r"https://example\.org/feed"):
        RssSettings(name="blog", url=url)


def test_settings_do_not_show_passwords() -> None:
    settings = RssSettings(name="blog", url="https://me:sesame@example.org/feed")
    assert "sesame" not in repr(settings)
    with pytest.raises(pydantic.ValidationError) as caught:
        RssSettings(name="blog", url="ftp://me:sesame@example.org/feed")
    assert "sesame" not in str(caught.value)


def test_no_secret_reaches_a_cursor(web: FakeWeb, clock: Clock) -> None:
    web.routes["/feed"] = redirect("/new?token=sesame", 301)
    web.routes["/new"] = Answer(a_feed([1]))
    url = f"http://me:sesame@127.0.0.1:{web.port}/feed?token=sesame"
    run = collect(a_source(web, clock, url=url))
    assert web.asked[0].headers["authorization"].startswith("Basic ")
    assert "sesame" not in f"{run.cursor}{run.batches}"
