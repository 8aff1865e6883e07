"""PostgreSQL finds the posts that SQLite's full-text search finds."""

from __future__ import annotations

import sqlite3

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from postgres_server import PostgresServer

from listener.store.postgres.search import Cutter
from listener.store.sqlite.mentions import match

SAID = st.lists(
    st.sampled_from(
        ["Fee", "fées", "FEES", "don't", "on-hold", "ϊ", "ϊ", "ı", "ß", "²", "हिं", "日本", "a_b",
         "x'y", "\\", "'", '"', "&", "|", ":*", "!", "(", "\0", "👍🏽", "\ue000", "\U0010ffff", "a" * 600]
    ),
    max_size=6,
).map(" ".join)  # fmt: skip


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(post=st.tuples(SAID, SAID, SAID), search=SAID)
def test_both_find_the_same(
    postgres_server: PostgresServer, post: tuple[str, str, str], search: str
) -> None:
    words = match(search)
    if not words:
        return
    with sqlite3.connect(":memory:") as conn:
        conn.execute(
            "CREATE VIRTUAL TABLE said USING fts5(title, text, handle,"
            " tokenize = 'unicode61 remove_diacritics 2')"
        )
        conn.execute("INSERT INTO said VALUES (?, ?, ?)", post)
        [(expected,)] = conn.execute("SELECT count(*) FROM said WHERE said MATCH ?", (words,))
    conn.close()
    cutter = Cutter()
    [(_, vector)] = cutter.indexed([(1, *post)])
    [(found,)] = postgres_server.ask(
        "SELECT CAST(%s AS tsvector) @@ CAST(%s AS tsquery)", (vector, cutter.asked(words))
    )
    cutter.close()
    assert found == bool(expected)


def test_a_phrase_does_not_run_from_one_field_into_another() -> None:
    cutter = Cutter()
    assert list(cutter.indexed([(7, "on hold", "for days", "@ann")])) == [
        (7, "'on':1 'hold':2 'for':13 'days':14 'ann':25")
    ]
    assert cutter.asked('"on hold" "day"*') == "('on' <-> 'hold') & ('day':*)"
    cutter.close()


@pytest.mark.parametrize(
    "text",
    [" ".join(f"w{n}" for n in range(200_000)), "same " * 300_000, "x" * 1_000_000],
    ids=["other words", "one word", "one long word"],
)
def test_a_post_without_measure_is_taken_in(postgres_server: PostgresServer, text: str) -> None:
    cutter = Cutter()
    [(_, vector)] = cutter.indexed([(1, "", text, "")])
    query = cutter.asked(match(text[:4]))
    cutter.close()
    assert postgres_server.ask(
        "SELECT CAST(%s AS tsvector) @@ CAST(%s AS tsquery)", (vector, query)
    ) == [(True,)]
