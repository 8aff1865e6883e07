"""The sample brand: always fresh, always marked, the same ids every time."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sources.errors import Unreadable
from sources.protocols import Batch, Health
from sources.sample import SampleSource, sample_file
from sources.testing.contract import check_contract

if TYPE_CHECKING:
    from pathlib import Path

    from sources.mention import Mention

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


def source(now: datetime = NOW, path: Path | None = None) -> SampleSource:
    return SampleSource("sample", lambda: now, path)


def mentions(batches: list[Batch]) -> list[Mention]:
    return [mention for batch in batches for mention in batch.mentions]


def test_six_hundred_marked_posts_end_now() -> None:
    found = mentions(list(source().collect(None)))
    assert len(found) == len({mention.key for mention in found}) == 600
    assert all(mention.sample and mention.kind == "sample" and mention.text for mention in found)
    times = [mention.created_at for mention in found]
    assert times == sorted(times)
    assert NOW - timedelta(hours=1) < times[-1] < NOW
    assert times[0] > NOW - timedelta(days=15)


def test_the_contract_of_every_source() -> None:
    check_contract(source)


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_stopped_run_goes_on_with_the_same_times(cut: int) -> None:
    whole = list(source().collect(None))
    rest = list(source(LATER).collect(whole[cut - 1].cursor))
    assert mentions([*whole[:cut], *rest]) == mentions(whole)
    assert whole[-1].done == whole[-1].total == 600
    if cut == 3:
        assert [batch.health for batch in rest] == [Health.QUIET]


def test_a_new_run_gives_new_times_and_the_same_ids() -> None:
    first, later = (
        mentions(list(source().collect(None))),
        mentions(list(source(LATER).collect("?"))),
    )
    assert [mention.key for mention in first] == [mention.key for mention in later]
    assert later[0].created_at - first[0].created_at == timedelta(days=3)


def test_answers_come_after_what_they_answer() -> None:
    seen: dict[str, Mention] = {}
    answers = 0
    for mention in mentions(list(source().collect(None))):
        if mention.thread.parent:
            answers += 1
            earlier = seen[mention.thread.parent]
            assert earlier.author == mention.author
            assert mention.thread.root in seen
        seen[mention.external_id] = mention
    assert answers >= 25


def test_the_mixture_is_the_one_the_readme_states() -> None:
    readme = sample_file().with_name("README.md").read_text(encoding="utf-8")
    posts = [json.loads(line) for line in sample_file().read_text(encoding="utf-8").splitlines()]
    origins = Counter(post["origin"] for post in posts)
    assert origins == {
        "banking77": 448, "written": 108, "banking77, repeated": 20, "banking77, changed": 24,
    }  # fmt: skip
    labels = Counter(post["label"] for post in posts if post["origin"] == "written")
    for number in (
        600,
        108,
        448,
        20,
        24,
        labels["vigilante"],
        labels["complaint"],
        labels["praise"],
    ):
        assert f" {number} " in f" {readme} ".replace("\n", " ")
    assert "CC BY 4.0" in readme
    assert len({post["author"]["handle"] for post in posts}) > 300


def test_a_missing_or_odd_file_says_what_to_do(tmp_path: Path) -> None:
    missing = source(path=tmp_path / "none.jsonl")
    assert "install it again" in missing.check().message
    with pytest.raises(Unreadable, match=r"none\.jsonl"):
        list(missing.collect(None))
    (tmp_path / "odd.jsonl").write_text('{"text": "x"}\n', encoding="utf-8")
    with pytest.raises(Unreadable, match="not a line of sample posts"):
        list(source(path=tmp_path / "odd.jsonl").collect(None))
    assert source().check().ok
