from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pydantic
import pytest

from sources.errors import CredentialsRejected, RateLimited, SourceError, Transient, Unreadable
from sources.http.fetch import Limits
from sources.protocols import CanVerify, Health, Responder, Verification
from sources.testing.clock import Clock
from sources.testing.contract import Run, check_contract, collect
from sources.testing.web import Answer
from sources.testing.x import FakeX
from sources.x.settings import XSettings
from sources.x.source import XSource

if TYPE_CHECKING:
    from collections.abc import Iterator

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def never_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(seconds: float) -> None:
        raise AssertionError(f"slept for {seconds} seconds")

    monkeypatch.setattr("time.sleep", sleep)


@pytest.fixture
def x(clock: Clock) -> Iterator[FakeX]:
    with FakeX(clock) as server:
        yield server


def a_source(x: FakeX, clock: Clock, limits: Limits | None = None, **settings: object) -> XSource:
    plain: dict[str, object] = {
        "name": "x",
        "query": "acme",
        "bearer_token": "sesame",
        "base_url": x.url(""),
        "allow_private": True,
    }
    return XSource(XSettings.model_validate(plain | settings), clock, limits)


def fill(x: FakeX, clock: Clock, numbers: range, ago: timedelta = timedelta(hours=10)) -> list[int]:
    """Posts a minute apart, the first so long ago."""
    return [x.post(clock.moment - ago + one * MINUTE, f"acme {one}") for one in numbers]


def words(run: Run) -> set[str]:
    return {mention.text for mention in run.mentions}


def acme(numbers: range) -> set[str]:
    return {f"acme {number}" for number in numbers}


# --- the contract --------------------------------------------------------------------------------


def test_keeps_the_contract(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(250))
    x.post(clock.moment - 2 * DAY, "acme long ago")
    whole = check_contract(lambda: a_source(x, clock, history="3d"))
    assert len(whole.texts) == 251
    assert all(batch.gap is None for batch in whole.batches)


def test_keeps_the_contract_with_conversations(x: FakeX, clock: Clock) -> None:
    first, *_ = fill(x, clock, range(3))
    x.post(clock.moment - MINUTE, "me too \U0001f624 \u202eabc שלום", answers=first)
    whole = check_contract(lambda: a_source(x, clock, conversations=True))
    assert len(whole.texts) == 4


def test_a_mention_has_what_the_platform_tells(x: FakeX, clock: Clock) -> None:
    root = x.post(clock.moment - 3 * MINUTE, "acme & co charged me <twice>", "ada")
    x.posts[root].more = {
        "lang": "qme",
        "text": "acme &amp; co charged me &lt;twice&gt; https://t.co/a1",
        "entities": {
            "urls": [{"url": "https://t.co/a1", "expanded_url": "https://acme.example/x"}]
        },
    }
    x.post(clock.moment - 2 * MINUTE, "acme never answers", "bob", answers=root)
    source = a_source(x, clock)
    assert isinstance(source, Responder)
    assert isinstance(source, CanVerify)
    first, second = collect(source).mentions
    assert first.text == "acme & co charged me <twice> https://acme.example/x"
    assert (first.kind, first.external_id, first.lang) == ("x", str(root), "")
    assert (first.author.handle, first.author.name, first.author.followers) == ("@ada", "Ada", 1200)
    assert first.metrics == {"likes": 2, "replies": 1, "shares": 0}
    assert source.reply_link(first) == f"https://x.com/ada/status/{root}"
    assert (first.thread.root, second.thread.root, second.thread.parent) == (
        "",
        str(root),
        str(root),
    )
    assert second.created_at == clock.moment - 2 * MINUTE


def test_long_posts_are_read_whole(x: FakeX, clock: Clock) -> None:
    number = x.post(clock.moment - MINUTE, "acme …")
    x.posts[number].more = {"note_tweet": {"text": "acme " + "and then " * 200}}
    (mention,) = collect(a_source(x, clock)).mentions
    assert len(mention.text) == 1_804


# --- nothing is lost -----------------------------------------------------------------------------


def test_an_idle_visit_is_quiet_and_cheap(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(130))
    first = collect(a_source(x, clock))
    x.sent.clear()
    second = collect(a_source(x, clock), first.cursor)
    assert [batch.health for batch in second.batches] == [Health.QUIET]
    assert len(x.sent) == 1  # the overlap of half a minute, billed once a day
    assert len(first.cursor or "") < 500


def test_a_burst_is_walked_to_its_last_page(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(20))
    first = collect(a_source(x, clock))
    fill(x, clock, range(20, 480))
    second = collect(a_source(x, clock), first.cursor)
    assert words(second) == acme(range(20, 480))
    assert [len(batch.mentions) for batch in second.batches] == [100, 100, 100, 100, 60]


@pytest.mark.parametrize("forgets", [False, True])
@pytest.mark.parametrize("died_after", [1, 2, 3, 4])
def test_a_crash_in_mid_walk_loses_nothing(
    x: FakeX, clock: Clock, died_after: int, forgets: bool
) -> None:
    fill(x, clock, range(20))
    first = collect(a_source(x, clock))
    fill(x, clock, range(20, 480))
    second = collect(a_source(x, clock), first.cursor, batches=died_after)
    if forgets:
        x.forget_tokens()
    fill(x, clock, range(480, 590))
    third = collect(a_source(x, clock), second.cursor)
    fourth = collect(a_source(x, clock), third.cursor)
    assert words(second) | words(third) | words(fourth) == acme(range(20, 590))
    assert len(second.mentions) + len(third.mentions) + len(fourth.mentions) == 570


def test_a_deleted_anchor_loses_nothing(x: FakeX, clock: Clock) -> None:
    numbers = fill(x, clock, range(20))
    first = collect(a_source(x, clock))
    x.delete(numbers[-1])
    fill(x, clock, range(20, 300))
    assert words(collect(a_source(x, clock), first.cursor)) == acme(range(20, 300))


def test_equal_times_on_a_page_border(x: FakeX, clock: Clock) -> None:
    for number in range(250):
        x.post(clock.moment - MINUTE, f"acme {number}")
    first = collect(a_source(x, clock))
    assert words(first) == acme(range(250))


def test_a_post_that_enters_the_index_late_is_seen(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(20))
    x.post(clock.moment - 10 * MINUTE, "acme last")
    first = collect(a_source(x, clock))
    x.post(clock.moment - 10 * MINUTE - timedelta(seconds=20), "acme late")
    assert words(collect(a_source(x, clock), first.cursor)) == {"acme late"}


def test_an_edit_comes_again_under_its_first_id(x: FakeX, clock: Clock) -> None:
    number = x.post(clock.moment - 5 * MINUTE, "acme is dwon")
    first = collect(a_source(x, clock))
    x.edit(number, clock.moment - 2 * MINUTE, "acme is down")
    (mention,) = collect(a_source(x, clock), first.cursor).mentions
    assert (mention.external_id, mention.text) == (str(number), "acme is down")


def test_what_fell_out_of_seven_days_is_a_gap(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(20))
    first = collect(a_source(x, clock))
    seen_until = clock.moment - timedelta(hours=10) + 19 * MINUTE
    clock.moment += 9 * DAY
    fill(x, clock, range(20, 40), 8 * DAY)  # out of reach
    fill(x, clock, range(40, 60))
    second = collect(a_source(x, clock), first.cursor)
    assert words(second) == acme(range(40, 60))
    gap = second.batches[0].gap
    assert gap is not None
    assert gap.start == seen_until
    assert gap.end == clock.moment - 7 * DAY + 2 * MINUTE
    assert second.batches[0].health is Health.DEGRADED
    third = collect(a_source(x, clock), second.cursor)
    assert third.batches[0].gap is None


def test_a_walk_left_for_too_long_is_a_gap_and_begins_anew(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(20))
    first = collect(a_source(x, clock))
    fill(x, clock, range(20, 320))
    second = collect(a_source(x, clock), first.cursor, batches=1)
    clock.moment += 9 * DAY
    x.forget_tokens()
    fill(x, clock, range(320, 330))
    third = collect(a_source(x, clock), second.cursor)
    assert words(third) == acme(range(320, 330))
    assert third.batches[0].gap is not None


def test_client_libraries_are_loaded_late() -> None:
    code = (
        "import sys, listener.builtin, sources.x.source, sources.reddit.source\n"
        "assert not {'praw', 'tweepy', 'requests'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_first_run_reads_as_far_back_as_told(x: FakeX, clock: Clock) -> None:
    x.post(clock.moment - timedelta(hours=30), "acme old")
    x.post(clock.moment - timedelta(hours=20), "acme new")
    assert words(collect(a_source(x, clock))) == {"acme new"}
    assert words(collect(a_source(x, clock, history="2d"))) == {"acme new", "acme old"}


# --- what it costs -------------------------------------------------------------------------------


def test_the_budget_of_a_day_is_never_passed(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(400))
    budget = {"budget": {"posts_per_day": 250}}
    first = collect(a_source(x, clock, **budget))
    assert words(first) == acme(range(150, 400))
    assert len(x.sent) == 250
    last = first.batches[-1]
    assert last.health is Health.DEGRADED
    assert "250 posts a day is used up" in last.note
    again = collect(a_source(x, clock, **budget), first.cursor)
    assert len(x.sent) == 250
    assert "used up" in again.batches[-1].note
    clock.moment += timedelta(hours=12)  # a new day begins
    x.post(clock.moment - MINUTE, "acme 400")
    rest = collect(a_source(x, clock, **budget), again.cursor)
    assert words(rest) == acme(range(150))
    newest = collect(a_source(x, clock, **budget), rest.cursor)
    assert words(newest) == {"acme 400"}


def test_a_cap_that_leaves_less_than_a_page_is_kept(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(100))
    collect(a_source(x, clock, budget={"posts_per_day": 35}))
    assert len(x.sent) <= 35


def test_another_query_starts_afresh_and_keeps_the_bill(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(30))
    budget = {"posts_per_day": 40}
    first = collect(a_source(x, clock, budget=budget))
    x.post(clock.moment - MINUTE, "northgate closed my account")
    second = collect(a_source(x, clock, budget=budget, query="northgate"), first.cursor)
    assert words(second) == {"northgate closed my account"}
    assert '"read":31' in (second.cursor or "")


def test_conversations_bring_what_does_not_name_the_brand(x: FakeX, clock: Clock) -> None:
    root = x.post(clock.moment - 50 * MINUTE, "acme took my money")
    other = x.post(clock.moment - 3 * DAY, "hello")
    x.post(clock.moment - 40 * MINUTE, "same here", "bob", answers=root)
    x.post(clock.moment - 2 * DAY, "unrelated", "bob", answers=other)
    first = collect(a_source(x, clock, conversations=True))
    assert words(first) == {"acme took my money", "same here"}
    x.post(clock.moment - MINUTE, "and again", "bob", answers=root)
    second = collect(a_source(x, clock, conversations=True), first.cursor)
    assert words(second) == {"and again"}
    assert second.mentions[0].thread.root == str(root)
    clock.moment += 3 * DAY
    x.asked.clear()
    collect(a_source(x, clock, conversations=True), second.cursor)
    assert len(x.asked) == 1  # what nobody speaks of any more is left alone


# --- trouble -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=500), Transient),
        (Answer(status=503), Transient),
        (Answer(b"<html>log in</html>", headers={"Content-Type": "text/html"}), Unreadable),
        (Answer(b'{"data": [{"id": "1', length=9_999), Transient),
        (Answer(b'{"data": []}'), Unreadable),
        (Answer(b"[]"), Unreadable),
        (Answer(b"[" * 100_000), Unreadable),
        (Answer(b"[]", status=400), Unreadable),
        (Answer(b'{"errors": [7], "error": 3}', status=418), Unreadable),
        (Answer(b"{}", status=402), CredentialsRejected),
        (Answer(b"{}", status=403), CredentialsRejected),
        (Answer(status=301, headers={"Location": "http://169.254.169.254/"}), Unreadable),
        (Answer(status=429), RateLimited),
    ],
)
def test_trouble_of_one_answer(
    x: FakeX, clock: Clock, answer: Answer, error: type[SourceError]
) -> None:
    fill(x, clock, range(3))
    x.trouble.append(answer)
    with pytest.raises(error):
        collect(a_source(x, clock))
    assert len(x.asked) == 1  # nothing was tried again
    assert words(collect(a_source(x, clock))) == acme(range(3))


def test_the_rate_limit_names_its_moment_and_the_walk_goes_on(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(300))
    x.left = 2
    stream = a_source(x, clock).collect(None)
    batches = [next(stream), next(stream)]
    with pytest.raises(RateLimited) as caught:
        next(stream)
    assert caught.value.until == clock.moment + 15 * MINUTE
    x.left = 450
    rest = collect(a_source(x, clock), batches[-1].cursor)
    assert words(rest) | words(Run(None, batches)) == acme(range(300))


def test_unknown_fields_and_broken_posts(x: FakeX, clock: Clock) -> None:
    numbers = fill(x, clock, range(4))
    x.posts[numbers[0]].more = {"brand_new": [1], "public_metrics": 7, "entities": []}
    x.posts[numbers[1]].more = {"id": "x"}
    x.posts[numbers[2]].more = {"text": None}
    x.posts[numbers[3]].more = {"created_at": "soon", "author_id": 4, "edit_history_tweet_ids": 1}
    (batch,) = collect(a_source(x, clock)).batches
    assert {one.external_id for one in batch.mentions} == {str(numbers[0]), str(numbers[3])}
    assert len(batch.rejected) == 2
    assert batch.health is Health.DEGRADED


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", '{"format":1}', '{"format":9}', "{}"])
def test_a_foreign_cursor_is_the_beginning(x: FakeX, clock: Clock, cursor: str) -> None:
    fill(x, clock, range(3))
    assert words(collect(a_source(x, clock), cursor)) == acme(range(3))


def test_no_secret_reaches_a_cursor_or_an_error(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(3))
    run = collect(a_source(x, clock))
    x.trouble.append(Answer(status=500))
    with pytest.raises(Transient) as caught:
        collect(a_source(x, clock))
    assert "sesame" not in f"{run.cursor}{run.batches}{caught.value}"


# --- check, verify, settings ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({"bearer_token": "guess"}, "bearer_token"),
        ({"query": 'acme "'}, "query"),
        ({"allow_private": False}, "allow_private"),
        ({"base_url": "http://127.0.0.1:1"}, "base_url"),
    ],
)
def test_check_names_the_setting(
    x: FakeX, clock: Clock, settings: dict[str, object], setting: str
) -> None:
    check = a_source(x, clock, **settings).check()
    assert (check.ok, check.setting) == (False, setting)
    assert "guess" not in check.message


def test_check_reads_ten_posts(x: FakeX, clock: Clock) -> None:
    fill(x, clock, range(40))
    assert a_source(x, clock).check().ok
    assert len(x.sent) == 10


def test_verify_tells_deleted_from_unknown(x: FakeX, clock: Clock) -> None:
    numbers = fill(x, clock, range(130))
    x.delete(numbers[0])
    x.delete(numbers[1], "not-authorized-for-resource")
    found = a_source(x, clock).verify([*map(str, numbers), "17", "rubbish"])
    assert len(x.asked) == 2
    assert found[str(numbers[0])] is Verification.DELETED
    assert found["17"] is Verification.DELETED
    assert found[str(numbers[1])] is found["rubbish"] is Verification.UNKNOWN
    assert sum(one is Verification.PRESENT for one in found.values()) == 128


def test_verify_never_takes_trouble_for_deleted(x: FakeX, clock: Clock) -> None:
    for answer, error in ((Answer(status=500), Transient), (Answer(b"{}"), Unreadable)):
        x.trouble.append(answer)
        with pytest.raises(error):
            a_source(x, clock).verify(["17"])


@pytest.mark.parametrize(
    "settings",
    [
        {"query": " "},
        {"query": "x" * 5_000},
        {"bearer_token": ""},
        {"bearer_token": "with\nline"},
        {"history": "8d"},
        {"budget": {"posts_per_day": 3}},
        {"base_url": "x"},
    ],
)
def test_settings_are_checked(x: FakeX, clock: Clock, settings: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        a_source(x, clock, **settings)
