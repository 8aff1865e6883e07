from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.text import MOST_MARKS, clean, clean_line, html_text

HOSTILE = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Zs", "Zl", "Zp"]),
        st.sampled_from(
            ["\u200d", "\u200c", "\u212a", "\u0344", "\u0301", "\U0001f469", "e", "\n"]
        ),
    ),
    max_size=60,
).map("".join)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain words\tand a tab", "plain words\tand a tab"),
        ("  one\r\ntwo\rthree\u2028four\x85five  ", "one\ntwo\nthree\nfour\nfive"),
        ("a\n\n \n\n\nb", "a\n\nb"),
        ("a\x00b\x07c\x1b[31md\x7f\x9f", "abc[31md"),
        ("re\u200bfu\u00adnd\ufeff\u2060", "refund"),
        ("re\u200dfund, re\u200cfund", "refund, refund"),
        ("\u202egnikcah\u202c \u2066x\u2069 \u200e\u200f\u061c!", "gnikcah x !"),
        ("e\u0301", "\u00e9"),
        ("e\u200b\u0301", "\u00e9"),
        ("a\ud800b\udfff", "a\ufffdb\ufffd"),
        ("10\u00a0000\u3000yen\u2009!", "10 000 yen !"),
        ("hidden\U000e0041\U000e0042 words\U0001d173", "hidden words"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        (
            "\U0001f469\u200d\U0001f467 \u2764\ufe0f\u200d\U0001f525",
            "\U0001f469\u200d\U0001f467 \u2764\ufe0f\u200d\U0001f525",
        ),
        ("", ""),
        ("\x00\u200b \n", ""),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_letters_carry_few_marks() -> None:
    assert len(clean("a" + "\u0315\u0300" * 1_000)) <= MOST_MARKS + 1
    assert clean("Z\u0351\u0352!") == "Z\u0351\u0352!"


def test_every_mark_is_known() -> None:
    missed = [
        code
        for code in range(0x110000)
        if unicodedata.combining(chr(code))
        and not 0xD800 <= code < 0xE000
        and len(clean("b" + chr(code) * 100)) > 3 * MOST_MARKS
    ]
    assert missed == []


@given(HOSTILE)
def test_clean_text_is_clean(text: str) -> None:
    cleaned = clean(text)
    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert not {"\u200b", "\u202e", "\u2066", "\ufeff", "\xa0"} & set(cleaned)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    assert "\n\n\n" not in cleaned
    assert clean(cleaned) == cleaned


@given(st.text(alphabet=st.characters(categories=["L", "Nd", "Po", "So"])))
def test_words_are_never_changed(text: str) -> None:
    visible = text.replace("\ufeff", "")
    assert clean(visible) == unicodedata.normalize("NFC", visible).strip()


def test_lines() -> None:
    assert clean_line(" a\n\tb\u2028c ") == "a b c"
    assert clean_line("word " * 1_000, 20) == "word word word word…"


@given(st.one_of(HOSTILE, st.text(alphabet="<>!-/ab&#;\"'= \n"), st.text(alphabet="<ascript/>-!")))
def test_html_never_raises_and_comes_out_clean(html: str) -> None:
    words = html_text(html)
    assert clean(words) == words


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="<&")))
def test_html_without_tags_keeps_its_words(text: str) -> None:
    assert html_text(text).split() == clean(text).split()


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a",
        "<a ",
        '<a "',
        '<a ">" ',
        "<a x='\"",
        "<!--",
        "<!",
        "<?",
        "</",
        "<svg>",
        "<script>",
        "<div>",
        "<p>x",
        "<pre>",
        "&",
        "&#",
        "&#9",
        "\u0315\u0300",
        "\u200d",
        "\U0001f621",
        "\x00",
        "\n ",
        "\ud800",
        "\u6f22",
        "\u0628\u200c",
    ],
)
def test_hostile_text_costs_little(piece: str) -> None:
    """A hundred thousand characters at once."""
    text = "a" + piece * (100_000 // len(piece))
    started = time.process_time()
    html_text(text)
    clean(text)
    assert time.process_time() - started < 3  # quadratic would take minutes
