from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import pydantic
import pytest

from sources.errors import (
    Blocked,
    CredentialsRejected,
    Gone,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.http.fetch import Limits
from sources.mention import Mention
from sources.protocols import CanVerify, Health, Responder, Verification
from sources.reddit.settings import RedditSettings
from sources.reddit.source import RedditSource
from sources.testing.clock import Clock
from sources.testing.contract import Run, check_contract, collect
from sources.testing.reddit import FakeReddit
from sources.testing.web import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 11, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def reddit() -> Iterator[FakeReddit]:
    with FakeReddit() as server:
        yield server


@pytest.fixture(autouse=True)
def never_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(seconds: float) -> None:
        raise AssertionError(f"slept for {seconds} seconds")

    monkeypatch.setattr("time.sleep", sleep)


def a_source(
    reddit: FakeReddit, clock: Clock, limits: Limits | None = None, **settings: object
) -> RedditSource:
    plain: dict[str, object] = {
        "name": "reddit",
        "subreddits": ["banking"],
        "comments": False,
        "client_id": "reader",
        "client_secret": "sesame",
        "base_url": reddit.url(""),
        "allow_private": True,
    }
    return RedditSource(RedditSettings.model_validate(plain | settings), clock, limits)


def fill(reddit: FakeReddit, numbers: range, every: timedelta = MINUTE) -> list[str]:
    return [
        reddit.post("banking", START + number * every, f"Post {number}", f"words {number}")
        for number in numbers
    ]


def titles(run: Run) -> set[str]:
    return {mention.title for mention in run.mentions}


Trouble = TypeVar("Trouble", bound=SourceError)


def stopped(source: RedditSource, cursor: str | None, error: type[Trouble]) -> tuple[Run, Trouble]:
    run = Run(cursor)
    stream = source.collect(cursor)
    while True:
        try:
            batch = next(stream)
        except error as trouble:
            return run, trouble
        run.batches.append(batch)
        run.cursor = batch.cursor


def posts(numbers: range) -> set[str]:
    return {f"Post {number}" for number in numbers}


# --- the contract --------------------------------------------------------------------------------


def test_keeps_the_contract(reddit: FakeReddit, clock: Clock) -> None:
    names = fill(reddit, range(250))
    for number in range(130):
        reddit.comment(names[number], START + number * MINUTE, f"me too {number}")
    reddit.named = [reddit.comment(names[0], START, "hey u/acmebank, \U0001f624 \u202eabc שלום")]
    settings = {
        "comments": True,
        "search": ["post 24"],
        "mentions": True,
        "username": "acmebank",
        "password": "swordfish",
    }
    whole = check_contract(lambda: a_source(reddit, clock, **settings))
    assert len(whole.texts) == 250 + 131
    assert [len(batch.mentions) for batch in whole.batches] == [100, 100, 50, 100, 31, 11, 1]
    assert all(batch.gap is None for batch in whole.batches)


def test_is_a_responder_and_can_verify(reddit: FakeReddit, clock: Clock) -> None:
    root = reddit.post("banking", START, "Card blocked", "Third time.", "ada")
    reddit.comment(root, START + MINUTE, "Same &amp; here", "bob")
    source = a_source(reddit, clock, comments=True)
    assert isinstance(source, Responder)
    assert isinstance(source, CanVerify)
    post, comment = collect(source).mentions
    assert source.reply_link(post) == f"https://www.reddit.com/r/banking/comments/{root[3:]}/title/"
    assert (post.kind, post.external_id, post.full_text) == (
        "reddit",
        root,
        "Card blocked\n\nThird time.",
    )
    assert (post.author.id, post.author.handle, post.thread.root) == ("u/ada", "u/ada", "")
    assert (comment.thread.root, comment.thread.parent) == (root, root)
    assert comment.created_at == START + MINUTE


# --- nothing is lost -----------------------------------------------------------------------------


def test_an_idle_visit_is_one_request_and_quiet(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(300))
    first = collect(a_source(reddit, clock))
    reddit.asked.clear()
    second = collect(a_source(reddit, clock), first.cursor)
    assert [batch.health for batch in second.batches] == [Health.QUIET]
    assert len(reddit.asked) == 2  # the token and one page
    assert len(first.cursor or "") < 6_000


def test_a_burst_beyond_the_page_is_walked(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(50))
    first = collect(a_source(reddit, clock))
    fill(reddit, range(50, 480))
    second = collect(a_source(reddit, clock), first.cursor)
    assert titles(second) >= posts(range(50, 480))
    assert all(batch.gap is None for batch in second.batches)


def test_a_burst_beyond_the_depth_is_a_gap(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(50))
    first = collect(a_source(reddit, clock))
    fill(reddit, range(50, 1_300))
    second = collect(a_source(reddit, clock), first.cursor)
    assert titles(second) == posts(range(300, 1_300))
    last = second.batches[-1]
    assert last.health is Health.DEGRADED
    assert last.gap is not None
    assert (last.gap.start, last.gap.end) == (START + 49 * MINUTE, START + 300 * MINUTE)
    assert "r/banking/new shows 1,000 posts and more were new" in last.note
    third = collect(a_source(reddit, clock), second.cursor)
    assert all(batch.gap is None for batch in third.batches)


def test_a_burst_beyond_the_depth_after_an_empty_list_is_a_gap(
    reddit: FakeReddit, clock: Clock
) -> None:
    clock.moment = START - MINUTE
    first = collect(a_source(reddit, clock))
    clock.moment = START
    still = collect(a_source(reddit, clock), first.cursor)
    assert [batch.note for batch in still.batches] == [""]
    fill(reddit, range(1_200))
    clock.moment = START + 1_200 * MINUTE
    second = collect(a_source(reddit, clock), still.cursor)
    assert titles(second) == posts(range(200, 1_200))
    gap = second.batches[-1].gap
    assert gap is not None
    assert (gap.start, gap.end) == (START, START + 200 * MINUTE)


def test_a_first_walk_to_the_bottom_is_no_gap(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(1_200))
    whole = collect(a_source(reddit, clock))
    assert len(whole.mentions) == 1_000
    assert all(batch.gap is None for batch in whole.batches)


@pytest.mark.parametrize("died_after", [1, 2, 3, 4])
def test_a_crash_in_mid_walk_and_a_burst_lose_nothing(
    reddit: FakeReddit, clock: Clock, died_after: int
) -> None:
    fill(reddit, range(50))
    first = collect(a_source(reddit, clock))
    fill(reddit, range(50, 480))
    second = collect(a_source(reddit, clock), first.cursor, batches=died_after)
    fill(reddit, range(480, 700))
    third = collect(a_source(reddit, clock), second.cursor)
    fourth = collect(a_source(reddit, clock), third.cursor)
    assert titles(second) | titles(third) | titles(fourth) >= posts(range(50, 700))


def test_a_deleted_anchor_loses_nothing(reddit: FakeReddit, clock: Clock) -> None:
    names = fill(reddit, range(50))
    first = collect(a_source(reddit, clock))
    reddit.delete(names[-1])
    fill(reddit, range(50, 380))
    second = collect(a_source(reddit, clock), first.cursor)
    assert titles(second) >= posts(range(50, 380))
    assert all(batch.gap is None for batch in second.batches)


def test_a_deleted_resume_anchor_starts_the_walk_again(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(50))
    first = collect(a_source(reddit, clock))
    names = fill(reddit, range(50, 480))
    second = collect(a_source(reddit, clock), first.cursor, batches=2)
    reddit.delete(names[-200])  # the last one of the second page
    third = collect(a_source(reddit, clock), second.cursor)
    assert titles(second) | titles(third) >= posts(range(50, 480)) - {"Post 280"}
    assert all(batch.gap is None for batch in third.batches)


def test_an_anchor_deleted_between_two_pages_starts_the_walk_again(
    reddit: FakeReddit, clock: Clock
) -> None:
    fill(reddit, range(50))
    first = collect(a_source(reddit, clock))
    names = fill(reddit, range(50, 480))
    seen: set[str] = set()
    for number, batch in enumerate(a_source(reddit, clock).collect(first.cursor)):
        seen |= {mention.title for mention in batch.mentions}
        assert batch.gap is None
        if number == 1:
            reddit.delete(names[-200])
    assert seen >= posts(range(50, 480))


def test_equal_times_on_a_page_border(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(50), timedelta(0))
    first = collect(a_source(reddit, clock))
    fill(reddit, range(50, 250), timedelta(0))
    second = collect(a_source(reddit, clock), first.cursor)
    assert titles(second) == posts(range(50, 250))


def test_a_post_that_was_held_back_is_still_seen(reddit: FakeReddit, clock: Clock) -> None:
    names = fill(reddit, range(300))
    reddit.thing(names[295]).listed = False
    first = collect(a_source(reddit, clock))
    reddit.thing(names[295]).listed = True
    second = collect(a_source(reddit, clock), first.cursor)
    assert titles(second) == {"Post 295"}


def test_an_old_post_out_of_its_place_does_not_end_the_walk(
    reddit: FakeReddit, clock: Clock
) -> None:
    fill(reddit, range(50))
    first = collect(a_source(reddit, clock))
    names = fill(reddit, range(50, 380))
    reddit.thing(names[-100]).more = {"created_utc": 1_100_000_000}  # the last of the first page
    second = collect(a_source(reddit, clock), first.cursor)
    assert titles(second) >= posts(range(50, 380))


def test_an_edit_comes_again(reddit: FakeReddit, clock: Clock) -> None:
    names = fill(reddit, range(5))
    first = collect(a_source(reddit, clock))
    reddit.edit(names[2], "EDIT: they called back")
    (mention,) = collect(a_source(reddit, clock), first.cursor).mentions
    assert (mention.external_id, mention.text) == (names[2], "EDIT: they called back")


def test_a_deletion_that_is_still_listed_is_a_tombstone(reddit: FakeReddit, clock: Clock) -> None:
    names = fill(reddit, range(5))
    first = collect(a_source(reddit, clock))
    reddit.delete(names[2], listed=True)
    (batch,) = collect(a_source(reddit, clock), first.cursor).batches
    assert [one.external_id for one in batch.tombstones] == [names[2]]
    assert batch.mentions == []


def test_an_empty_list_after_a_full_one_is_noted(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(5))
    first = collect(a_source(reddit, clock))
    for thing in reddit.things:
        thing.listed = False
    (batch,) = collect(a_source(reddit, clock), first.cursor).batches
    assert (batch.health, batch.note) == (
        Health.DEGRADED,
        "r/banking/new is empty; it held posts before",
    )
    assert batch.gap is None


def test_a_date_in_the_future_does_not_hide_what_follows(reddit: FakeReddit, clock: Clock) -> None:
    reddit.post("banking", clock.moment + timedelta(days=900), "From the future")
    fill(reddit, range(50))
    first = collect(a_source(reddit, clock))
    clock.moment += timedelta(hours=6)
    for number in range(250):
        reddit.post(
            "banking", clock.moment - (250 - number) * timedelta(seconds=30), f"New {number}"
        )
    second = collect(a_source(reddit, clock), first.cursor)
    assert titles(second) >= {f"New {number}" for number in range(250)}


def test_every_list_has_its_turn_when_the_share_is_small(reddit: FakeReddit, clock: Clock) -> None:
    subreddits = [f"place{number}" for number in range(6)]
    for subreddit in subreddits:
        reddit.post(subreddit, START, f"Hello {subreddit}")
    seen: set[str] = set()
    cursor = None
    for _ in range(3):
        reddit.left = 4
        source = a_source(reddit, clock, subreddits=subreddits)
        run, trouble = stopped(source, cursor, RateLimited)
        assert trouble.until == clock.moment + timedelta(seconds=300)
        cursor = run.cursor
        seen |= titles(run)
    assert seen == {f"Hello {subreddit}" for subreddit in subreddits}


# --- what is odd ---------------------------------------------------------------------------------


def test_unknown_fields_and_broken_items(reddit: FakeReddit, clock: Clock) -> None:
    names = fill(reddit, range(4))
    reddit.thing(names[0]).more = {"brand_new": {"x": [1]}, "score": True}
    reddit.thing(names[1]).more = {"created_utc": "soon"}
    reddit.thing(names[2]).more = {"title": None, "selftext": None, "selftext_html": 3}
    (batch,) = collect(a_source(reddit, clock)).batches
    assert {mention.external_id for mention in batch.mentions} == {names[0], names[3]}
    assert len(batch.rejected) == 2
    assert batch.health is Health.DEGRADED
    assert names[1] in batch.note


def test_private_messages_between_mentions_are_left_alone(reddit: FakeReddit, clock: Clock) -> None:
    name = reddit.post("banking", START, "Hello")
    reddit.thing(name).more = {"name": "t4_abc"}
    (batch,) = collect(a_source(reddit, clock)).batches
    assert (batch.mentions, batch.rejected) == ([], ())


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", '{"format":1}', '{"format":9}', "{}"])
def test_a_foreign_cursor_is_the_beginning(reddit: FakeReddit, clock: Clock, cursor: str) -> None:
    fill(reddit, range(3))
    assert titles(collect(a_source(reddit, clock), cursor)) == posts(range(3))


# --- trouble -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=500), Transient),
        (Answer(status=503), Transient),
        (Answer(b"<html>log in</html>", headers={"Content-Type": "text/html"}), Unreadable),
        (Answer(b'{"kind": "Listing", "data": {"chil', length=9_999), Transient),
        (Answer(b'{"kind": "Listing", "data": {"children": 7}}'), Unreadable),
        (Answer(b"[" * 100_000), Unreadable),
        (Answer(b"", status=204), Unreadable),
        (Answer(b""), Unreadable),
        (Answer(status=302, headers={"Location": "http://169.254.169.254/"}), Unreadable),
        (Answer(status=429, headers={"Retry-After": "60"}), RateLimited),
    ],
)
def test_trouble_of_one_answer(
    reddit: FakeReddit, clock: Clock, answer: Answer, error: type[SourceError]
) -> None:
    fill(reddit, range(3))
    reddit.trouble.extend([None, answer])
    with pytest.raises(error):
        collect(a_source(reddit, clock))
    assert len(reddit.asked) == 2  # nothing was tried again
    assert titles(collect(a_source(reddit, clock))) == posts(range(3))


@pytest.mark.parametrize(
    ("header", "value", "minutes"),
    [
        ("Retry-After", "120", 2),
        ("Retry-After", "{date}", 5),
        ("X-Rate-Limit-Reset", "{epoch}", 5),
        ("X-RateLimit-Reset", "240", 4),
    ],
)
def test_patience_in_every_form(
    reddit: FakeReddit, clock: Clock, header: str, value: str, minutes: int
) -> None:
    later = clock.moment + 5 * MINUTE
    date = later.strftime("%a, %d %b %Y %H:%M:%S GMT")
    value = value.format(date=date, epoch=int(later.timestamp()))
    reddit.trouble.extend([None, Answer(status=429, headers={header: value})])
    with pytest.raises(RateLimited) as caught:
        collect(a_source(reddit, clock))
    assert caught.value.until == clock.moment + minutes * MINUTE


def test_stops_before_praw_would_sleep(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(500))
    reddit.left = 3
    run, _ = stopped(a_source(reddit, clock), None, RateLimited)
    assert len(run.mentions) == 200
    reddit.left = 900
    rest = collect(a_source(reddit, clock), run.cursor)
    assert titles(run) | titles(rest) == posts(range(500))


def test_a_token_that_expires_is_renewed(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(250))
    seen: set[str] = set()
    for batch in a_source(reddit, clock).collect(None):
        seen |= {mention.title for mention in batch.mentions}
        reddit.expire_tokens()
    assert seen == posts(range(250))


def test_a_token_that_is_refused_twice_is_for_a_person(reddit: FakeReddit, clock: Clock) -> None:
    refused = Answer(b"{}", status=401)
    reddit.trouble.extend([None, refused])
    with pytest.raises(CredentialsRejected, match="client_id"):
        collect(a_source(reddit, clock))


def test_a_large_answer_is_blocked(reddit: FakeReddit, clock: Clock) -> None:
    bomb = gzip.compress(bytes(3_000_000))
    reddit.trouble.extend([None, Answer(bomb, headers={"Content-Encoding": "gzip"})])
    with pytest.raises(Blocked, match="decompressed"):
        collect(a_source(reddit, clock, Limits(plain_bytes=1_000_000)))


def test_an_answer_that_drips_meets_the_deadline(reddit: FakeReddit, clock: Clock) -> None:
    drip = Answer(b"{", parts=(b" " for _ in iter(int, 1)))
    reddit.trouble.extend([None, drip])
    with pytest.raises((Transient, Blocked)):
        collect(a_source(reddit, clock, Limits(seconds=0.2, step_seconds=0.2)))


def test_one_closed_subreddit_does_not_hide_the_others(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(3))
    reddit.closed = {"secret": (403, "private"), "burnt": (404, "banned")}
    source = a_source(reddit, clock, subreddits=["secret", "burnt", "banking"])
    run, trouble = stopped(source, None, CredentialsRejected)
    assert titles(run) == posts(range(3))
    assert "private" in str(trouble)
    assert "and 1 more" in str(trouble)


@pytest.mark.parametrize(
    ("closed", "error", "says"),
    [
        ((403, "private"), CredentialsRejected, "private"),
        ((404, "banned"), Gone, "banned"),
        ((404, ""), Unreadable, "404"),
        ((302, "/subreddits/search?q=banking"), Unreadable, "no such subreddit"),
    ],
)
def test_wrong_subreddits(
    reddit: FakeReddit,
    clock: Clock,
    closed: tuple[int, str],
    error: type[SourceError],
    says: str,
) -> None:
    reddit.closed = {"banking": closed}
    with pytest.raises(error, match=says):
        collect(a_source(reddit, clock))
    check = a_source(reddit, clock).check()
    assert (check.ok, check.setting) == (False, "subreddits")
    assert says in check.message


# --- check, verify, settings ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({"client_secret": "guess"}, "client_id"),
        ({"username": "acmebank", "password": "guess"}, "password"),
        ({"allow_private": False}, "allow_private"),
        ({"base_url": "http://127.0.0.1:9"}, "base_url"),
    ],
)
def test_check_names_the_setting(
    reddit: FakeReddit, clock: Clock, settings: dict[str, object], setting: str
) -> None:
    check = a_source(reddit, clock, **settings).check()
    assert (check.ok, check.setting) == (False, setting)
    assert "guess" not in check.message
    assert "sesame" not in check.message


def test_check_reads_every_list(reddit: FakeReddit, clock: Clock) -> None:
    check = a_source(reddit, clock, search=["acme bank"]).check()
    assert check.ok
    assert check.message == "r/banking/new, search 'acme bank': can be read"


def test_verify_tells_deleted_from_unknown(reddit: FakeReddit, clock: Clock) -> None:
    names = fill(reddit, range(230))
    comment = reddit.comment(names[0], START, "me too")
    reddit.delete(names[0])
    reddit.thing(comment).body = "[removed]"
    reddit.asked.clear()
    found = a_source(reddit, clock).verify([*names, comment, "t3_zzzzz", "rubbish"])
    assert len(reddit.asked) == 4  # the token and three times a hundred
    assert {name for name, one in found.items() if one is Verification.DELETED} == {
        names[0],
        comment,
    }
    assert (found["t3_zzzzz"], found["rubbish"]) == (Verification.UNKNOWN, Verification.UNKNOWN)
    assert sum(isinstance(one, Mention) for one in found.values()) == 229


def test_verify_says_what_a_post_says_now(reddit: FakeReddit, clock: Clock) -> None:
    first, second = fill(reddit, range(2))
    comment = reddit.comment(first, START, "me *too*")
    said = {one.external_id: one.full_text for one in collect(a_source(reddit, clock)).mentions}
    found = a_source(reddit, clock).verify([first, second, comment])
    assert (
        said.items() <= {name: getattr(one, "full_text", "") for name, one in found.items()}.items()
    )
    reddit.edit(comment, "solved")
    now = a_source(reddit, clock).verify([comment])[comment]
    assert isinstance(now, Mention)
    assert now.text == "solved"


def test_verify_never_takes_trouble_for_deleted(reddit: FakeReddit, clock: Clock) -> None:
    names = fill(reddit, range(3))
    reddit.trouble.extend([None, Answer(status=500)])
    with pytest.raises(Transient):
        a_source(reddit, clock).verify(names)


def test_no_secret_reaches_a_cursor_or_an_error(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(3))
    account = {"username": "acmebank", "password": "swordfish"}
    run = collect(a_source(reddit, clock, **account))
    reddit.trouble.extend([None, Answer(status=500)])
    with pytest.raises(Transient) as caught:
        collect(a_source(reddit, clock, **account))
    said = f"{run.cursor}{run.batches}{caught.value}"
    assert not any(secret in said for secret in ("sesame", "swordfish", "token-"))


def test_settings_of_the_environment_do_not_count(
    reddit: FakeReddit, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(reddit, range(3))
    for name, value in {
        "praw_site": "elsewhere",
        "praw_client_id": "evil",
        "praw_refresh_token": "evil",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    assert titles(collect(a_source(reddit, clock))) == posts(range(3))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"subreddits": []}, "nothing to read"),
        ({"subreddits": ["not a name"]}, "is no subreddit"),
        ({"client_secret": ""}, "client_id and client_secret"),
        ({"mentions": True}, "username and password"),
        ({"mode": "rss", "mentions": True}, "mode: api"),
        ({"search": [" "]}, "words to search"),
        ({"base_url": "reddit"}, "https://"),
    ],
)
def test_settings_are_checked(
    reddit: FakeReddit, clock: Clock, settings: dict[str, object], says: str
) -> None:
    with pytest.raises(pydantic.ValidationError, match=says):
        a_source(reddit, clock, **settings)


def test_names_are_taken_as_people_write_them(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(3))
    run = collect(a_source(reddit, clock, subreddits=["/r/banking/"]))
    assert titles(run) == posts(range(3))


# --- the feeds -----------------------------------------------------------------------------------

RSS = {"mode": "rss", "client_id": "", "client_secret": "", "comments": True}


def test_feeds_keep_the_contract(reddit: FakeReddit, clock: Clock) -> None:
    names = fill(reddit, range(60))
    reddit.comment(names[0], START, "me too \U0001f624")
    whole = check_contract(lambda: a_source(reddit, clock, **RSS, search=["Post 5"]))
    assert len(whole.texts) == 61


def test_feeds_and_interface_find_the_same_mentions(reddit: FakeReddit, clock: Clock) -> None:
    root = reddit.post("banking", START, "Card <blocked>", "Third time, says a & b.")
    reddit.comment(root, START, "Same here")
    fed = {mention.key: mention for mention in collect(a_source(reddit, clock, **RSS)).mentions}
    asked = {
        mention.key: mention for mention in collect(a_source(reddit, clock, comments=True)).mentions
    }
    assert fed.keys() == asked.keys()
    for key, mention in fed.items():
        other = asked[key]
        assert (mention.text, mention.title) == (other.text, other.title)
        assert (mention.author, mention.url) == (other.author, other.url)
        assert mention.thread.root == other.thread.root


def test_feeds_say_what_they_missed(reddit: FakeReddit, clock: Clock) -> None:
    fill(reddit, range(60))
    first = collect(a_source(reddit, clock, **RSS))
    fill(reddit, range(60, 300))
    second = collect(a_source(reddit, clock, **RSS), first.cursor)
    assert titles(second) == posts(range(200, 300))
    gap = next(batch.gap for batch in second.batches if batch.gap)
    assert (gap.start, gap.end) == (START + 59 * MINUTE, START + 200 * MINUTE)


def test_feeds_that_are_refused_say_so(reddit: FakeReddit, clock: Clock) -> None:
    reddit.trouble.append(Answer(status=429))
    with pytest.raises(RateLimited):
        collect(a_source(reddit, clock, **RSS))
    reddit.trouble.append(Answer(b"<html><title>whoa there</title></html>"))
    with pytest.raises(Unreadable, match="whoa there"):
        collect(a_source(reddit, clock, **RSS))
    assert a_source(reddit, clock, **RSS).verify(["t3_a"]) == {"t3_a": Verification.UNKNOWN}
