"""The brand query language: what matches, where, and what is refused."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.mention import Author, Mention, Thread
from triage.query import Document, Query, QueryError

EXAMPLE = '("acme bank" OR @acmebank OR #acmebank) NOT (acme NEAR/3 "looney tunes")'

WORDS = ["acme", "bank", "Acme", "BANK", "größe", "café", "and", "x", "楽天", "a_b", "7", "don't"]
word = st.sampled_from(WORDS)
quoted = st.lists(word, min_size=1, max_size=3).map(lambda some: f'"{" ".join(some)}"')
bare = st.sampled_from([text for text in WORDS if text not in ("and", "楽天")])
place = st.one_of(
    bare,
    quoted,
    bare.filter(lambda text: "'" not in text).map(lambda text: f"{text}*"),
    quoted.map(lambda text: f"case:{text}"),
    st.sampled_from(
        ["@acme", "@acme.bsky.social", "@acme@bank.example", "#acme", "#größe", "＃楽天"]
    ),
)
field = st.sampled_from(
    [
        "lang:en",
        "from:@acme",
        "from:u/Acme",
        "site:www.x.test/a",
        'source:"my blog"',
        "type:reply",
        "*",
    ]
)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        two.map(lambda pair: f"({pair[0]} {pair[1]})"),
        two.map(lambda pair: f"{pair[0]} AND {pair[1]}"),
        inner.map(lambda one: f"NOT ({one})"),
        inner.map(lambda one: f"-({one})"),
        st.tuples(place, place, place).map(lambda x: f"{x[0]} NEAR/3 ({x[1]} OR {x[2]})"),
    )


queries = st.recursive(st.one_of(place, field), combined, max_leaves=12)
pieces = st.sampled_from(
    [*WORDS, "@acme", "#acme", "＠acme", "@acme-jobs", "@acme.", "@@acme", "x@acme", "acme!bank",
     "ß", "ſ", "İ", "e\u0301", "'", "-", ".", "_", "😡", "\u200d", "\n", "ACME  bank", "#größe"]
)  # fmt: skip
texts = st.lists(st.tuples(pieces, st.sampled_from([" ", "", ", "])), max_size=14).map(
    lambda some: "".join(text + gap for text, gap in some)
)


@given(queries)
def test_written_out_and_read_again_is_the_same_query(text: str) -> None:
    query = Query.parse(text)
    again = Query.parse(str(query))
    assert again == query
    assert str(again) == str(query)
    assert hash(again) == hash(query)


@given(queries, st.one_of(texts, st.text(max_size=60)), st.sampled_from(["", "Acme bank"]))
def test_any_query_meets_any_text(query: str, text: str, title: str) -> None:
    document = Document(text, title, author="u/acme", lang="en-GB")
    read = Query.parse(query)
    match = read.matches(document)
    for hit in match.hits if match else ():
        shown = getattr(document, hit.where)[hit.start : hit.end]
        assert shown == hit.text
        assert shown or hit.where not in ("text", "title")
    assert (Query.parse(f"NOT ({query})").matches(document) is None) == (match is not None)
    assert read.explain(document).startswith("yes" if match else "no")


@given(place, texts)
def test_the_quick_way_finds_what_the_words_give(term: str, text: str) -> None:
    # A title of its own keeps the mention from the quick way through letters.
    quick = Query.parse(term).matches(Document(text))
    slow = Query.parse(term).matches(Document(text, title="."))
    assert quick == slow


@given(st.text(alphabet='acme AND OR NOT NEAR/3"()*:@#-“”.lang\t楽é', max_size=40))
def test_any_text_is_a_query_or_a_clear_error(text: str) -> None:
    error = None
    try:
        query = Query.parse(text)
    except QueryError as refused:
        error = refused
    if error is None:
        assert Query.parse(str(query)) == query
        return
    assert 1 <= error.position <= len(text) + 1
    first, _, caret, *_ = str(error).split("\n")
    assert first == f"query:{error.position}: {error.problem}"
    assert caret.strip() == "^"


def test_hits_show_where_each_term_was_found() -> None:
    document = Document(
        "Dear @AcmeBank, Acme Bank ate it", title="On Acme Bank", url="http://x.test"
    )
    match = Query.parse('("acme bank" OR @acmebank) site:x.test').matches(document)
    assert match is not None
    assert [(hit.where, hit.start, hit.end, hit.text) for hit in match.hits] == [
        ("text", 16, 25, "Acme Bank"),
        ("text", 5, 14, "@AcmeBank"),
        ("url", 0, 13, "http://x.test"),
    ]
    assert match.explain() == (
        "found “Acme Bank” (text 16–25), “@AcmeBank” (text 5–14), “http://x.test” (url)"
    )


def test_hits_in_the_title_count_from_its_beginning() -> None:
    match = Query.parse("bank").matches(Document("nothing here", title="The Bank"))
    assert match is not None
    assert match.hits[0][1:] == ("title", 4, 8, "Bank")


def test_nothing_reaches_from_text_into_title() -> None:
    document = Document("my acme", title="bank is closed")
    assert Query.parse('"acme bank"').matches(document) is None
    assert Query.parse("acme NEAR/100 bank").matches(document) is None
    assert Query.parse("acme bank").matches(document) is not None


def test_explain_says_yes_or_no_for_every_part() -> None:
    document = Document("The acme of Looney Tunes, says @acmebank")
    assert Query.parse(EXAMPLE).explain(document).splitlines() == [
        "no  all of",
        "yes   any of",
        'no      "acme bank"',
        "yes     @acmebank: “@acmebank” (text 31–40)",
        "no      #acmebank",
        "no    none of",
        'yes     acme NEAR/3 "looney tunes": “acme of Looney Tunes” (text 4–24)',
    ]


def test_adjacent_terms_bind_tighter_than_or() -> None:
    assert Query.parse("a b OR c") == Query.parse("(a AND b) OR c")
    assert Query.parse("NOT a NEAR/2 b") == Query.parse("NOT (a NEAR/2 b)")
    assert Query.parse("a -b") == Query.parse("a AND NOT b")
    assert str(Query.parse("a (b OR c) -d")) == "a AND (b OR c) AND NOT d"


def test_a_mention_becomes_a_document() -> None:
    mention = Mention(
        "reddit", "t1_x", "acme!", datetime(2026, 1, 1, tzinfo=UTC), Author("u/ann", "u/ann"),
        "https://reddit.com/r/banking/1", "A title", "en", Thread("t3_r", "t3_r"),
    )  # fmt: skip
    document = Document.of(mention, "my reddit")
    for query in ("from:ann", "type:reply", "source:reddit", 'source:"my reddit"', "lang:en",
                  "site:reddit.com/r/banking", "title acme"):  # fmt: skip
        assert Query.parse(query).matches(document), query


@pytest.mark.parametrize(
    ("text", "position", "problem", "suggestion"),
    [
        ("", 1, "the query is empty", "*"),
        ("a AND", 6, "expected a term after AND", "remove AND"),
        ("a AND OR b", 7, "expected a term after AND, found OR", ""),
        ("OR a", 1, "expected a term at the beginning, found OR", "remove OR"),
        ("(a OR b", 1, "this ( is never closed", "add a )"),
        ("a)", 2, "this ) closes nothing", ""),
        ("a ()", 3, "nothing between ( and )", ""),
        ('a "b', 3, "this quote is never closed", ""),
        ('a ""', 3, "an empty phrase", ""),
        ("acme or apex", 6, "“or” in small letters", "write OR"),
        ("a near/3 b", 3, "“near/3” in small letters", "write NEAR/3"),
        ("a NEAR b", 3, "NEAR needs a distance in words", "NEAR/5"),
        ("a NEAR/0 b", 3, "NEAR needs a distance in words", "1 to 100"),
        ("a NEAR/many b", 3, "NEAR needs a distance in words", ""),
        ("a NEAR/3 (b c)", 3, "NEAR cannot measure from “b AND c”", ""),
        ("a NEAR/3 lang:en", 3, "NEAR cannot measure from “lang:en”", ""),
        ("soruce:x", 1, "“soruce:” is not known", "did you mean source:?"),
        ("http://x.test", 1, "“http:” is not known", "Put it in quotes"),
        ("lang: en", 6, "expected a value right after lang:", ""),
        ("lang:e*", 6, "lang: takes no *", ""),
        ("from:@", 6, "expected a value after from:", ""),
        ("a*b", 1, "a * can only end a word", ""),
        ('"a b*"', 1, "a * inside quotes", "NEAR/1"),
        ("😡", 1, "no letter or digit", ""),
        ("@", 1, "“@” is not a handle", ""),
        ("#a-b", 1, "“#a-b” is not a hashtag", ""),
        ("(" * 40 + "a" + ")" * 40, 31, "nested more than 30 deep", ""),
        ("NOT " * 40 + "a", 121, "nested more than 30 deep", ""),
        ("a NEAR/1 " * 9 + "a", 39, "more than 4 NEAR in a row", ""),
        ("a " * 2001, 4001, "more than 2,000 terms", "split"),
        ("a" * 20_001, 20_001, "longer than 20,000 characters", "split"),
        ('"' + "a " * 51 + '"', 1, "a phrase of more than 50 words", ""),
    ],
)
def test_an_error_points_at_its_character(
    text: str, position: int, problem: str, suggestion: str
) -> None:
    with pytest.raises(QueryError) as caught:
        Query.parse(text)
    assert caught.value.position == position
    assert problem in caught.value.problem
    assert suggestion in caught.value.suggestion


def test_the_caret_of_a_long_query_stands_below_its_character() -> None:
    with pytest.raises(QueryError) as caught:
        Query.parse("acme " * 100 + "AND NOT ) " + "apex " * 100)
    _, shown, caret, *_ = str(caught.value).split("\n")
    assert shown[caret.index("^")] == ")"
    assert len(shown) < 100


@pytest.mark.parametrize(
    "hostile", ["acme ", "@acme", "a", "acme\n\n\n", "é", "楽", "😡", "acme " + " " * 5000]
)
def test_a_million_characters_take_linear_time(hostile: str) -> None:
    many = '"acme acme b" OR acme NEAR/100 "b c" OR b* OR #acme'
    queries = [Query.parse(EXAMPLE), Query.parse(many)]

    def cost(size: int) -> float:
        document = Document(hostile * (size // len(hostile)))
        begin = time.process_time()
        for query in queries:
            query.matches(document)
        return time.process_time() - begin

    cost(10_000)
    # Ten times the text: ten times the time, not a hundred; a wide margin for a busy machine.
    assert cost(1_000_000) < 40 * max(cost(100_000), 0.002)


@pytest.mark.parametrize(
    ("query", "why_not"),
    [
        ("acme", ""),
        ("refund", "lacks refund"),
        ("acme (refund OR money) lang:es", "lacks refund OR money; lacks lang:es"),
        ("acme NOT tunes", "excluded by “Tunes” (text 19–24)"),
        ('refund NOT (acme NEAR/3 "looney tunes")',
         "lacks refund; excluded by “acme of Looney Tunes” (text 4–24)"),
        ("NOT *", "excluded by NOT *"),
        ("NOT (acme NOT refund)", "excluded by “acme” (text 4–8)"),
        ("NOT tunes -tunes", "excluded by “Tunes” (text 19–24)"),
    ],
)  # fmt: skip
def test_why_not_names_what_is_missing_and_what_is_in_the_way(query: str, why_not: str) -> None:
    assert Query.parse(query).why_not(Document("The acme of Looney Tunes", lang="en")) == why_not


@given(queries, texts)
def test_why_not_has_something_to_say_about_every_mention_that_does_not_match(
    query: str, text: str
) -> None:
    read, document = Query.parse(query), Document(text, lang="en-GB")
    assert (read.why_not(document) == "") == (read.matches(document) is not None)
