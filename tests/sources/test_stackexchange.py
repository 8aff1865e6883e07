from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pydantic
import pytest

from sources.errors import (
    Blocked,
    CredentialsRejected,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.protocols import CanVerify, Health, Responder, Verification
from sources.stackexchange.settings import StackExchangeSettings
from sources.stackexchange.source import StackExchangeSource
from sources.testing.contract import Run, check_contract, collect
from sources.testing.stackexchange import Asking, FakeStackExchange, refusal
from sources.testing.web import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOW = int(NOON.timestamp())


@pytest.fixture
def stack() -> Iterator[FakeStackExchange]:
    with FakeStackExchange() as server:
        yield server


def a_source(
    stack: FakeStackExchange, now: datetime = NOON, **settings: object
) -> StackExchangeSource:
    settings = {
        "name": "so",
        "tags": ["acme"],
        "base_url": stack.address,
        "allow_private": True,
        **settings,
    }
    return StackExchangeSource(StackExchangeSettings.model_validate(settings), lambda: now)


def a_question(number: int, minutes_ago: float = 0, **more: object) -> Asking:
    asked = NOW - int((minutes_ago or 2_000 - number) * 60)
    return Asking(number, f"Question {number}", asked, **more)  # type: ignore[arg-type]


def numbers(run: Run) -> list[int]:
    return [int(mention.external_id.rpartition("/")[2]) for mention in run.mentions]


def test_keeps_the_contract(stack: FakeStackExchange) -> None:
    stack.questions = [a_question(number) for number in range(1, 320)]
    stack.quota = 10_000
    whole = check_contract(lambda: a_source(stack))
    assert numbers(whole) == list(range(1, 320))
    assert [len(batch.mentions) for batch in whole.batches] == [100, 99, 99, 21]


def test_keeps_the_contract_with_nothing_there(stack: FakeStackExchange) -> None:
    whole = check_contract(lambda: a_source(stack))
    assert whole.batches[-1].health is Health.QUIET


def test_reads_what_was_asked(stack: FakeStackExchange) -> None:
    stack.questions = [
        Asking(
            42,
            "Why does &quot;Acme&quot; say &lt;b&gt;no&lt;/b&gt; \U0001f621?",
            NOW - 60,
            "<p>First &amp; last</p><script>x()</script><pre><code>a &lt; b</code></pre>",
        )
    ]
    (mention,) = collect(a_source(stack)).mentions
    assert mention.title == 'Why does "Acme" say <b>no</b> \U0001f621?'
    assert mention.text == "First & last\n\na < b"
    assert mention.key == ("stackexchange", "stackoverflow/q/42")
    assert (mention.author.id, mention.author.name) == ("stackoverflow/u/77", "Rosa & Co")
    assert mention.metrics == {"score": -1, "replies": 0, "views": 12}
    assert mention.created_at == NOON - timedelta(minutes=1)


def test_words_and_several_tags_go_to_the_search(stack: FakeStackExchange) -> None:
    stack.questions = [
        a_question(1, tags=("acme-pay",)),
        a_question(2, tags=("cats",)),
        a_question(3, body="<p>acme fees</p>"),
    ]
    assert numbers(collect(a_source(stack, tags=["acme", "acme-pay"]))) == [1, 3]
    assert numbers(collect(a_source(stack, tags=[], query="fees"))) == [3]
    assert {one.path.partition("?")[0] for one in stack.web.asked} == {"/2.3/search/advanced"}
    collect(a_source(stack))
    assert stack.web.asked[-1].path.startswith("/2.3/questions?")


def test_a_burst_in_one_second_is_read_whole(stack: FakeStackExchange) -> None:
    stack.questions = [a_question(1)]
    cursor = collect(a_source(stack)).cursor
    stack.questions += [a_question(number, minutes_ago=5) for number in range(10, 460)]
    run = collect(a_source(stack), cursor)
    assert sorted(numbers(run)) == list(range(10, 460))


def test_edits_come_again_answers_do_not(stack: FakeStackExchange) -> None:
    stack.questions = [a_question(1), a_question(2)]
    cursor = collect(a_source(stack)).cursor
    stack.questions[0].touched = stack.questions[1].touched = NOW - 30
    stack.questions[0].body = "<p>other words</p>"
    run = collect(a_source(stack), cursor)
    assert [mention.text for mention in run.mentions] == ["other words"]


def test_what_the_index_shows_late_is_found(stack: FakeStackExchange) -> None:
    stack.questions = [a_question(1, minutes_ago=10)]
    cursor = collect(a_source(stack)).cursor
    stack.questions.append(a_question(2, minutes_ago=25))
    assert numbers(collect(a_source(stack), cursor)) == [2]


def test_the_first_run_looks_back_as_far_as_told(stack: FakeStackExchange) -> None:
    stack.questions = [a_question(1, minutes_ago=60 * 49), a_question(2, minutes_ago=60 * 47)]
    assert numbers(collect(a_source(stack, history="2d"))) == [2]


def test_a_clock_that_is_behind_loses_nothing(stack: FakeStackExchange) -> None:
    stack.questions = [a_question(1, minutes_ago=-90), a_question(2, minutes_ago=5)]
    run = collect(a_source(stack))
    assert max(mention.created_at for mention in run.mentions) == NOON
    stack.questions.append(a_question(3, minutes_ago=4))
    assert numbers(collect(a_source(stack), run.cursor)) == [3]


def test_backoff_is_kept_between_pages_and_runs(stack: FakeStackExchange) -> None:
    stack.questions = [a_question(number) for number in range(1, 150)]
    stack.backoff = 30
    stream = a_source(stack).collect(None)
    first = next(stream)
    assert len(first.mentions) == 100
    with pytest.raises(RateLimited) as caught:
        next(stream)
    assert caught.value.until is not None
    assert NOON + timedelta(seconds=30) <= caught.value.until <= NOON + timedelta(seconds=32)
    asked = len(stack.web.asked)
    with pytest.raises(RateLimited):
        collect(a_source(stack), first.cursor)
    assert len(stack.web.asked) == asked, "it does not ask while it should wait"
    later = NOON + timedelta(minutes=1)
    assert max(numbers(collect(a_source(stack, later), first.cursor))) == 149


def test_a_used_up_day_waits_for_the_next(stack: FakeStackExchange) -> None:
    stack.questions = [a_question(number) for number in range(1, 150)]
    stack.quota = 1
    stream = a_source(stack).collect(None)
    first = next(stream)
    with pytest.raises(RateLimited) as caught:
        next(stream)
    assert caught.value.until is not None
    assert caught.value.until.date() == datetime(2026, 11, 21).date()
    stack.quota = 300
    later = NOON + timedelta(days=1)
    assert max(numbers(collect(a_source(stack, later), first.cursor))) == 149


def test_a_throttled_address_is_told_for_how_long(stack: FakeStackExchange) -> None:
    stack.quota = 0
    with pytest.raises(RateLimited) as caught:
        collect(a_source(stack))
    assert caught.value.until == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "error", "setting"),
    [
        (refusal(400, "bad_parameter", "No site found for name `x`"), Unreadable, "site"),
        (refusal(400, "bad_parameter", "`key` is not an app"), CredentialsRejected, "key"),
        (refusal(403, "access_denied", "no", 403), CredentialsRejected, "key"),
        (refusal(400, "bad_parameter", "tagged"), Unreadable, "query"),
        (refusal(500, "internal_error", "sorry", 500), Transient, "base_url"),
        (refusal(503, "temporarily_unavailable", "sorry", 503), Transient, "base_url"),
        (Answer(b"<title>Just a moment</title>", 403), CredentialsRejected, "key"),
        (Answer(b"<title>Bad gateway</title>", 502), Transient, "base_url"),
        (Answer(b'{"items": [{"ques'), Transient, "base_url"),
        (Answer(b'{"quota": 3}'), Unreadable, "query"),
        (Answer(b"", status=504), Transient, "base_url"),
    ],
)
def test_trouble_is_never_silence(
    stack: FakeStackExchange, answer: Answer, error: type[SourceError], setting: str
) -> None:
    stack.trouble = answer
    with pytest.raises(error):
        collect(a_source(stack))
    check = a_source(stack).check()
    assert (check.ok, check.setting) == (False, setting)


def test_no_error_shows_the_key(stack: FakeStackExchange) -> None:
    stack.trouble = refusal(400, "bad_parameter", "`key` doesn't match a known application")
    with pytest.raises(CredentialsRejected) as caught:
        collect(a_source(stack, key="sesame"))
    assert "sesame" not in str(caught.value)
    assert "key=sesame" in stack.web.asked[-1].path
    stack.trouble = None
    assert "sesame" not in (collect(a_source(stack, key="sesame")).cursor or "")


def test_a_private_address_needs_a_setting(stack: FakeStackExchange) -> None:
    with pytest.raises(Blocked):
        collect(a_source(stack, allow_private=False))
    assert a_source(stack, allow_private=False).check().setting == "allow_private"


def test_entries_without_id_or_date_are_named(stack: FakeStackExchange) -> None:
    stack.trouble = Answer(b'{"items": [{"question_id": 1}, 7, {"creation_date": 5}]}')
    (batch,) = collect(a_source(stack)).batches
    assert batch.health is Health.DEGRADED
    assert len(batch.rejected) == 3


def test_check_says_what_is_left_of_the_day(stack: FakeStackExchange) -> None:
    stack.questions = [a_question(1)]
    assert a_source(stack).check().message == (
        "stackoverflow: questions are found; 299 requests left today"
    )


def test_looks_questions_up_again(stack: FakeStackExchange) -> None:
    source = a_source(stack)
    assert isinstance(source, CanVerify)
    assert isinstance(source, Responder)
    stack.questions = [a_question(1), a_question(3)]
    found = source.verify(["stackoverflow/q/1", "stackoverflow/q/2", "money/q/3", "x"])
    assert found == {
        "stackoverflow/q/1": collect(source).mentions[0],
        "stackoverflow/q/2": Verification.DELETED,
        "money/q/3": Verification.UNKNOWN,
        "x": Verification.UNKNOWN,
    }
    stack.trouble = Answer(status=500)
    with pytest.raises(Transient):
        source.verify(["stackoverflow/q/1", "stackoverflow/q/2"])


@pytest.mark.parametrize(
    "cursor", ["", "{}", "[]", '{"format":1,"about":"x"}', '{"format":1,"about":"x","since":"a"}']
)
def test_a_foreign_cursor_starts_afresh(stack: FakeStackExchange, cursor: str) -> None:
    stack.questions = [a_question(1)]
    assert numbers(collect(a_source(stack), cursor)) == [1]


@pytest.mark.parametrize(
    "wrong", [{"tags": []}, {"site": "Stack Overflow"}, {"tags": ["a;b"]}, {"base_url": "x"}]
)
def test_settings_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        StackExchangeSettings.model_validate({"name": "x", "tags": ["acme"], **wrong})
