"""What fell out of a feed between two visits, found on its older pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sources.errors import RateLimited
from sources.protocols import Batch, Health
from sources.rss.archive import MOST_TRIES
from sources.rss.settings import RssSettings
from sources.rss.source import RssSource
from sources.testing.contract import Run, check_contract, collect
from sources.testing.web import Answer, FakeWeb, conditional

START = datetime(2026, 11, 1, tzinfo=UTC)
Page = Callable[[Iterable[int], str], bytes]


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as server:
        yield server


def moment(number: int) -> datetime:
    return START + timedelta(minutes=number)


def rss(numbers: Iterable[int], older: str = "", relation: str = "prev-archive") -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>urn:x:{number}</guid><title>Post {number}</title>"
        f"<pubDate>{moment(number):%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for number in sorted(numbers, reverse=True)
    )
    link = f"<a:link rel='{relation}' href='{older}'/>" if older else ""
    return (
        "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>B</title>"
        f"{link}{items}</channel></rss>"
    ).encode()


def paged(numbers: Iterable[int], older: str = "") -> bytes:
    return rss(numbers, older, "next")


def atom(numbers: Iterable[int], older: str = "") -> bytes:
    entries = "".join(
        f"<entry><id>urn:x:{number}</id><title>Post {number}</title>"
        f"<published>{moment(number).isoformat()}</published></entry>"
        for number in sorted(numbers, reverse=True)
    )
    link = f"<link rel='prev-archive' href='{older}'/>" if older else ""
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{link}{entries}</feed>".encode()


def json_feed(numbers: Iterable[int], older: str = "") -> bytes:
    items = [
        {"id": f"urn:x:{n}", "title": f"Post {n}", "date_published": moment(n).isoformat()}
        for n in sorted(numbers, reverse=True)
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "B", "items": items}
    return json.dumps(feed | ({"next_url": older} if older else {})).encode()


def a_source(web: FakeWeb, noon: datetime, **settings: object) -> RssSource:
    plain = {"name": "blog", "url": web.url("/feed"), "allow_private": True, **settings}
    return RssSource(RssSettings.model_validate(plain), lambda: noon)


def turned_over(web: FakeWeb, noon: datetime, page: Page = rss) -> str | None:
    """A visit sees ten entries, then forty more come, of which the feed shows the last ten."""
    web.routes["/feed"] = Answer(page(range(10), ""))
    cursor = collect(a_source(web, noon)).cursor
    web.routes["/feed"] = Answer(page(range(40, 50), "/1"))
    web.routes["/1"] = Answer(page(range(25, 40), "/2"))
    web.routes["/2"] = Answer(page(range(5, 25), "/3"))
    web.routes["/3"] = Answer(page(range(5), ""))
    return cursor


def titles(*runs: Run) -> set[str]:
    return {mention.title for run in runs for mention in run.mentions}


def posts(numbers: Iterable[int]) -> set[str]:
    return {f"Post {number}" for number in numbers}


def only_gap(run: Run) -> tuple[datetime | None, datetime | None]:
    (gap,) = [batch.gap for batch in run.batches if batch.gap]
    return gap.start, gap.end


def notes(batches: Iterable[Batch]) -> str:
    return "; ".join(batch.note for batch in batches if batch.note)


@pytest.mark.parametrize("page", [rss, paged, atom, json_feed])
def test_a_gap_is_told_and_closed(web: FakeWeb, noon: datetime, page: Page) -> None:
    run = collect(a_source(web, noon), turned_over(web, noon, page))
    assert titles(run) == posts(range(10, 50))
    assert only_gap(run) == (moment(9), moment(40))
    filled = run.batches[-1].filled
    assert filled is not None
    assert (filled.start, filled.end, filled.found) == (moment(9), moment(40), 30)
    assert [asked.path for asked in web.asked[-3:]] == ["/feed", "/1", "/2"]
    idle = collect(a_source(web, noon), run.cursor)
    assert (titles(idle), idle.batches[-1].filled) == (set(), None)
    assert web.asked[-1].path == "/feed"


def test_keeps_the_contract_while_it_goes_back(web: FakeWeb, noon: datetime) -> None:
    cursor = turned_over(web, noon)

    class Later(RssSource):
        def collect(self, at: str | None) -> Iterator[Batch]:
            return super().collect(at or cursor)

    own = a_source(web, noon)._settings
    whole = check_contract(lambda: Later(own, lambda: noon))
    assert titles(whole) == posts(range(10, 50))


def test_what_fails_is_tried_again_at_the_next_visits(web: FakeWeb, noon: datetime) -> None:
    cursor = turned_over(web, noon)
    web.routes["/feed"] = conditional(rss(range(40, 50), "/1"), '"same"')
    well, web.routes["/2"] = web.routes["/2"], Answer(status=500)
    first = collect(a_source(web, noon), cursor)
    assert titles(first) == posts(range(25, 50))
    assert first.batches[-1].health is Health.DEGRADED
    assert "did not close the gap" in notes(first.batches)
    assert "500" in notes(first.batches)
    web.routes["/2"] = well
    second = collect(a_source(web, noon), first.cursor)  # 304 must not stand in the way
    assert titles(first, second) == posts(range(10, 50))
    assert second.batches[-1].filled is not None
    assert [batch.gap for batch in second.batches if batch.gap] == []


def test_a_gap_that_cannot_be_closed_stays_one(web: FakeWeb, noon: datetime) -> None:
    cursor = turned_over(web, noon)
    web.routes["/1"] = Answer(rss(range(30, 40), "/1"))  # in a circle
    for _ in range(MOST_TRIES):
        run = collect(a_source(web, noon), cursor)
        cursor = run.cursor
        assert "do not reach back to the last visit" in notes(run.batches)
        assert run.batches[-1].filled is None
    before = len(web.asked)
    assert collect(a_source(web, noon), cursor).batches[-1].health is Health.QUIET
    assert [asked.path for asked in web.asked[before:]] == ["/feed"]


def test_an_older_page_with_a_hole_closes_nothing(web: FakeWeb, noon: datetime) -> None:
    cursor = turned_over(web, noon)
    web.routes["/2"] = Answer(rss(range(5, 25))[:-400])
    run = collect(a_source(web, noon), cursor)
    assert [batch.filled for batch in run.batches if batch.filled] == []


def test_patience_of_an_older_page_is_kept_and_is_no_try(web: FakeWeb, noon: datetime) -> None:
    cursor = turned_over(web, noon)
    web.routes["/1"] = Answer(status=429, headers={"Retry-After": "60"})
    source = a_source(web, noon).collect(cursor)
    batch = next(source)
    with pytest.raises(RateLimited):
        list(source)
    assert json.loads(batch.cursor or "")["tries"] == 0


def test_older_pages_are_asked_for_where_the_feed_is(web: FakeWeb, noon: datetime) -> None:
    settings = {"url": "https://blog.example/feed", "base_url": web.url("")}
    web.routes["/feed"] = Answer(rss(range(10)))
    cursor = collect(a_source(web, noon, **settings)).cursor
    web.routes["/feed"] = Answer(rss(range(40, 50), "https://blog.example/1"))
    web.routes["/1"] = Answer(rss(range(5, 40)))
    run = collect(a_source(web, noon, **settings), cursor)
    assert titles(run) == posts(range(10, 50))


def test_an_older_page_inside_is_not_asked_for(web: FakeWeb, noon: datetime) -> None:
    cursor = turned_over(web, noon)
    web.routes["/feed"] = Answer(rss(range(40, 50), "http://169.254.169.254/latest"))
    run = collect(a_source(web, noon), cursor)
    assert "did not close the gap" in notes(run.batches)
    assert titles(run) == posts(range(40, 50))
