"""Watched folders: new files, files that grow, files still in writing, and a cursor with bounds."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sources.files.memory
import sources.files.watched
from sources.errors import Unreadable
from sources.files.source import FilesSource
from sources.files.watched import WatchedFilesSource
from sources.protocols import Health
from sources.testing.contract import LONGEST_CURSOR, Run, check_contract, collect

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)


def source(*paths: Path | str, form: str = "") -> WatchedFilesSource:
    return WatchedFilesSource("inbox", paths, form, lambda: NOW)


def written(path: Path, content: bytes | str, changed: datetime = EARLIER) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (changed.timestamp(), changed.timestamp()))
    return path


def lines(ids: Iterable[object]) -> str:
    return "".join(json.dumps({"id": one, "text": f"post {one}"}) + "\n" for one in ids)


def ids(run: Run) -> list[str]:
    return [mention.external_id for mention in run.mentions]


def rejected(run: Run) -> list[str]:
    return [words for batch in run.batches for words in batch.rejected]


def test_files_of_a_folder_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.JSONL", "c.ndjson", ".d.jsonl", "e.part", "f.jsonl.tmp"):
        written(tmp_path / name, lines([name]))
    written(tmp_path / "deeper" / "a.jsonl", lines(["deeper"]))
    written(tmp_path / "g.csv.gz", gzip.compress(b"id,text\ng,hello\n"))
    first = collect(source(tmp_path))
    assert ids(first) == ["a.JSONL", "b.jsonl", "c.ndjson", "g"]
    assert first.batches[-1].health is Health.QUIET
    assert first.batches[-1].done == first.batches[-1].total
    written(tmp_path / "aa.jsonl", lines(["late"]))
    later = collect(source(tmp_path), first.cursor)
    assert ids(later) == ["late"]
    assert ids(collect(source(tmp_path), later.cursor)) == []


def test_patterns_take_what_matches_once(tmp_path: Path) -> None:
    folder = tmp_path / "odd [1]"
    for name in ("in/a-1.log", "in/a-2.log", "in/b-1.log", "in/.a-3.log", "x/y/a-4.log"):
        written(folder / name, lines([name]))
    assert ids(collect(source(folder / "in" / "a-*.log"))) == ["in/a-1.log", "in/a-2.log"]
    everything = collect(source(folder / "in" / "b-1.log", folder / "**" / "?-[14].log"))
    assert ids(everything) == ["in/b-1.log", "in/a-1.log", "x/y/a-4.log"]
    assert ids(collect(source(folder / "in" / ".a-*"))) == ["in/.a-3.log"]
    literal = written(folder / "what[1]?.jsonl", lines(["literal"]))
    assert ids(collect(source(literal))) == ["literal"]


def test_nothing_there_yet_is_quiet_and_a_missing_folder_is_not(tmp_path: Path) -> None:
    run = collect(source(tmp_path, tmp_path / "*.csv"))
    assert [batch.health for batch in run.batches] == [Health.QUIET]
    assert source(tmp_path).check().message == "no file there yet"
    good = written(tmp_path / "a.jsonl", lines([1]))
    for missing in (tmp_path / "none" / "*.csv", tmp_path / "none.csv"):
        several = source(missing, good)
        stream = several.collect(None)
        assert len(next(stream).mentions) == 1
        assert next(stream).cursor
        with pytest.raises(Unreadable, match="no such f"):
            next(stream)
        assert (several.check().ok, several.check().setting) == (False, "paths")


def test_a_file_in_writing_is_read_up_to_its_last_whole_row(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "id,text\n1,one\n2,tw", NOW)
    cut = written(tmp_path / "b.csv", "id,te", NOW)
    packed = gzip.compress(lines(f"z{n}" for n in range(3000)).encode())
    archive = written(tmp_path / "c.jsonl.gz", packed[:2000], NOW)
    open_quote = written(tmp_path / "d.csv", 'id,text\n6,six\n7,"two\nlines\n', NOW)
    first = collect(source(tmp_path))
    assert set(ids(first)) >= {"1", "6"}
    assert not {"2", "7"} & set(ids(first))
    assert rejected(first) == []
    assert first.batches[-1].health is Health.QUIET
    assert first.batches[-1].note == "still being written: b.csv, c.jsonl.gz"
    written(path, "id,text\n1,one\n2,two\n3,three", NOW)
    written(cut, "id,text\n4,four\n", NOW)
    written(archive, packed, NOW)
    written(open_quote, 'id,text\n6,six\n7,"two\nlines"\n', NOW)
    second = collect(source(tmp_path), first.cursor)
    assert {"2", "4", "7"} <= set(ids(second))
    assert "3" not in ids(second)
    written(path, "id,text\n1,one\n2,two\n3,three", EARLIER)
    third = collect(source(tmp_path), second.cursor)
    assert ids(third) == ["3"]
    assert {*ids(first), *ids(second)} > {f"z{n}" for n in range(3000)}
    assert rejected(second) == rejected(third) == []


def test_what_stays_cut_off_is_rejected_once(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", lines([1]) + '{"text": "tw', NOW)
    held = collect(source(tmp_path))
    assert (ids(held), rejected(held)) == (["1"], [])
    written(path, path.read_bytes(), EARLIER)
    first = collect(source(tmp_path), held.cursor)
    assert "the file ends within this line" in rejected(first)[0]
    assert rejected(collect(source(tmp_path), first.cursor)) == []
    written(path, lines([1]) + '{"text": "two", "id": 2}\n', EARLIER)
    assert ids(collect(source(tmp_path), first.cursor)) == ["2"]


def test_a_bad_file_of_a_folder_does_not_blind_the_source(tmp_path: Path) -> None:
    written(tmp_path / "a.csv", "<html>log in</html>")
    written(tmp_path / "b.jsonl", lines([1]))
    run = collect(source(tmp_path))
    assert ids(run) == ["1"]
    assert run.batches[-1].health is Health.DEGRADED
    assert "a.csv:1: HTML or XML" in run.batches[-1].note
    assert collect(source(tmp_path), run.cursor).batches[-1].health is Health.DEGRADED
    written(tmp_path / "a.csv", "id,text\n2,mended\n")
    mended = collect(source(tmp_path), run.cursor)
    assert ids(mended) == ["2"]
    assert mended.batches[-1].health is Health.QUIET
    with pytest.raises(Unreadable, match="HTML"):
        collect(source(written(tmp_path / "named.csv", "<html></html>")))


def test_files_that_are_gone_are_forgotten_and_changed_ones_read_again(tmp_path: Path) -> None:
    paths = [written(tmp_path / f"{n}.jsonl", lines([n])) for n in range(5)]
    first = collect(source(tmp_path))
    assert first.cursor is not None
    for path in paths[1:]:
        path.unlink()
    written(paths[0], lines(["other"]))
    second = collect(source(tmp_path), first.cursor)
    assert ids(second) == ["other"]
    assert "has changed since" in second.batches[0].note
    assert second.cursor is not None
    assert len(second.cursor) < len(first.cursor) / 2


def test_the_cursor_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources.files.memory, "KEPT_PLACES", 3)
    for n in range(30):
        written(tmp_path / f"{n:02}.jsonl", lines([n]), EARLIER + timedelta(seconds=n))
    first = collect(source(tmp_path))
    assert first.cursor is not None
    assert len(json.loads(first.cursor)["places"]) == 3
    assert len(first.cursor) < 30 * 16 + 3 * 350
    written(tmp_path / "29.jsonl", lines([29, "new"]), EARLIER + timedelta(minutes=2))
    written(tmp_path / "00.jsonl", lines([0, "newer"]), EARLIER + timedelta(minutes=2))
    second = collect(source(tmp_path), first.cursor)
    assert ids(second) == ["0", "newer", "new"]
    # The most that can be: every mark and every place.
    assert sources.files.watched.MOST_FILES * 16 + 200 * 600 < LONGEST_CURSOR


def test_more_files_than_are_watched_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources.files.watched, "MOST_FILES", 3)
    for n in range(5):
        written(tmp_path / f"{n}.jsonl", lines([n]))
    run = collect(source(tmp_path))
    assert ids(run) == ["0", "1", "2"]
    assert run.batches[-1].health is Health.DEGRADED
    assert run.batches[-1].note.startswith("paths: 2 files are left out")


def test_small_files_share_a_cursor(tmp_path: Path) -> None:
    for n in range(30):
        written(tmp_path / f"{n:02}.jsonl", lines(range(n * 100, n * 100 + 100)))
    run = collect(source(tmp_path))
    assert len(run.batches) == 31
    assert sum(batch.cursor is not None for batch in run.batches) == 4


def test_the_place_of_an_older_version_is_understood(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", lines(range(3)))
    before = collect(FilesSource("inbox", [path], "", lambda: NOW))
    written(path, lines(range(5)))
    assert ids(collect(source(path), before.cursor)) == ["3", "4"]
    for broken in ("", "x", "[]", "3", '{"read": 1}', '{"places": {"a": 1}, "read": [1]}'):
        assert len(ids(collect(source(path), broken))) == 5


def test_the_contract_of_every_source(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", lines(range(2500)) + "bad\n")
    written(tmp_path / "b.csv.gz", gzip.compress(b"id,text\nx,one\nx,two\n"))
    written(tmp_path / "c.csv", "id,text\ny,last row without an end")
    for n in range(10):
        written(tmp_path / f"d{n}.jsonl", lines([f"d{n}", 7]))
    whole = check_contract(lambda: source(tmp_path, tmp_path / "*.jsonl"))
    assert len(whole.texts) == 2512


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40)), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_however_files_grow_every_row_is_read(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]]
) -> None:
    """Pieces of rows are added to files, and the folder is read after each piece."""
    folder = tmp_path_factory.mktemp("grow")
    whole = [lines(f"{name}-{n}" for n in range(8)) for name in range(4)]
    there = [0, 0, 0, 0]
    cursor: str | None = None
    seen: set[str] = set()
    bad: list[str] = []
    for name, size in [*steps, *((name, 10_000) for name in range(4))]:
        there[name] += size
        # In writing until whole: rows are cut anywhere, so the file was always changed just now.
        written(folder / f"{name}.jsonl", whole[name][: there[name]], NOW)
        run = collect(source(folder), cursor)
        cursor = run.cursor
        seen.update(ids(run))
        bad += rejected(run)
    assert seen == {f"{name}-{n}" for name in range(4) for n in range(8)}
    assert bad == []
