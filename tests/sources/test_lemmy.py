from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pydantic
import pytest

from sources.errors import (
    CredentialsRejected,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.lemmy.settings import LemmySettings
from sources.lemmy.source import LemmySource
from sources.mention import Thread
from sources.protocols import CanVerify, Health, Responder, Tombstone, Verification
from sources.testing.contract import Run, check_contract, collect
from sources.testing.lemmy import FakeLemmy, Said
from sources.testing.web import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


@pytest.fixture
def lemmy() -> Iterator[FakeLemmy]:
    with FakeLemmy() as server:
        yield server


def a_source(lemmy: FakeLemmy, noon: datetime, **settings: object) -> LemmySource:
    settings = {"name": "fedi", "url": lemmy.address, "allow_private": True, **settings}
    return LemmySource(LemmySettings.model_validate(settings), lambda: noon)


def a_post(number: int, text: str = "", **more: object) -> Said:
    at = START + timedelta(seconds=number)
    said = Said(number, text or f"words {number}", at, title=f"Post {number}")
    return replace(said, **more)


def a_comment(number: int, on: int, under: int = 0) -> Said:
    at = START + timedelta(seconds=number)
    return Said(number, f"answer {number}", at, on=on, under=under)


def names(run: Run) -> list[str]:
    return [mention.external_id.rpartition("/")[2] for mention in run.mentions]


def test_keeps_the_contract(lemmy: FakeLemmy, noon: datetime) -> None:
    lemmy.said = [a_post(number) for number in range(1, 121)]
    lemmy.said += [a_comment(number, on=3) for number in range(200, 260)]
    whole = check_contract(lambda: a_source(lemmy, noon))
    assert len(whole.texts) == 180


def test_keeps_the_contract_with_nothing_there(lemmy: FakeLemmy, noon: datetime) -> None:
    whole = check_contract(lambda: a_source(lemmy, noon))
    assert {batch.health for batch in whole.batches} == {Health.QUIET}


def test_reads_what_was_said_and_where(lemmy: FakeLemmy, noon: datetime) -> None:
    lemmy.said = [
        a_post(1, "My card\u202e was **blocked** \U0001f621 \u0645\u0631\u062d\u0628\u0627"),
        a_comment(7, on=1),
        a_comment(8, on=1, under=7),
        a_comment(9, on=1, under=4),
    ]
    run = collect(a_source(lemmy, noon))
    found = {mention.external_id: mention for mention in run.mentions}
    post = found["https://lemmy.example/post/1"]
    assert (
        post.full_text
        == "Post 1\n\nMy card was **blocked** \U0001f621 \u0645\u0631\u062d\u0628\u0627"
    )
    assert (post.kind, post.created_at) == ("lemmy", START + timedelta(seconds=1))
    assert (post.author.id, post.author.handle, post.author.name) == (
        "https://lemmy.example/u/rosa",
        "@rosa@lemmy.example",
        "Rosa",
    )
    assert post.metrics == {"score": 5, "replies": 2}
    threads = {name: found[f"https://lemmy.example/comment/{name}"].thread for name in (7, 8, 9)}
    root = post.external_id
    assert threads == {
        7: Thread(root, root),
        8: Thread(root, "https://lemmy.example/comment/7"),
        9: Thread(root, ""),
    }


def test_a_shared_link_is_part_of_what_was_said(lemmy: FakeLemmy, noon: datetime) -> None:
    lemmy.said = [a_post(1, "", more={"url": "https://news.example/a", "body": None})]
    (mention,) = collect(a_source(lemmy, noon)).mentions
    assert mention.full_text == "Post 1\n\nhttps://news.example/a"


def test_searches_and_keeps_to_communities(lemmy: FakeLemmy, noon: datetime) -> None:
    lemmy.said = [
        a_post(1, "acme again"),
        a_post(2, "acme again", community="cats"),
        a_post(3, "no"),
    ]
    assert names(collect(a_source(lemmy, noon, query="ACME"))) == ["2", "1"]
    assert names(collect(a_source(lemmy, noon, query="acme", communities=["!cats"]))) == ["2"]
    assert names(collect(a_source(lemmy, noon, communities=["cats"], comments=False))) == ["2"]
    assert [one.path.partition("?")[0] for one in lemmy.web.asked[-1:]] == ["/api/v3/post/list"]


def test_a_burst_between_two_runs_is_read_whole(lemmy: FakeLemmy, noon: datetime) -> None:
    lemmy.said = [a_post(1), a_post(2, featured=True)]
    cursor = collect(a_source(lemmy, noon)).cursor
    lemmy.said += [a_post(number, at=START + timedelta(hours=5)) for number in range(10, 260)]
    assert set(names(collect(a_source(lemmy, noon), cursor))) == set(map(str, range(10, 260)))


def test_edits_come_again_and_deletions_as_tombstones(lemmy: FakeLemmy, noon: datetime) -> None:
    lemmy.said = [a_post(1), a_post(2), a_post(3)]
    cursor = collect(a_source(lemmy, noon)).cursor
    lemmy.said[0].text = "other words"
    lemmy.said[1].deleted = True
    run = collect(a_source(lemmy, noon), cursor)
    assert [mention.text for mention in run.mentions] == ["other words"]
    gone = [tombstone for batch in run.batches for tombstone in batch.tombstones]
    assert gone == [Tombstone("lemmy", "https://lemmy.example/post/2")]


def test_a_post_without_id_or_date_is_named(lemmy: FakeLemmy, noon: datetime) -> None:
    lemmy.said = [a_post(1), a_post(2, more={"ap_id": None}), a_post(3, more={"published": "?"})]
    run = collect(a_source(lemmy, noon, comments=False))
    assert names(run) == ["1"]
    assert run.batches[0].health is Health.DEGRADED
    assert len(run.batches[0].rejected) == 2


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Answer(b"<title>Log in</title>"), Unreadable, "Log in"),
        (Answer(b'{"posts": ['), Transient, "broke off"),
        (Answer(b'{"posts": []', length=500), Transient, "api/v3"),
        (Answer(b'{"postings": []}'), Unreadable, "'posts'"),
        (Answer(b"[" * 100_000 + b"]"), Unreadable, "deep"),
        (Answer(b"", status=500), Transient, "500"),
        (Answer(b"", status=401), CredentialsRejected, "401"),
        (Answer(b'{"error":"couldnt_find_community"}', status=404), Unreadable, "couldnt_find"),
        (Answer(b'{"error":"rate_limit_error"}', status=400), RateLimited, "patience"),
        (Answer(b'{"error":"instance_is_private"}', status=400), CredentialsRejected, "private"),
    ],
)
def test_trouble_is_never_silence(
    lemmy: FakeLemmy, noon: datetime, answer: Answer, error: type[SourceError], words: str
) -> None:
    lemmy.said = [a_post(1)]
    lemmy.trouble = answer
    with pytest.raises(error, match=words):
        collect(a_source(lemmy, noon))


@pytest.mark.parametrize(
    ("patience", "until"),
    [
        ("90", datetime(2026, 11, 20, 12, 1, 30, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 12:05:00 GMT", datetime(2026, 11, 20, 12, 5, tzinfo=UTC)),
    ],
)
def test_waits_as_long_as_it_is_asked_to(
    lemmy: FakeLemmy, noon: datetime, patience: str, until: datetime
) -> None:
    lemmy.trouble = Answer(status=429, headers={"Retry-After": patience})
    with pytest.raises(RateLimited) as caught:
        collect(a_source(lemmy, noon))
    assert caught.value.until == until


def test_check_names_the_setting_to_mend(lemmy: FakeLemmy, noon: datetime) -> None:
    lemmy.said = [a_post(1)]
    assert a_source(lemmy, noon).check().ok
    blocked = a_source(lemmy, noon, allow_private=False).check()
    assert (blocked.ok, blocked.setting) == (False, "allow_private")
    lemmy.web.routes["/api/v3/post/list"] = Answer(b'{"error":"couldnt_find_community"}', 404)
    assert a_source(lemmy, noon, communities=["nowhere"]).check().setting == "communities"
    lemmy.trouble = Answer(b"<html>parked</html>")
    assert a_source(lemmy, noon).check().setting == "url"


def test_looks_posts_up_at_their_own_address(lemmy: FakeLemmy, noon: datetime) -> None:
    answers = {
        "/post/1": Answer(json.dumps({"type": "Page"}).encode()),
        "/post/2": Answer(json.dumps({"type": "Tombstone"}).encode(), 410),
        "/post/3": Answer(status=404),
        "/post/4": Answer(b"<html>", 200),
        "/post/5": Answer(status=500),
        "/post/6": Answer(b"", 410),
    }
    lemmy.web.routes.update(answers)
    source = a_source(lemmy, noon)
    assert isinstance(source, CanVerify)
    assert isinstance(source, Responder)
    found = source.verify([lemmy.address + path for path in answers])
    assert list(found.values()) == [
        Verification.PRESENT,
        Verification.DELETED,
        Verification.UNKNOWN,
        Verification.UNKNOWN,
        Verification.UNKNOWN,
        Verification.DELETED,
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"url": ""}, {"url": "lemmy"}, {"posts": False, "comments": False}, {"communities": ["a b"]}],
)
def test_settings_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        LemmySettings.model_validate({"name": "x", "url": "https://lemmy.example", **wrong})
