"""The examples and the error in docs/query.md are true."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from triage.query import Document, Query, QueryError

PAGE = (Path(__file__).parents[2] / "docs" / "query.md").read_text(encoding="utf-8")
FIELDS = {"from": "author"}


def table() -> list[tuple[str, str, str]]:
    rows = []
    for line in PAGE.split("## Examples")[1].split("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" |")]
        if line.startswith("| `"):
            rows.append((cells[0].strip("` "), cells[1].strip(), cells[2].strip()))
    return rows


def document(written: str) -> Document:
    found = re.match(r"\[(\w+)=([^\]]*)\] ", written)
    if found is None:
        return Document(written)
    field = FIELDS.get(found[1], found[1])
    return replace(Document(written[found.end() :]), **{field: found[2]})


def test_the_table_is_read() -> None:
    assert len(table()) >= 30


@pytest.mark.parametrize(("query", "finds", "misses"), table())
def test_example(query: str, finds: str, misses: str) -> None:
    read = Query.parse(query)
    assert read.matches(document(finds)) is not None
    if misses:
        assert read.matches(document(misses)) is None


def test_the_shown_error_is_the_real_one() -> None:
    shown = PAGE.split("## When a query is wrong")[1].split("```")[1].strip()
    with pytest.raises(QueryError) as caught:
        Query.parse('("acme bank" AND')
    assert str(caught.value) == shown
