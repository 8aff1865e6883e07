from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sources.bluesky.settings import BlueskySettings
from sources.bluesky.source import BlueskySource
from sources.errors import CredentialsRejected, RateLimited, SourceError, Transient, Unreadable
from sources.protocols import Health
from sources.testing.bluesky_search import FakeBluesky
from sources.testing.clock import Clock
from sources.testing.contract import Run, check_contract, collect
from sources.testing.web import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server(clock: Clock) -> Iterator[FakeBluesky]:
    with FakeBluesky(clock) as fake:
        yield fake


def a_source(server: FakeBluesky, clock: Clock, **more: object) -> BlueskySource:
    settings = {
        "name": "sky",
        "mode": "search",
        "terms": ["acme"],
        "handle": "acme.bsky.social",
        "app_password": "abcd-efgh",
        "base_url": server.address,
        "allow_private": True,
        "history": "1d",
        **more,
    }
    return BlueskySource(BlueskySettings.model_validate(settings), clock)


def texts(run: Run) -> set[str]:
    return {mention.text for mention in run.mentions}


def fill(server: FakeBluesky, clock: Clock, count: int, word: str = "acme") -> set[str]:
    for number in range(count):
        at = clock.moment - timedelta(seconds=count - number)
        server.post(f"{word} {number}", at=at)
    return {f"{word} {number}" for number in range(count)}


def test_keeps_the_contract(server: FakeBluesky, clock: Clock) -> None:
    expected = fill(server, clock, 250)
    whole = check_contract(lambda: a_source(server, clock))
    assert texts(whole) == expected
    assert "token" not in (whole.cursor or "")


def test_keeps_the_contract_with_several_terms(server: FakeBluesky, clock: Clock) -> None:
    expected = fill(server, clock, 30) | fill(server, clock, 130, "bolt bank")
    whole = check_contract(lambda: a_source(server, clock, terms=["acme", "Bolt Bank"]))
    assert texts(whole) == expected
    assert server.sign_ins > 1
    assert len(server.web.asked) > server.sign_ins


def test_keeps_the_contract_where_nobody_speaks(server: FakeBluesky, clock: Clock) -> None:
    check_contract(lambda: a_source(server, clock))


def test_a_post_has_its_author_and_numbers(server: FakeBluesky, clock: Clock) -> None:
    server.post("acme 😡", langs=["en-GB"])
    (mention,) = collect(a_source(server, clock)).mentions
    assert (mention.author.id, mention.author.handle) == ("did:plc:ada", "ada.example")
    assert mention.author.name == "Ada ☕"
    assert mention.metrics == {"likes": 3, "replies": 1, "reposts": 0, "quotes": 0}
    assert mention.lang == "en-GB"


def test_one_moment_on_more_than_a_page(server: FakeBluesky, clock: Clock) -> None:
    for number in range(350):
        server.post(f"acme {number}", at=clock.moment)
    older = server.post("acme older", at=clock.moment - timedelta(minutes=1))
    run = collect(a_source(server, clock))
    assert len(texts(run)) == 351
    assert older in {mention.external_id for mention in run.mentions}


def test_posts_deleted_in_mid_walk_hide_no_others(server: FakeBluesky, clock: Clock) -> None:
    expected = fill(server, clock, 300)

    def delete_the_newest() -> None:
        for post in sorted(server.posts, key=lambda post: post.sorted_at)[-20:]:
            server.delete(post.uri)

    server.before_search = delete_the_newest
    run = collect(a_source(server, clock))
    left = {str(post.record["text"]) for post in server.posts}
    assert left
    assert left <= texts(run) <= expected


def test_posts_that_arrive_in_mid_walk_come_next_time(server: FakeBluesky, clock: Clock) -> None:
    expected = fill(server, clock, 300)

    def post_another() -> None:
        clock.moment += timedelta(seconds=1)
        expected.add(f"acme late {len(server.posts)}")
        server.post(f"acme late {len(server.posts)}")

    server.before_search = post_another
    first = collect(a_source(server, clock))
    server.before_search = None
    second = collect(a_source(server, clock), first.cursor)
    assert texts(first) | texts(second) == expected


def test_what_the_index_gets_late_is_still_found(server: FakeBluesky, clock: Clock) -> None:
    fill(server, clock, 5)
    first = collect(a_source(server, clock))
    server.post("acme late", at=clock.moment - timedelta(minutes=20))
    second = collect(a_source(server, clock), first.cursor)
    assert "acme late" in texts(second)


def test_a_long_walk_goes_on_in_the_next_run(server: FakeBluesky, clock: Clock) -> None:
    expected = fill(server, clock, 3_200)
    first = collect(a_source(server, clock))
    assert len(texts(first)) < 3_200
    last = first.batches[-1]
    assert (last.health, last.note[:16]) == (Health.DEGRADED, "3,000 posts read")
    clock.moment += timedelta(hours=2)
    server.post("acme new")
    second = collect(a_source(server, clock), first.cursor)
    assert texts(first) | texts(second) == expected
    third = collect(a_source(server, clock), second.cursor)
    assert "acme new" in texts(third)


def test_an_idle_search_is_quiet(server: FakeBluesky, clock: Clock) -> None:
    fill(server, clock, 3)
    first = collect(a_source(server, clock))
    assert first.batches[0].health is Health.HEALTHY
    second = collect(a_source(server, clock), first.cursor)
    assert [batch.health for batch in second.batches] == [Health.QUIET]


def test_an_expired_token_is_renewed_once(server: FakeBluesky, clock: Clock) -> None:
    expected = fill(server, clock, 250)
    calls = iter(range(100))
    server.before_search = lambda: server.expire() if next(calls) == 1 else None
    assert texts(collect(a_source(server, clock))) == expected
    assert server.sign_ins == 2
    server.before_search = server.expire
    with pytest.raises(CredentialsRejected, match="ExpiredToken"):
        collect(a_source(server, clock))


def test_a_wrong_password_names_the_setting(server: FakeBluesky, clock: Clock) -> None:
    source = a_source(server, clock, app_password="my secret")
    with pytest.raises(CredentialsRejected, match="app_password") as caught:
        collect(source)
    assert "my secret" not in str(caught.value)
    check = source.check()
    assert (check.ok, check.setting) == (False, "app_password")
    assert a_source(server, clock).check().ok


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=500), Transient),
        (Answer(b"<html>log in</html>"), Unreadable),
        (Answer(b'{"posts": [', 200), SourceError),
        (Answer(b"{}"), Unreadable),
        (Answer(b'{"error": "BadQueryString", "message": "q"}', 400), Unreadable),
    ],
)
def test_errors_come_through(
    server: FakeBluesky, clock: Clock, answer: Answer, error: type[SourceError]
) -> None:
    server.instead = answer
    with pytest.raises(error):
        collect(a_source(server, clock))
    assert not a_source(server, clock).check().ok


def test_patience_is_kept(server: FakeBluesky, clock: Clock) -> None:
    reset = str(int(clock.moment.timestamp()) + 90)
    server.instead = Answer(status=429, headers={"RateLimit-Reset": reset})
    with pytest.raises(RateLimited) as caught:
        collect(a_source(server, clock))
    assert caught.value.until == clock.moment + timedelta(seconds=90)


def test_posts_that_make_no_sense_are_named(server: FakeBluesky, clock: Clock) -> None:
    server.post("acme fine")
    server.post("acme undated", createdAt="2026-11-20T11:00:00+00:00")
    server.posts[1].uri = "at://did:plc:x/app.bsky.feed.like/1"
    (batch,) = collect(a_source(server, clock)).batches
    assert [mention.text for mention in batch.mentions] == ["acme fine"]
    assert (batch.health, len(batch.rejected)) == (Health.DEGRADED, 1)
