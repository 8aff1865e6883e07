"""Lines for config.yaml read back as what they were written from, whatever the texts hold."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.config import load
from listener.config.lines import macro_lines, query_lines
from listener.trials import with_macro

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80).filter(
    lambda text: text == text.strip() and text
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=TEXT, text=TEXT)
def test_a_macro_reads_back(tmp_path: Path, name: str, text: str) -> None:
    macros = with_macro((), name, text)
    path = tmp_path / "config.yaml"
    path.write_text("brands: [{name: Acme}]\n" + macro_lines(macros), "utf-8")
    assert load(path, {}).replies.macros == macros


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.from_regex(r"[a-z#@$\"'{:-]{1,12}", fullmatch=True), min_size=1))
def test_a_query_reads_back(tmp_path: Path, words: list[str]) -> None:
    from triage.query import Query, QueryError

    query = " ".join(words)
    try:
        Query.parse(query)
    except QueryError:
        return
    path = tmp_path / "config.yaml"
    path.write_text(query_lines("Acme", query), "utf-8")
    assert load(path, {}).brand("Acme").query == query
