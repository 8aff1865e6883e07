from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pydantic
import pytest

from sources.discourse.post import Forum
from sources.discourse.settings import DiscourseSettings
from sources.discourse.source import DiscourseSource
from sources.errors import CredentialsRejected, RateLimited, SourceError, Transient, Unreadable
from sources.mention import Mention, Thread
from sources.protocols import CanVerify, Gap, Health, Responder, Tombstone, Verification
from sources.testing.contract import Run, check_contract, collect
from sources.testing.discourse import FakeDiscourse, Written
from sources.testing.web import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


@pytest.fixture(params=[False, True], ids=["new", "old"])
def forum(request: pytest.FixtureRequest) -> Iterator[FakeDiscourse]:
    with FakeDiscourse(windowed=request.param) as server:
        yield server


def a_source(forum: FakeDiscourse, noon: datetime, **settings: object) -> DiscourseSource:
    settings = {
        "name": "forum",
        "url": "https://talk.example",
        "base_url": forum.address,
        "allow_private": True,
        **settings,
    }
    return DiscourseSource(DiscourseSettings.model_validate(settings), lambda: noon)


def a_post(id: int, cooked: str = "", number: int = 0) -> Written:
    text = cooked or f"<p>words {id}</p>"
    return Written(id, text, START + timedelta(seconds=id), topic=9, number=number or id)


def numbers(run: Run) -> list[int]:
    return [int(mention.external_id.rpartition("/")[2]) for mention in run.mentions]


def gaps(run: Run) -> list[Gap]:
    return [batch.gap for batch in run.batches if batch.gap]


def test_keeps_the_contract(forum: FakeDiscourse, noon: datetime) -> None:
    forum.write(*(a_post(id) for id in range(1, 140)))
    whole = check_contract(lambda: a_source(forum, noon))
    assert sorted(numbers(whole)) == list(range(1, 140))


def test_keeps_the_contract_with_nothing_there(forum: FakeDiscourse, noon: datetime) -> None:
    assert check_contract(lambda: a_source(forum, noon)).texts == {}


def test_keeps_the_contract_in_a_search(forum: FakeDiscourse, noon: datetime) -> None:
    forum.write(*(a_post(id, f"<p>acme {id}</p>") for id in range(1, 120)), a_post(200))
    whole = check_contract(lambda: a_source(forum, noon, query="ACME"))
    assert sorted(numbers(whole)) == list(range(1, 120))


def test_reads_what_was_said_and_where(forum: FakeDiscourse, noon: datetime) -> None:
    said = (
        "<p>My card was <b>blocked</b> &amp; nobody\u202e answers \U0001f621</p>"
        '<p dir="rtl">\u0645\u0631\u062d\u0628\u0627</p>'
    )
    opener = replace(a_post(700, said, number=1), username="Rosa")
    forum.write(opener, replace(a_post(705, number=4), answers=3), a_post(706, number=5))
    found = {mention.external_id: mention for mention in collect(a_source(forum, noon)).mentions}
    first = found["talk.example/t/9/1"]
    assert first.full_text == (
        "Topic 9\n\nMy card was blocked & nobody answers \U0001f621\n\n\u0645\u0631\u062d\u0628\u0627"
    )
    assert first.url == "https://talk.example/t/topic-9/9/1"
    assert (first.author.id, first.author.handle) == ("talk.example/u/rosa", "@Rosa")
    assert first.metrics == {"likes": 4, "replies": 2, "views": 30}
    assert first.thread == Thread()
    root = first.external_id
    assert found["talk.example/t/9/4"].thread == Thread(root, "talk.example/t/9/3")
    assert found["talk.example/t/9/5"].thread == Thread(root, root)
    assert found["talk.example/t/9/4"].title == ""


@pytest.mark.parametrize(
    ("cooked", "text"),
    [
        (
            '<aside class="quote" data-username="otto"><blockquote><p>I am furious</p>'
            '<aside class="quote"><p>deeper</p></aside><p>still his</p></blockquote></aside>'
            "<p>Works for me</p>",
            "Works for me",
        ),
        ('<p>See</p><aside class="onebox"><h3>News</h3></aside><p>this</p>', "See\n\nthis"),
        ('<aside class="quote"><p>only his</p></aside>', "only his"),
        ("<p>a</p></aside><p>b</p>", "a\n\nb"),
        ("a</aside>b<aside>c</aside>d", "a b d"),
        ("<aside><p>never closed</p>", "never closed"),
        ("<asides>words</asides>", "words"),
    ],
)
def test_what_is_quoted_is_not_what_was_said(
    forum: FakeDiscourse, noon: datetime, cooked: str, text: str
) -> None:
    forum.write(a_post(1, cooked))
    assert [mention.text for mention in collect(a_source(forum, noon)).mentions] == [text]


@pytest.mark.parametrize(
    "unit", ["<aside ", "<aside>", "</aside>", "<aside ></aside  x", "&#", "<"]
)
def test_a_hostile_post_costs_little(unit: str) -> None:
    post = {
        "topic_id": 1,
        "post_number": 2,
        "created_at": "2026-11-20T06:00:00Z",
        "cooked": "words" + unit * (1_000_000 // len(unit)),
    }
    started = time.process_time()
    Forum("https://talk.example").mention(post)
    assert time.process_time() - started < 5


def test_two_routes_to_one_post_give_one_name(forum: FakeDiscourse, noon: datetime) -> None:
    forum.write(*(a_post(id, f"<p>acme {id}</p>") for id in (1, 2, 9)))
    listed = {mention.key: mention for mention in collect(a_source(forum, noon)).mentions}
    searched = {
        mention.key: mention for mention in collect(a_source(forum, noon, query="acme")).mentions
    }
    assert listed == searched


def test_a_burst_over_hidden_stretches_is_read_whole(forum: FakeDiscourse, noon: datetime) -> None:
    forum.write(*(a_post(id) for id in range(1, 30)))
    cursor = collect(a_source(forum, noon)).cursor
    late = [replace(a_post(id), at=START + timedelta(hours=5)) for id in range(100, 600)]
    forum.write(*(replace(post, hidden=200 <= post.id < 420) for post in late))
    run = collect(a_source(forum, noon), cursor)
    assert sorted(numbers(run)) == [*range(100, 200), *range(420, 600)]
    assert gaps(run) == []


def test_a_moved_old_post_does_not_end_the_walk(forum: FakeDiscourse, noon: datetime) -> None:
    forum.write(a_post(1))
    cursor = collect(a_source(forum, noon)).cursor
    posts = [replace(a_post(id), at=START + timedelta(hours=5)) for id in range(100, 220)]
    posts[70] = replace(posts[70], at=START - timedelta(days=900))
    forum.write(*posts)
    run = collect(a_source(forum, noon), cursor)
    assert sorted(numbers(run)) == list(range(100, 220))


def test_a_burst_beyond_what_a_search_shows_is_a_gap(noon: datetime) -> None:
    with FakeDiscourse() as forum:
        forum.write(a_post(1, "<p>acme</p>"))
        cursor = collect(a_source(forum, noon, query="acme")).cursor
        later = START + timedelta(hours=4)
        forum.write(
            *(
                replace(a_post(id, "<p>acme</p>"), at=later + timedelta(seconds=id))
                for id in range(100, 720)
            )
        )
        found: list[int] = []
        seen_gaps: list[Gap] = []
        for _ in range(4):
            run = collect(a_source(forum, noon, query="acme"), cursor)
            cursor = run.cursor
            found += numbers(run)
            seen_gaps += gaps(run)
        assert sorted(found) == list(range(220, 720))
        (gap,) = seen_gaps
        assert gap.start == START + timedelta(seconds=1)
        assert gap.end is not None
        assert gap.end >= later


def test_edits_come_again_and_deletions_as_tombstones(forum: FakeDiscourse, noon: datetime) -> None:
    forum.write(a_post(1), a_post(2), a_post(3))
    cursor = collect(a_source(forum, noon)).cursor
    forum.posts[0].cooked = "<p>other words</p>"
    forum.posts[1].taken_back = True
    run = collect(a_source(forum, noon), cursor)
    assert [mention.text for mention in run.mentions] == ["other words"]
    assert run.batches[0].tombstones == [Tombstone("discourse", "talk.example/t/9/2")]


def test_a_hit_that_is_gone_meanwhile_is_left_out(forum: FakeDiscourse, noon: datetime) -> None:
    forum.write(a_post(1, "<p>acme</p>"), a_post(2, "<p>acme</p>"))
    post = forum.posts[0]
    forum.delete(post)
    forum.posts.append(post)
    assert numbers(collect(a_source(forum, noon, query="acme"))) == [2]


@pytest.mark.parametrize("query", ["", "acme"])
@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Answer(b"<html><title>Sign in</title>"), Unreadable, "Sign in"),
        (Answer(b'{"latest_posts": [{"id": 1,'), Transient, "broke off"),
        (Answer(b"", status=200), Unreadable, "empty"),
        (Answer(b"", status=502), Transient, "502"),
        (Answer(b'{"error_type":"not_logged_in"}', status=403), CredentialsRejected, "403"),
        (Answer(b'{"errors":["Slow down."]}'), Unreadable, "Slow down"),
    ],
)
def test_trouble_is_never_silence(
    forum: FakeDiscourse,
    noon: datetime,
    answer: Answer,
    error: type[SourceError],
    words: str,
    query: str,
) -> None:
    forum.trouble = answer
    with pytest.raises(error, match=words):
        collect(a_source(forum, noon, query=query))
    check = a_source(forum, noon, query=query).check()
    assert (check.ok, check.setting) == (False, "url")


def test_waits_as_long_as_it_is_asked_to(forum: FakeDiscourse, noon: datetime) -> None:
    forum.trouble = Answer(status=429, headers={"Retry-After": "12"})
    with pytest.raises(RateLimited) as caught:
        collect(a_source(forum, noon))
    assert caught.value.until == noon + timedelta(seconds=12)


def test_entries_without_place_or_date_are_named(forum: FakeDiscourse, noon: datetime) -> None:
    forum.web.routes["/posts.json"] = Answer(
        json.dumps({"latest_posts": [{"id": 1}, 7, {"id": 2, "topic_id": 1}]}).encode()
    )
    run = collect(a_source(forum, noon))
    assert run.batches[0].health is Health.DEGRADED
    assert len(run.batches[0].rejected) == 3


def test_looks_posts_up_again(forum: FakeDiscourse, noon: datetime) -> None:
    source = a_source(forum, noon)
    assert isinstance(source, CanVerify)
    assert isinstance(source, Responder)
    forum.write(a_post(1), a_post(2), replace(a_post(3), taken_back=True), a_post(4), a_post(5))
    forum.delete(forum.posts[1])
    forum.web.routes["/posts/by_number/9/4.json"] = Answer(b"<html>", status=404)
    forum.web.routes["/posts/by_number/9/5.json"] = Answer(status=500)
    ids = [f"talk.example/t/9/{number}" for number in range(1, 6)]
    found = source.verify([*ids, "other.example/t/9/1", "talk.example/t/../1"])
    (said,) = [one for one in collect(source).mentions if one.external_id == ids[0]]
    now = found[ids[0]]
    assert isinstance(now, Mention)
    assert now.text == said.text
    assert list(found.values())[1:] == [
        Verification.DELETED,
        Verification.DELETED,
        Verification.UNKNOWN,
        Verification.UNKNOWN,
        Verification.UNKNOWN,
        Verification.UNKNOWN,
    ]


def test_check_says_what_is_there(forum: FakeDiscourse, noon: datetime) -> None:
    forum.write(a_post(1), a_post(2))
    assert a_source(forum, noon).check().message == "the latest 2 posts can be read"
    assert a_source(forum, noon, query="words 1").check().ok
    assert a_source(forum, noon, allow_private=False).check().setting == "allow_private"


@pytest.mark.parametrize("wrong", [{"url": ""}, {"url": "forum"}, {"base_url": "x"}])
def test_settings_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        DiscourseSettings.model_validate({"name": "x", "url": "https://talk.example", **wrong})
