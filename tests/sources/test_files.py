"""Reading posts from files: formats, bad input, and going on where one stopped."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sources.files.source
from sources.errors import Unreadable
from sources.files.lines import LONGEST_LINE
from sources.files.source import FilesSource
from sources.protocols import Batch, Health
from sources.testing.contract import check_contract

if TYPE_CHECKING:
    from pathlib import Path

    from sources.mention import Mention

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CHANGED = datetime(2026, 11, 1, tzinfo=UTC)


def source(*paths: Path, form: str = "") -> FilesSource:
    return FilesSource("files", paths, form, lambda: NOW)


def read(*paths: Path, form: str = "", cursor: str | None = None) -> list[Batch]:
    return list(source(*paths, form=form).collect(cursor))


def mentions(batches: list[Batch]) -> list[Mention]:
    return [mention for batch in batches for mention in batch.mentions]


def rejected(batches: list[Batch]) -> list[str]:
    return [reason for batch in batches for reason in batch.rejected]


def notes(batches: list[Batch]) -> str:
    return "\n".join(batch.note for batch in batches)


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (CHANGED.timestamp(), CHANGED.timestamp()))
    return path


def json_lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_json_lines_under_many_names(tmp_path: Path) -> None:
    path = written(
        tmp_path / "posts.jsonl",
        json_lines(
            {
                "ID": 7, "Body": "Card ate my money", "Created At": "2026-11-02T10:00:00+02:00",
                "user": {"id": "u1", "username": "ann", "display_name": "Ann", "followers": "12"},
                "permalink": "https://x.test/7", "Subject": "Help", "language": "en",
                "like_count": "3", "rating": 1.5, "thread": {"root": 1, "parent": 2},
                "Platform": "Forum", "unknown": [1, 2],
            },
            {"message": "me too", "author": "bob", "author_id": 9, "date": 1761998400},
        ),
    )  # fmt: skip
    first, second = mentions(read(path))
    assert first.key == ("forum", "7")
    assert first.text == "Card ate my money"
    assert first.title == "Help"
    assert first.created_at == datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    assert (first.author.id, first.author.handle, first.author.name) == ("u1", "ann", "Ann")
    assert first.author.followers == 12
    assert (first.url, first.lang) == ("https://x.test/7", "en")
    assert dict(first.metrics) == {"likes": 3.0, "stars": 1.5}
    assert (first.thread.root, first.thread.parent) == ("1", "2")
    assert second.kind == "files"
    assert (second.author.id, second.author.handle) == ("9", "bob")
    assert second.created_at == datetime(2025, 11, 1, 12, 0, tzinfo=UTC)


def test_a_row_without_id_has_the_same_key_every_time(tmp_path: Path) -> None:
    row = {"text": "where is my card", "date": "2026-11-01", "author": "ann"}
    path = written(tmp_path / "a.jsonl", json_lines(row, {**row, "author": "bob"}, row))
    keys = [mention.key for mention in mentions(read(path))]
    assert len(keys) == len(set(keys)) == 2
    assert keys == [mention.key for mention in mentions(read(path))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_with_quoted_line_feeds(tmp_path: Path, delimiter: str) -> None:
    text = io.StringIO()
    rows = [["id", "text", "date"], ["1", 'say "hi",\r\nthen; go\t|', "2026-11-01"], ["2", "b", ""]]
    csv.writer(text, delimiter=delimiter).writerows(rows)
    batches = read(written(tmp_path / "a.csv", "\ufeff" + text.getvalue()))
    first, second = mentions(batches)
    assert (first.external_id, first.text.splitlines()[0]) == ("1", 'say "hi",')
    assert second.created_at == CHANGED
    assert "1 row without a date, given the time the file was last changed (line 4)" in notes(
        batches
    )


TWCS = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"


def test_twcs_takes_customers_posts_and_ties_conversations(tmp_path: Path) -> None:
    rows = (
        "3,115,True,Tue Oct 31 22:12:47 +0000 2017,still &amp;lt; broken,,2.0\n"
        "2,Brand,False,Tue Oct 31 22:11:47 +0000 2017,@115 restart,3,1\n"
        '1,115,True,Tue Oct 31 22:10:47 +0000 2017,"broken &amp; slow","2,9",\n'
        "10,116,True,Tue Oct 31 22:10:47 +0000 2017,me too,,9.0\n"
    )
    batches = read(written(tmp_path / "twcs.csv", TWCS + rows))
    found = mentions(batches)
    assert [mention.key for mention in found] == [
        ("twitter", "3"), ("twitter", "1"), ("twitter", "10"),
    ]  # fmt: skip
    assert [mention.text for mention in found] == ["still &lt; broken", "broken & slow", "me too"]
    assert [(mention.thread.root, mention.thread.parent) for mention in found] == [
        ("1", "2"), ("", ""), ("1", "9"),
    ]  # fmt: skip
    assert found[1].created_at == datetime(2017, 10, 31, 22, 10, 47, tzinfo=UTC)
    assert "1 row written by the brand itself" in notes(batches)


def test_twcs_as_json_lines_and_forced_off(tmp_path: Path) -> None:
    row = {
        "tweet_id": "5", "author_id": "1", "inbound": "True", "text": "a &amp; b",
        "created_at": "Tue Oct 31 22:10:47 +0000 2017", "response_tweet_id": None,
        "in_response_to_tweet_id": None,
    }  # fmt: skip
    path = written(tmp_path / "t.jsonl", json_lines(row, {**row, "inbound": "maybe"}))
    batches = read(path)
    assert mentions(batches)[0].text == "a & b"
    assert rejected(batches) == [f"{path}:2: inbound is “maybe”, expected True or False"]
    assert mentions(read(path, form="jsonl"))[0].kind == "files"


def test_a_ring_of_answers_has_one_root(tmp_path: Path) -> None:
    rows = "".join(
        f"{post},a,True,Tue Oct 31 22:10:47 +0000 2017,hello {post},,{parent}\n"
        for post, parent in ((1, 2), (2, 3), (3, 1), (4, 1))
    )
    found = mentions(read(written(tmp_path / "t.csv", TWCS + rows)))
    assert [mention.thread.root for mention in found] == ["", "1", "1", "1"]


def test_dates_that_cannot_be(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.jsonl",
        json_lines({"text": "a", "date": "2099-01-01"}, {"text": "b", "date": "3/4/2026"}),
    )
    batches = read(path)
    assert [mention.created_at for mention in mentions(batches)] == [NOW, CHANGED]
    assert "1 date in the future, read as the moment of the import (line 1)" in notes(batches)
    assert "1 date not understood" in notes(batches)


def test_bad_rows_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.jsonl",
        b'{"text": "one"}\n\n  \nnot json\n[1]\n{"txt": "x", "likes": 1}\n{"text": " \\u200b "}\n'
        b'{"text": ["x"]}\n{"text": "two\\u0000 \\ud800", "url": "javascript:alert(1)"}\n"x"\n'
        + b"[" * 2000 + b"\n" + b'{"text": "caf\xe9"}\n{"text": "three"}\n',
    )  # fmt: skip
    batches = read(path)
    texts = [mention.text for mention in mentions(batches)]
    assert [texts[0], *texts[2:]] == ["one", "café", "three"]
    assert texts[1].startswith("two")
    assert all(letter.isprintable() for letter in texts[1])
    assert [reason.split(": ")[0].rsplit(":", 1)[1] for reason in rejected(batches)] == [
        "4", "5", "6", "7", "8", "10", "11",
    ]  # fmt: skip
    assert "no text: found “txt”, “likes”; expected one of text, body" in rejected(batches)[2]
    assert "“text” is empty" in rejected(batches)[3]
    assert "the text is list, expected text" in rejected(batches)[4]
    assert "lines not in UTF-8: 1, read as Windows-1252 (first: line 12, byte " in notes(batches)
    assert "neither http nor https" in notes(batches)
    assert mentions(batches)[1].url == ""
    assert batches[-1].health is Health.DEGRADED


def test_bad_csv_rows_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.csv",
        "id,text,likes\n1,one,1\n2,a,b,c\n3,three\n"
        '4,"never closed,1\n5,five,1\nfragment\n6,six,1\n',
    )
    batches = read(path)
    assert [mention.text for mention in mentions(batches)] == ["one", "three", "five", "six"]
    assert rejected(batches) == [
        f"{path}:3: 4 columns instead of 3: a comma without quotes?",
        f"{path}:5: a quote is opened in this row and never closed",
        f"{path}:7: 1 columns instead of 3, behind an unclosed quote",
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", "hi".encode("utf-16"), "byte 0: this is UTF-16, not UTF-8; convert it first"),
        ("a.csv", "id,text\n1,hello".encode("utf-16-le"), "iconv -f UTF-16 -t UTF-8 a.csv"),
        ("a.xlsx", b"PK\x03\x04rest", "an Excel workbook"),
        ("a.csv", "id,words\n1,hello\n", "a.csv:1: no column for the text: found “id”, “words”;"),
        ("a.csv", "<!doctype html><title>Log in</title>", "HTML"),
        ("a.jsonl", '[\n{"text": "a"}\n]', "jq -c '.[]' a.jsonl"),
        ("a.csv", "text\rone\rtwo\r", "tr '\\r' '\\n'"),
        ("a.csv.gz", gzip.compress(b"text\n" + os.urandom(9999))[:500], "damaged or cut off"),
        ("a.csv", "text\n" + '"\n' * 3 + '"', "a.csv"),
    ],
)
def test_files_that_are_something_else(
    tmp_path: Path, name: str, content: bytes | str, message: str
) -> None:
    path = written(tmp_path / name, content)
    if message == "a.csv":
        assert rejected(read(path))
        return
    with pytest.raises(Unreadable) as caught:
        read(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert not source(path).check().ok or "damaged" in message


def test_declared_formats_are_held_to(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "text\nhello\n")
    with pytest.raises(Unreadable, match="not JSON lines"):
        read(path, form="jsonl")
    with pytest.raises(Unreadable, match="not a twcs file: expected the columns tweet_id"):
        read(path, form="twcs")
    with pytest.raises(ValueError, match="expected one of jsonl, csv, twcs"):
        source(path, form="xml")


def test_missing_file_and_folder_do_not_stop_the_others(tmp_path: Path) -> None:
    good = written(tmp_path / "a.csv", "text\nhello\n")
    several = source(tmp_path / "none.csv", tmp_path, good)
    steps = several.collect(None)
    assert [mention.text for mention in next(steps).mentions] == ["hello"]
    with pytest.raises(Unreadable) as caught:
        next(steps)
    assert "none.csv: no such file" in str(caught.value)
    assert "a folder; name the files in it" in str(caught.value)
    assert "no such file" in several.check().message


def test_a_batch_ends_with_its_megabytes(tmp_path: Path) -> None:
    text = "long " * 200_000
    path = written(tmp_path / "a.jsonl", json_lines(*({"id": n, "text": text} for n in range(20))))
    batches = read(path)
    assert [len(batch.mentions) for batch in batches] == [9, 9, 2]
    assert [len(batch.mentions) for batch in read(path, cursor=batches[0].cursor)] == [9, 2]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n \n", b"\xef\xbb\xbf", gzip.compress(b"")],
    ids=["nothing", "blank lines", "byte order mark", "gzip of nothing"],
)
def test_an_empty_file_says_so(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path / "a.jsonl", content)
    (batch,) = read(path)
    assert batch.health is Health.QUIET
    assert batch.note == f"{path}: the file is empty"
    assert "empty" in source(path).check().message


def test_a_million_characters_are_taken_and_32_megabytes_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "' + b"x" * 1_000_000 + b'"}\n')
        file.write(b'{"text": "' + b"y" * (LONGEST_LINE + 5_000_000) + b'"}\n')
        file.write(b'{"text": "after"}\n')
    batches = read(path)
    assert [len(mention.text) for mention in mentions(batches)] == [1_000_000, 5]
    assert rejected(batches)[0].startswith(f"{path}:2: the line is 38,5")
    written(tmp_path / "b.csv", 'id,text\n1,"' + "long\n" * 200_000 + '"\n2,b\n')
    assert [mention.external_id for mention in mentions(read(tmp_path / "b.csv"))] == ["1", "2"]


def test_a_last_line_that_is_cut_off_is_taken_in_once_it_is_whole(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"text": "one"}\n{"text": "tw')
    batches = read(path)
    assert [mention.text for mention in mentions(batches)] == ["one"]
    assert "a.jsonl:2: the file ends within this line" in rejected(batches)[0]
    written(path, '{"text": "one"}\n{"text": "two"}\n{"text": "three"}')
    later = read(path, cursor=batches[-1].cursor)
    assert [mention.text for mention in mentions(later)] == ["two", "three"]
    assert (
        notes(read(path, cursor=later[-1].cursor)) == f"{path}: nothing new since it was last read"
    )


def test_a_changed_file_is_read_again_with_a_note(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "text\n" + "hello\n" * 5)
    cursor = read(path)[-1].cursor
    written(path, "text\nother\n" + "hello\n" * 9)
    batches = read(path, cursor=cursor)
    assert [mention.text for mention in mentions(batches)] == ["other", "hello"]
    assert "has changed since it was last read; read again from its beginning" in notes(batches)
    for broken in ("x", "[]", '{"a": 1}', json.dumps({str(path): {"size": 1}})):
        assert mentions(read(path, cursor=broken)) == mentions(batches)


def test_progress_counts_the_bytes_of_all_files(tmp_path: Path) -> None:
    first = written(tmp_path / "a.csv", "text\n" + "".join(f"hello {n}\n" for n in range(2500)))
    second = written(tmp_path / "b.csv.gz", gzip.compress(first.read_bytes()))
    batches = read(first, second)
    total = first.stat().st_size + second.stat().st_size
    assert [batch.total for batch in batches] == [total] * 6
    done = [batch.done for batch in batches]
    assert done == sorted(done)
    assert done[-1] == total
    assert max(len(batch.mentions) for batch in batches) == 1_000


def test_the_contract_of_every_source(tmp_path: Path) -> None:
    rows = [{"id": n, "text": f"post {n}", "title": "two\nlines"} for n in range(2500)]
    plain = written(tmp_path / "a.jsonl", json_lines(*rows, {"id": 1, "text": "an edit"}) + "bad\n")
    packed = written(tmp_path / "b.csv.gz", gzip.compress(b"id,text\nx,one\nx,two\nx,two\ny,last"))
    whole = check_contract(lambda: source(plain, packed))
    assert whole.texts["files", "1"] == "an edit"
    assert whole.texts["files", "x"] == "two"


def test_an_edit_comes_in_a_later_batch_and_a_repeat_not_at_all(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "id,text\n1,one\n1,one\n2,b\n1,edited\n")
    batches = read(path)
    assert [[mention.text for mention in batch.mentions] for batch in batches] == [
        ["one", "b"], ["edited"],
    ]  # fmt: skip
    assert "1 row repeated shortly after" in notes(batches)
    assert [mention.text for mention in mentions(read(path, cursor=batches[0].cursor))] == [
        "edited"
    ]


texts = st.text(alphabet='ab,;"\n\r é楽\x00', min_size=0, max_size=12)
rows = st.lists(st.tuples(st.integers(0, 10**6), texts), min_size=1, max_size=30)


def _csv(table: list[tuple[int, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "text"])
    writer.writerows(table)
    return text.getvalue().encode()


def _jsonl(table: list[tuple[int, str]]) -> bytes:
    return json_lines(*({"id": number, "text": text} for number, text in table)).encode()


def _from_cut(path: Path, cut: int) -> tuple[list[Mention], list[str]]:
    """Stop after `cut` batches, start again from the last cursor, as after a crash."""
    before = list(islice(source(path).collect(None), cut))
    cursor = next((batch.cursor for batch in before[::-1] if batch.cursor), None)
    batches = [*before, *read(path, cursor=cursor)]
    return mentions(batches), rejected(batches)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.sampled_from([_csv, _jsonl]), st.booleans(), st.booleans(), st.integers(0, 30))
def test_stopped_anywhere_nothing_is_lost_or_doubled(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    table: list[tuple[int, str]],
    form: object,
    bom: bool,
    packed: bool,
    cut: int,
) -> None:
    monkeypatch.setattr(sources.files.source, "RECORDS_A_BATCH", 2)
    assert callable(form)
    content = (b"\xef\xbb\xbf" if bom else b"") + form(table)
    path = written(tmp_path / "rows", gzip.compress(content) if packed else content)
    whole = read(path)
    reading = len(mentions(whole)) + len(rejected(whole))
    assert reading == len(table) or "repeated" in notes(whole)
    assert _from_cut(path, cut) == (mentions(whole), rejected(whole))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.sampled_from([_csv, _jsonl]), st.floats(0, 1))
def test_a_file_still_being_written_is_taken_in_whole(
    tmp_path: Path, table: list[tuple[int, str]], form: object, share: float
) -> None:
    assert callable(form)
    content = form(table)
    head = len("id,text\n") if form is _csv else 0
    path = written(tmp_path / "rows", content[: head + int((len(content) - head) * share)])
    early = read(path)
    cursor = next((batch.cursor for batch in early[::-1] if batch.cursor), None)
    written(path, content)
    late = read(path, cursor=cursor)
    found = {(mention.external_id, mention.text) for mention in mentions([*early, *late])}
    assert found >= {(mention.external_id, mention.text) for mention in mentions(read(path))}


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"text,id\n", b'{"text": "a"}\n', b"\x1f\x8b"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused_with_a_reason(
    tmp_path: Path, content: bytes, begin: bytes
) -> None:
    path = written(tmp_path / "any", begin + content)
    try:
        batches = read(path)
    except Unreadable as error:
        reason = str(error)
    else:
        reason = "".join(reason for batch in batches for reason in (batch.note, *batch.rejected))
        reason += "".join(str(path) for _ in mentions(batches))
    assert str(path) in reason or not content.strip()


def test_what_is_said_of_a_file_is_said_once_at_its_end(tmp_path: Path) -> None:
    rows = [{"id": n, "text": f"post {n}"} for n in range(2_500)]
    path = written(tmp_path / "a.jsonl", json_lines(*rows) + "bad\n" * 3)
    batches = read(path)
    assert [len(batch.mentions) for batch in batches] == [1_000, 1_000, 500]
    said = [batch.note for batch in batches if batch.note]
    assert len(said) == 1
    assert "2,500 rows without a date" in said[0]
    assert said[0].endswith("3 rows rejected")
