from __future__ import annotations

import builtins
import csv
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from listener.cli import cli
from listener.errors import ListenerError, UsageError
from listener.exports import TABLES, Wanted, export
from listener.store.rows import Span
from listener.whole_file import whole_file
from sources.mention import Thread
from triage.verdict import Lane

House = Any


@pytest.fixture
def full(house: House, heard: Any) -> House:
    """A conversation, an idea twice, a formula, a post of another brand."""
    house.hear(
        heard("card never came", author="ann", issue=1, external_id="t1", hours_ago=9),
        heard("=HYPERLINK('x')", author="@ben", issue=1, hours_ago=8),
        heard(
            "ring the branch, it worked for me",
            author="zoe",
            lane=Lane.OTHER,
            thread=Thread("t1", "t1"),
            case=False,
            hours_ago=7,
        ),
        heard(
            "we are looking into it",
            author="u/acme",
            lane=Lane.OTHER,
            thread=Thread("t1", "t1"),
            case=False,
            hours_ago=6,
        ),
        heard("please add dark mode", author="tom", lane=Lane.IDEA, issue=2, hours_ago=5),
        heard("dark mode would be lovely", author="eve", lane=Lane.IDEA, issue=2, hours_ago=4),
        heard("emoji \U0001f600 and\nline\tbreaks\x00", author="", hours_ago=3, sample=True),
    )
    house.hear(heard("the train is late", author="pat", issue=3), brand="Rail")
    return house


def rows(house: House, name: str, form: str = "jsonl", span: Span | None = None) -> list[Any]:
    out = io.BytesIO()
    wanted = Wanted(span or Span(), frozenset({"u/acme"}))
    count = export(house.store, TABLES[name], wanted, form, out)
    if form == "csv":
        found = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
    else:
        found = [orjson.loads(line) for line in out.getvalue().splitlines()]
    assert len(found) == count
    return found


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_every_table_comes_back_from_every_format(full: House, name: str, form: str) -> None:
    exact = rows(full, name)
    assert exact, name
    names = [column.name for column in TABLES[name].columns]
    assert all(list(row) == names for row in exact)
    if form == "jsonl":
        return
    if form == "csv":
        for row, plain in zip(rows(full, name, "csv"), exact, strict=True):
            assert list(row) == names
            for key, value in plain.items():
                if isinstance(value, bool):
                    assert row[key] == str(value).lower()
                elif isinstance(value, int | float):
                    assert float(row[key]) == value
                elif value is None:
                    assert row[key] == ""
                elif isinstance(value, str) and "\x00" not in value:
                    assert row[key].removeprefix("'") == value
        return
    assert parquet(full, name) == [
        {key: value for key, value in row.items() if not _is_time(name, key)} for row in exact
    ]


def _is_time(name: str, key: str) -> bool:
    return any(c.name == key and c.kind == "time" for c in TABLES[name].columns)


def parquet(house: House, name: str) -> list[dict[str, Any]]:
    import duckdb

    file = house.config_path.with_name("x.parquet")
    with whole_file(file) as out:
        export(house.store, TABLES[name], Wanted(Span(), frozenset({"u/acme"})), "parquet", out)
    with duckdb.connect() as base:
        described = base.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()
        types = {row[0]: row[1] for row in described}
        for column in TABLES[name].columns:
            if column.kind == "time":
                assert types[column.name] == "TIMESTAMP WITH TIME ZONE"
        kept = [n for n in types if not _is_time(name, n)]
        listed = ", ".join(f'"{n}"' for n in kept)
        found = base.execute(f"SELECT {listed} FROM '{file}'").fetchall()
    return [dict(zip(kept, row, strict=True)) for row in found]


def test_a_formula_is_disarmed_in_csv_and_exact_elsewhere(full: House) -> None:
    (armed,) = [row for row in rows(full, "mentions") if row["text"].startswith("=")]
    (tame,) = [row for row in rows(full, "mentions", "csv") if row["id"] == str(armed["id"])]
    assert tame["text"] == "'" + armed["text"]
    assert tame["author"] == "'@@ben"
    assert tame["compound"] == "-0.25"


def test_a_span_is_half_open_and_a_brand_is_one(full: House) -> None:
    noon = full.clock.at
    span = Span(noon - timedelta(hours=8), noon - timedelta(hours=6), "Acme")
    assert [row["author"] for row in rows(full, "mentions", span=span)] == ["@@ben", "@zoe"]
    assert [row["brand"] for row in rows(full, "issues", span=Span(brand="Rail"))] == ["Rail"]
    (issue,) = rows(full, "issues", span=span)
    assert (issue["id"], issue["mentions"], issue["people"], issue["share"]) == (1, 1, 1, 1.0)


def test_issues_come_most_people_first_with_their_share(full: House, heard: Any) -> None:
    full.hear(heard("no dark mode again", author="kim", lane=Lane.IDEA, issue=2))
    found = rows(full, "issues")
    assert [(row["id"], row["people"], row["share"]) for row in found] == [
        (2, 3, 0.6),
        (1, 2, 0.4),
        (3, 1, 1.0),
    ]


def test_evangelists_help_others_and_are_not_the_brand(full: House) -> None:
    (row,) = rows(full, "evangelists")
    assert (row["author"], row["helped"], row["answers"]) == ("@zoe", 1, 1)
    assert row["example"] == "ring the branch, it worked for me"


def test_ideas_are_summed_up_by_issue(full: House) -> None:
    (row,) = rows(full, "ideas")
    assert (row["issue"], row["people"], row["posts"]) == (2, 2, 2)
    assert row["example"] == "dark mode would be lovely"


def test_the_loop_lists_everybody(full: House) -> None:
    found = [(row["issue"], row["author"], row["status"]) for row in rows(full, "loop")]
    assert (1, "@ann", "untold") in found
    assert len(found) == 5


def test_reasons_of_a_case_add_up_to_its_priority(full: House) -> None:
    for row in rows(full, "cases"):
        assert sum(int(reason.split()[0]) for reason in row["reasons"]) == row["priority"]


def test_rows_are_written_as_they_come(full: House) -> None:
    """Nothing is held back until the end: each row is written before the next is asked for."""
    out = io.BytesIO()
    sizes: list[int] = []

    class Watched:
        def mentions(self, span: Span) -> Iterator[Any]:
            for row in full.store.mentions(span):
                for _ in range(500):
                    sizes.append(out.tell())
                    yield row

    export(Watched(), TABLES["mentions"], Wanted(), "jsonl", out)  # type: ignore[arg-type]
    assert sizes[1_000] > sizes[999] > sizes[1] > 0


@pytest.fixture
def type_(house: House) -> Callable[..., Result]:
    def run(*words: object) -> Result:
        return CliRunner().invoke(
            cli, ["--config", str(house.config_path), "export", *map(str, words)]
        )

    return run


def test_the_command_writes_to_stdout_and_counts_on_stderr(
    full: House, type_: Callable[..., Result]
) -> None:
    result = type_("cases", "--format", "jsonl")
    assert result.exception is None, result.exception
    assert len(result.stdout.splitlines()) == 6
    assert result.stderr == "6 cases\n"


def test_a_file_appears_whole_or_not_at_all(full: House, type_: Callable[..., Result]) -> None:
    target = full.config_path.with_name("issues.csv")
    target.write_text("earlier")

    def break_off() -> None:
        with whole_file(target) as out:
            out.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert target.read_text() == "earlier"
    assert type_("issues", "--out", target).exception is None
    assert target.read_text().startswith("id,brand,title,")
    assert [p.name for p in target.parent.glob("*.part")] == []


def test_a_folder_that_is_not_there_is_named(full: House, type_: Callable[..., Result]) -> None:
    error = type_("issues", "--out", full.config_path.parent / "no" / "x.csv").exception
    assert isinstance(error, ListenerError)
    assert "cannot write" in str(error)


def test_parquet_without_its_library_names_the_extra(
    full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name == "duckdb":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ListenerError) as caught:
        export(full.store, TABLES["issues"], Wanted(), "parquet", io.BytesIO())
    assert "pip install 'complaint-listener[parquet]'" in caught.value.hint


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "2026-11-20", "--until", "2026-11-20"), "is not before --until 2026-11-20"),
        (("--brand", "Nobody"), "there is no brand 'Nobody'"),
    ],
)
def test_what_makes_no_sense_is_refused(
    full: House, type_: Callable[..., Result], words: tuple[str, ...], said: str
) -> None:
    error = type_("issues", *words).exception
    assert isinstance(error, UsageError)
    assert said in str(error)


def test_a_date_that_is_none_says_how_to_write_one(type_: Callable[..., Result]) -> None:
    result = type_("issues", "--since", "yesterday")
    assert result.exit_code == 2
    assert "write 2026-11-22 or 2026-11-22T14:30" in result.output


def test_an_empty_store_gives_a_heading_and_nothing_else(house: House, tmp_path: Path) -> None:
    assert rows(house, "mentions", "csv") == []
    out = io.BytesIO()
    export(house.store, TABLES["mentions"], Wanted(), "csv", out)
    assert out.getvalue().startswith(b"id,brand,source,")
    parquet_rows = parquet(house, "mentions")
    assert parquet_rows == []
