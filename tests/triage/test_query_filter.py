"""All brands at once: the same answers as asking every query by itself."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.query import Document, Match, Query
from triage.query_filter import LONGEST_NEEDLE, PIECE, BrandFilter, needles_of

WORDS = ["acme", "bank", "Acme", "größe", "café", "x", "楽天", "a_b", "7", "don't", "か", "ſt"]
word = st.sampled_from(WORDS)
place = st.one_of(
    word.map(lambda text: f'"{text}"'),
    st.tuples(word, word).map(lambda two: f'"{two[0]} {two[1]}"'),
    st.sampled_from(["bank*", "caf*", "b*", "@acme", "@acme.test", "#acme", "#größe", "#x楽天"]),
    word.map(lambda text: f'case:"{text}"'),
)
other = st.sampled_from(["lang:en", "from:@acme", "site:x.test", "type:reply", "*"])


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        two.map(lambda pair: f"({pair[0]} {pair[1]})"),
        inner.map(lambda one: f"NOT ({one})"),
        st.tuples(place, place, place).map(lambda x: f"{x[0]} NEAR/2 ({x[1]} OR {x[2]})"),
    )


queries = st.recursive(st.one_of(place, other), combined, max_leaves=6)
pieces = st.sampled_from(
    [*WORDS, "@acme", "#acme", "＃x楽天", "＠acme", "bankers", "CAFÉ", "ß", "İ", "e\u0301", "\u0345",
     "\u3099", "\ud83d", "\x00", "😡", "\u200d", "\n", "STRASSE", "\ufb06", "#größe", "@acme.test"]
)  # fmt: skip
texts = st.one_of(
    st.lists(st.tuples(pieces, st.sampled_from([" ", "", ", "])), max_size=10).map(
        lambda some: "".join(text + gap for text, gap in some)
    ),
    st.text(max_size=40),
)


def one_by_one(brands: dict[str, Query | None], document: Document) -> list[tuple[str, Match]]:
    asked = ((name, query and query.matches(document)) for name, query in brands.items())
    return [(name, match) for name, match in asked if match is not None]


@given(st.lists(queries, max_size=6), texts, st.one_of(st.just(""), texts))
def test_answers_are_those_of_every_query_by_itself(some: list[str], text: str, title: str) -> None:
    brands = {f"brand {number}": Query.parse(query) for number, query in enumerate(some)}
    document = Document(text, title, author="u/acme", lang="en-GB", url="https://x.test/1")
    expected = one_by_one(dict(brands), document)
    assert BrandFilter(brands).matches(document) == expected


@given(place, texts)
def test_a_term_is_never_there_without_its_needle(term: str, text: str) -> None:
    plain = BrandFilter({"a": Query.parse(term), "b": Query.parse(f"lang:en {term}")})
    found = Query.parse(term).matches(Document(text, lang="en"))
    names = [name for name, _ in plain.matches(Document(text, lang="en"))]
    assert names == (["a", "b"] if found is not None else [])


@pytest.mark.parametrize(
    ("query", "needles"),
    [
        ('"acme bank" OR @acmehelp', {"acme", "acmehelp"}),
        ("acme refund", {"refund"}),
        ("acme NOT jobs", {"acme"}),
        ("(a OR refund) acme", {"acme"}),
        ("acme NEAR/3 (refund OR money)", {"refund", "money"}),
        ("NOT acme", None),
        ("acme OR lang:en", None),
        ("acme OR NOT bank", None),
        ("from:ann type:post", None),
        ("lang:en acme", {"acme"}),
        ("*", None),
        ("* acme", {"acme"}),
    ],
)
def test_what_a_query_cannot_be_true_without(query: str, needles: set[str] | None) -> None:
    assert needles_of(Query.parse(query).tree) == needles


def test_brands_answer_in_their_order_and_none_hears_nothing() -> None:
    brands = {
        "second": Query.parse("bank"),
        "no query": None,
        "first": Query.parse("acme"),
        "all": Query.parse("*"),
    }
    at_once = BrandFilter(brands)
    assert [name for name, _ in at_once.matches(Document("acme bank"))] == [
        "second",
        "first",
        "all",
    ]
    assert [name for name, _ in at_once.matches(Document("nothing"))] == ["all"]
    assert BrandFilter({}).matches(Document("acme")) == []


@pytest.mark.parametrize("before", [PIECE - 3, PIECE - LONGEST_NEEDLE, PIECE, 3 * PIECE - 1])
def test_a_term_across_two_pieces_of_a_long_mention_is_found(before: int) -> None:
    long_word = "größe" * 30
    at_once = BrandFilter({"a": Query.parse("acmebank"), "b": Query.parse(long_word)})
    for name, term in (("a", "acmebank"), ("b", long_word)):
        text = f"{'.' * before}{term} {'. ' * PIECE}"
        assert [found for found, _ in at_once.matches(Document(text))] == [name]


def test_hostile_mentions_cost_linear_time_and_little_memory() -> None:
    brands = {letter: Query.parse(f"{letter} {letter * 2}*") for letter in "abcdefgh"}
    at_once = BrandFilter(brands)
    start = time.process_time()
    for text in ("ab" * 500_000, "aaaa " * 200_000, "\ud83d\x00é" * 300_000, "😡" * 5_000):
        at_once.matches(Document(text))
    assert time.process_time() - start < 5
