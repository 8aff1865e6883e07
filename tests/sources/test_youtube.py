from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pydantic
import pytest

from sources.errors import (
    CredentialsRejected,
    Gone,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.mention import Mention
from sources.protocols import CanVerify, Health, Responder, Verification
from sources.testing.clock import Clock
from sources.testing.contract import Run, check_contract, collect
from sources.testing.web import Answer
from sources.testing.youtube import FakeYouTube, refused
from sources.youtube.settings import YouTubeSettings
from sources.youtube.source import YouTubeSource

if TYPE_CHECKING:
    from collections.abc import Iterator

VIDEO, OTHER = "dQw4w9WgXcQ", "abcdefghijk"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def youtube() -> Iterator[FakeYouTube]:
    with FakeYouTube() as server:
        yield server


def a_source(youtube: FakeYouTube, clock: Clock, **settings: object) -> YouTubeSource:
    plain: dict[str, object] = {
        "name": "youtube",
        "videos": [VIDEO],
        "api_key": "sesame",
        "base_url": youtube.url(""),
        "allow_private": True,
    }
    return YouTubeSource(YouTubeSettings.model_validate(plain | settings), clock)


def fill(youtube: FakeYouTube, clock: Clock, numbers: range, video: str = VIDEO) -> list[str]:
    start = clock.moment - timedelta(hours=20)
    return [youtube.comment(video, start + one * MINUTE, f"words {one}") for one in numbers]


def words(run: Run) -> set[str]:
    return {mention.text for mention in run.mentions}


def said(numbers: range) -> set[str]:
    return {f"words {number}" for number in numbers}


def test_keeps_the_contract(youtube: FakeYouTube, clock: Clock) -> None:
    names = fill(youtube, clock, range(230))
    for number in range(7):
        youtube.answer(names[229], clock.moment - MINUTE, f"me too {number} \U0001f624 \u202eשלום")
    fill(youtube, clock, range(300, 310), OTHER)
    settings = {"videos": [VIDEO, OTHER], "channels": [youtube.channel]}
    whole = check_contract(lambda: a_source(youtube, clock, **settings))
    assert len(whole.texts) == 240 + 5  # a thread shows its newest five answers


def test_a_mention_has_what_the_platform_tells(youtube: FakeYouTube, clock: Clock) -> None:
    root = youtube.comment(VIDEO, clock.moment - 9 * MINUTE, "Third refund <ignored>")
    youtube.answer(root, clock.moment - MINUTE, "Same here")
    source = a_source(youtube, clock)
    assert isinstance(source, Responder)
    assert isinstance(source, CanVerify)
    found = {mention.text: mention for mention in collect(source).mentions}
    first, second = found["Third refund <ignored>"], found["Same here"]
    assert source.reply_link(first) == f"https://www.youtube.com/watch?v={VIDEO}&lc={root}"
    assert (first.author.id, first.author.handle) == ("UC-ada", "@ada")
    assert first.metrics == {"likes": 3, "replies": 1}
    assert (second.thread.root, second.thread.parent) == (root, root)
    assert "sesame" not in youtube.asked[0].path


def test_a_burst_is_walked_and_an_idle_visit_costs_one_unit(
    youtube: FakeYouTube, clock: Clock
) -> None:
    fill(youtube, clock, range(20))
    first = collect(a_source(youtube, clock))
    fill(youtube, clock, range(20, 480))
    second = collect(a_source(youtube, clock), first.cursor)
    assert words(second) == said(range(20, 480))
    fill(youtube, clock, range(480, 700))
    third = collect(a_source(youtube, clock), second.cursor)
    assert words(third) == said(range(480, 700))
    youtube.units = 0
    fourth = collect(a_source(youtube, clock), third.cursor)
    assert (words(fourth), fourth.batches[-1].health) == (set(), Health.QUIET)
    assert youtube.units <= 4


@pytest.mark.parametrize("forgets", [False, True])
@pytest.mark.parametrize("died_after", [1, 2, 3])
def test_a_crash_in_mid_walk_loses_nothing(
    youtube: FakeYouTube, clock: Clock, died_after: int, forgets: bool
) -> None:
    fill(youtube, clock, range(20))
    first = collect(a_source(youtube, clock))
    fill(youtube, clock, range(20, 380))
    second = collect(a_source(youtube, clock), first.cursor, batches=died_after)
    if forgets:
        youtube.forget_tokens()
    fill(youtube, clock, range(380, 490))
    third = collect(a_source(youtube, clock), second.cursor)
    fourth = collect(a_source(youtube, clock), third.cursor)
    assert words(second) | words(third) | words(fourth) >= said(range(20, 490))


def test_an_edit_comes_again(youtube: FakeYouTube, clock: Clock) -> None:
    names = fill(youtube, clock, range(5))
    first = collect(a_source(youtube, clock))
    youtube.thread(names[2]).text = "they called back"
    (mention,) = collect(a_source(youtube, clock), first.cursor).mentions
    assert (mention.external_id, mention.text) == (names[2], "they called back")


def test_units_are_counted_over_the_runs_of_a_day(youtube: FakeYouTube, clock: Clock) -> None:
    fill(youtube, clock, range(20))
    cursor = None
    for _ in range(3):
        cursor = collect(a_source(youtube, clock, units_per_day=3), cursor).cursor
    with pytest.raises(RateLimited, match="units_per_day") as caught:
        collect(a_source(youtube, clock, units_per_day=3), cursor)
    assert youtube.units == 3
    until = caught.value.until
    assert until is not None
    assert (until.hour, until.tzinfo) == (8, UTC)
    assert timedelta(0) < until - clock.moment <= timedelta(days=1)
    clock.moment = until
    assert collect(a_source(youtube, clock, units_per_day=3), cursor).batches


def test_broken_comments_are_named(youtube: FakeYouTube, clock: Clock) -> None:
    names = fill(youtube, clock, range(3))
    youtube.thread(names[0]).more = {"publishedAt": "soon"}
    youtube.thread(names[1]).more = {"brand_new": [1], "likeCount": "many", "authorChannelId": 3}
    (batch,) = collect(a_source(youtube, clock)).batches
    assert len(batch.mentions) == 2
    assert batch.health is Health.DEGRADED
    assert "thread 3" in batch.rejected[0]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=500), Transient),
        (Answer(b"<html>log in</html>"), Unreadable),
        (Answer(b'{"items": [', length=9_999), Transient),
        (Answer(b'{"items": 3}'), Unreadable),
        (Answer(b"{}", status=404), Unreadable),
        (refused(403, "quotaExceeded", "used up"), RateLimited),
        (refused(403, "rateLimitExceeded", "slowly"), RateLimited),
        (refused(403, "commentsDisabled", "no comments"), Gone),
        (refused(403, "forbidden", "no"), CredentialsRejected),
        (refused(400, "badRequest", "API key not valid."), CredentialsRejected),
        (refused(400, "processingFailure", "?"), Unreadable),
    ],
)
def test_trouble(
    youtube: FakeYouTube, clock: Clock, answer: Answer, error: type[SourceError]
) -> None:
    fill(youtube, clock, range(3))
    youtube.trouble.append(answer)
    with pytest.raises(error) as caught:
        collect(a_source(youtube, clock))
    assert "sesame" not in str(caught.value)
    assert words(collect(a_source(youtube, clock))) == said(range(3))


def test_one_wrong_video_does_not_hide_the_others(youtube: FakeYouTube, clock: Clock) -> None:
    fill(youtube, clock, range(3))
    run = Run(None)
    stream = a_source(youtube, clock, videos=[OTHER, VIDEO]).collect(None)
    run.batches.append(next(stream))
    with pytest.raises(Gone):
        next(stream)
    assert words(run) == said(range(3))


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({"api_key": "guess"}, "api_key"),
        ({"videos": [OTHER]}, "videos"),
        ({"channels": ["UC" + "b" * 22]}, "channels"),
        ({"allow_private": False}, "allow_private"),
    ],
)
def test_check_names_the_setting(
    youtube: FakeYouTube, clock: Clock, settings: dict[str, object], setting: str
) -> None:
    fill(youtube, clock, range(3))
    assert a_source(youtube, clock).check().ok
    check = a_source(youtube, clock, **settings).check()
    assert (check.ok, check.setting) == (False, setting)


def test_verify_asks_for_fifty_at_a_time(youtube: FakeYouTube, clock: Clock) -> None:
    names = fill(youtube, clock, range(120))
    answer = youtube.answer(names[0], clock.moment, "me too")
    youtube.delete(names[5])
    found = a_source(youtube, clock).verify([*names, answer])
    assert youtube.units == 3
    assert [name for name, one in found.items() if one is Verification.DELETED] == [names[5]]
    texts = collect(a_source(youtube, clock)).texts
    for (_, name), text in texts.items():
        now = found[name]
        assert isinstance(now, Mention)
        assert now.full_text == text
    assert len(texts) == 120
    youtube.trouble.append(Answer(status=500))
    with pytest.raises(Transient):
        a_source(youtube, clock).verify(names)


@pytest.mark.parametrize(
    "settings",
    [{"videos": []}, {"videos": ["short"]}, {"channels": ["@acme"]}, {"api_key": " "}],
)
def test_settings_are_checked(
    youtube: FakeYouTube, clock: Clock, settings: dict[str, object]
) -> None:
    with pytest.raises(pydantic.ValidationError):
        a_source(youtube, clock, **settings)
