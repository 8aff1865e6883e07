from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pydantic
import pytest

from sources.errors import RateLimited, SourceError, Transient, Unreadable
from sources.hackernews.settings import HackerNewsSettings
from sources.hackernews.source import HackerNewsSource
from sources.mention import Thread
from sources.protocols import CanVerify, Health, Responder, Verification
from sources.testing.clock import Clock
from sources.testing.contract import Run, check_contract, collect
from sources.testing.hackernews import FakeHackerNews
from sources.testing.web import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def site(clock: Clock) -> Iterator[FakeHackerNews]:
    with FakeHackerNews(clock) as fake:
        yield fake


def a_source(site: FakeHackerNews, clock: Clock, **more: object) -> HackerNewsSource:
    settings = {
        "name": "hn",
        "search": ["acme"],
        "base_url": site.address,
        "allow_private": True,
        **more,
    }
    return HackerNewsSource(HackerNewsSettings.model_validate(settings), clock)


def texts(run: Run) -> list[str]:
    return [mention.text for mention in run.mentions]


# --- the contract --------------------------------------------------------------------------------


def test_keeps_the_contract(site: FakeHackerNews, clock: Clock) -> None:
    for number in range(60):
        site.comment(f"acme {number}", at=clock.moment - timedelta(minutes=60 - number))
    whole = check_contract(lambda: a_source(site, clock))
    assert texts(whole) == [f"acme {number}" for number in range(60)]


def test_keeps_the_contract_with_windows_that_must_be_cut(
    site: FakeHackerNews, clock: Clock
) -> None:
    site.most_hits = 50
    for number in range(170):
        site.comment(f"acme {number}", at=clock.moment - timedelta(seconds=170 - number))
    site.story("Bolt is down", at=clock.moment)

    def make() -> HackerNewsSource:
        two = HackerNewsSettings.model_validate(
            {
                "name": "hn",
                "search": ["acme", "bolt"],
                "base_url": site.address,
                "allow_private": True,
            }
        )
        return HackerNewsSource(two, clock, most_hits=50)

    whole = check_contract(make)
    assert len(texts(whole)) == 171
    assert texts(whole)[:3] == ["acme 0", "acme 1", "acme 2"]
    assert [batch.gap for batch in whole.batches if batch.gap] == []


def test_a_burst_beyond_the_limit_comes_whole(site: FakeHackerNews, clock: Clock) -> None:
    cursor = collect(a_source(site, clock)).cursor
    for number in range(2_300):
        site.comment(f"acme {number}", at=clock.moment - timedelta(seconds=2_300 - number))
    run = collect(a_source(site, clock), cursor)
    assert texts(run) == [f"acme {number}" for number in range(2_300)]
    assert len(site.windows) < 20


def test_keeps_the_contract_where_nobody_speaks(site: FakeHackerNews, clock: Clock) -> None:
    whole = check_contract(lambda: a_source(site, clock))
    assert [batch.health for batch in whole.batches] == [Health.QUIET]


def test_can_verify_and_answer(site: FakeHackerNews, clock: Clock) -> None:
    name = site.comment("acme")
    source = a_source(site, clock)
    assert isinstance(source, Responder)
    assert isinstance(source, CanVerify)
    (mention,) = collect(source).mentions
    assert source.reply_link(mention) == f"https://news.ycombinator.com/item?id={name}"


# --- what a mention says -------------------------------------------------------------------------


def test_a_comment(site: FakeHackerNews, clock: Clock) -> None:
    text = (
        'Acme&#x27;s app ate my money 😡<p>Twice. <a href="https:&#x2F;&#x2F;a.example">proof</a>'
    )
    name = site.comment(text, parent="17")
    (mention,) = collect(a_source(site, clock)).mentions
    assert mention.key == ("hackernews", name)
    assert mention.full_text == "Acme's app ate my money 😡\n\nTwice. proof"
    assert mention.thread == Thread(root="1", parent="17")
    assert (mention.author.id, mention.created_at) == ("ada", clock.moment)


def test_stories(site: FakeHackerNews, clock: Clock) -> None:
    site.story("Ask HN: is acme down?", "It&#x27;s been hours.<p>Anyone?")
    site.story("Acme lost my data", url="https://blog.example/acme")
    asked, linked = collect(a_source(site, clock)).mentions
    assert asked.full_text == "Ask HN: is acme down?\n\nIt's been hours.\n\nAnyone?"
    assert linked.full_text == "Acme lost my data\n\nhttps://blog.example/acme"
    assert linked.metrics == {"points": 7, "replies": 2}
    assert asked.thread == Thread()


def test_kinds_choose(site: FakeHackerNews, clock: Clock) -> None:
    site.story("acme story", "words")
    site.comment("acme comment")
    assert texts(collect(a_source(site, clock, kinds=["comment"]))) == ["acme comment"]
    assert texts(collect(a_source(site, clock, kinds=["story"]))) == ["words"]


# --- from visit to visit -------------------------------------------------------------------------


def test_news_edits_and_late_arrivals(site: FakeHackerNews, clock: Clock) -> None:
    name = site.comment("acme one")
    site.comment("acme old", at=clock.moment - timedelta(hours=3))
    first = collect(a_source(site, clock))
    assert first.batches[0].health is Health.HEALTHY
    clock.later(hours=1)
    site.edit(name, "acme one, edited")
    site.comment("acme late", at=clock.moment - timedelta(hours=2))
    second = collect(a_source(site, clock), first.cursor)
    assert texts(second) == ["acme late", "acme one, edited"]
    assert second.batches[0].health is Health.QUIET
    site.comment("acme two")
    third = collect(a_source(site, clock), second.cursor)
    assert "acme two" in texts(third)
    assert third.batches[0].health is Health.HEALTHY


def test_a_stalled_index_loses_nothing(site: FakeHackerNews, clock: Clock) -> None:
    site.comment("acme one")
    cursor = collect(a_source(site, clock)).cursor
    clock.later(hours=1)
    names = [site.comment(f"acme stalled {number}") for number in range(5)]
    for name in names:
        site.items[name].indexed = False
    for _ in range(6):
        clock.later(hours=1)
        cursor = collect(a_source(site, clock), cursor).cursor
    for name in names:
        site.items[name].indexed = True
    assert len(collect(a_source(site, clock), cursor).mentions) == 6


def test_a_burst_of_one_second_beyond_the_limit_is_a_gap(
    site: FakeHackerNews, clock: Clock
) -> None:
    for number in range(1_200):
        site.comment(f"acme {number}")
    site.comment("acme after", at=clock.moment + timedelta(seconds=1))
    run = collect(a_source(site, clock))
    (gap,) = [batch.gap for batch in run.batches if batch.gap]
    assert (gap.start, gap.end) == (clock.moment, clock.moment + timedelta(seconds=1))
    assert "200 more posts of one second" in gap.reason
    assert len(run.mentions) == 1_001
    assert texts(run)[-1] == "acme after"


def test_clocks_may_differ(site: FakeHackerNews, clock: Clock) -> None:
    site.comment("acme from ahead", at=clock.moment + timedelta(minutes=50))
    first = collect(a_source(site, clock))
    assert texts(first) == ["acme from ahead"]
    clock.later(hours=-5)
    site.comment("acme in between", at=clock.moment + timedelta(hours=5))
    assert "acme in between" in texts(collect(a_source(site, clock), first.cursor))


@pytest.mark.parametrize("cursor", ["", "{}", "[]", '{"marks": 3}', '{"marks": {"acme": "x"}}'])
def test_a_foreign_cursor_is_the_beginning(site: FakeHackerNews, clock: Clock, cursor: str) -> None:
    site.comment("acme")
    assert texts(collect(a_source(site, clock), cursor)) == ["acme"]


def test_a_new_query_begins_at_its_own_beginning(site: FakeHackerNews, clock: Clock) -> None:
    site.comment("bolt", at=clock.moment - timedelta(hours=20))
    site.comment("acme")
    first = collect(a_source(site, clock))
    second = collect(a_source(site, clock, search=["acme", "bolt"]), first.cursor)
    assert "bolt" in texts(second)


# --- verifying -----------------------------------------------------------------------------------


def test_verify(site: FakeHackerNews, clock: Clock) -> None:
    present, deleted, dead = (site.comment(f"acme {number}") for number in range(3))
    site.delete(deleted)
    site.kill(dead)
    site.web.routes["/v0/item/99.json"] = Answer(b"null")
    found = a_source(site, clock).verify([present, deleted, dead, "99", "t3_x"])
    assert list(found.values()) == [
        Verification.PRESENT,
        Verification.DELETED,
        Verification.DELETED,
        Verification.UNKNOWN,
        Verification.UNKNOWN,
    ]


@pytest.mark.parametrize("answer", [Answer(status=500), Answer(b"<html>"), Answer(status=404)])
def test_an_error_is_never_a_deletion(site: FakeHackerNews, clock: Clock, answer: Answer) -> None:
    site.web.routes["/v0/item/7.json"] = answer
    with pytest.raises(SourceError):
        a_source(site, clock).verify(["7"])


# --- trouble -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=500), Transient),
        (Answer(b"<html>maintenance</html>"), Unreadable),
        (Answer(b'{"hits": [{"objectID'), Transient),
        (Answer(b'{"hits": []}'), Unreadable),
        (Answer(b"[]"), Unreadable),
        (Answer(status=429, headers={"Retry-After": "60"}), RateLimited),
    ],
)
def test_errors_come_through(
    site: FakeHackerNews, clock: Clock, answer: Answer, error: type[SourceError]
) -> None:
    site.instead = answer
    with pytest.raises(error, match="search_by_date"):
        collect(a_source(site, clock))
    check = a_source(site, clock).check()
    assert (check.ok, check.setting) == (False, "base_url")


def test_hits_that_make_no_sense_are_named(site: FakeHackerNews, clock: Clock) -> None:
    body = b"""{"nbHits": 4, "novelty": 1, "hits": [
        {"objectID": "../etc", "created_at_i": 1795000000, "comment_text": "acme"},
        {"objectID": "8", "comment_text": "acme"}, 7,
        {"objectID": "9", "created_at": "2026-11-20T11:00:00Z", "comment_text": "acme", "x": {}}]}"""
    site.instead = Answer(body)
    (batch,) = collect(a_source(site, clock)).batches
    assert [mention.external_id for mention in batch.mentions] == ["9"]
    assert (batch.health, len(batch.rejected)) == (Health.DEGRADED, 3)


def test_check_counts(site: FakeHackerNews, clock: Clock) -> None:
    site.comment("acme")
    site.comment("acme too", at=clock.moment - timedelta(days=20))
    check = a_source(site, clock, search=["acme", "bolt"]).check()
    assert check.ok
    assert check.message == "posts of the last 30 days: acme: 2; bolt: 0"


def test_check_names_allow_private(site: FakeHackerNews, clock: Clock) -> None:
    check = a_source(site, clock, allow_private=False).check()
    assert (check.ok, check.setting) == (False, "allow_private")


@pytest.mark.parametrize(
    "settings", [{"search": []}, {"search": ['""']}, {"base_url": "hn"}, {"kinds": ["job"]}]
)
def test_settings_are_checked(settings: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        HackerNewsSettings.model_validate({"name": "hn", "search": ["acme"], **settings})
