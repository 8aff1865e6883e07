from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.labels import REFRESHED_AT, LabelWriter, phrases_of, plain
from triage.protocols import Label
from triage.titles import telling_words

ROW = np.ones(4, np.float32)
CENTRE = np.ones(4)
NOISE = [
    "The new branch opening hours are confusing",
    "Your mobile app crashes after the update",
    "Waiting for a mortgage decision since spring",
    "The savings rate went down again",
]


def label_of(texts: list[str], others: list[str] = NOISE, brand: str = "") -> Label:
    """The last label of issue 1 after its texts, told apart from the others."""
    writer = LabelWriter(brand.split())
    for number, text in enumerate([*others * 3, *texts], start=1):
        issue = 1 if number > 3 * len(others) else 1 + number
        shown = plain(text)
        writer.add(issue, number, telling_words(shown), shown, 1.0 / number, ROW)
        writer.refresh(issue, CENTRE)
    return next(label for label in writer.changed() if label.issue == 1)


def test_a_title_reads_like_a_problem() -> None:
    label = label_of(
        [
            "@acme hi, my card payment was declined abroad!! https://example.org/x",
            "Card payment declined abroad. Please help, @acme",
            "so annoying: card payment declined abroad 😡",
            "another card payment declined in a shop abroad",
        ]
    )
    assert label.title == "Card payment declined abroad"
    assert "card payment" in label.phrases[:2]
    assert sum("declined" in phrase for phrase in label.phrases) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "@user thanks but the app keeps freezing, see https://t.example/abc",
        "HELLO???? THE APP KEEPS FREEZING!!!",
        "__email__ the app keeps freezing 😡😡😡",
        "RT @user: &quot;the app keeps freezing&quot; #fail",
        "the app\u200b keeps \u202efreezing",
    ],
)
def test_titles_hold_no_names_links_masks_or_emoji(text: str) -> None:
    title = label_of([text]).title
    assert "app keeps freezing" in title.lower()
    for junk in ("@", "http", "__", "😡", "&quot;", "\u200b", "\u202e", "FREEZING"):
        assert junk not in title


def test_the_name_of_the_brand_names_no_issue() -> None:
    said = [f"Northgate Bank {what}" for what in ("declined my card", "declined it", "oh", "again")]
    assert label_of(said).phrases[0] == "northgate bank"
    named = label_of(said, brand="northgate bank")
    assert not any("northgate" in phrase for phrase in named.phrases)
    assert "declined" in named.title


def test_small_words_alone_never_make_a_title() -> None:
    title = label_of(["it is what it was and the refund of it is not there"]).title
    assert "refund" in title.lower()


def test_a_negation_or_question_word_may_open_a_title() -> None:
    assert label_of(["I can't log in"] * 4).title.startswith("Can't log")
    assert label_of(["How do I cancel my subscription?"]).title == "How do I cancel my subscription"


def test_labels_change_only_at_their_sizes_and_when_they_differ() -> None:
    writer = LabelWriter()
    changed = []
    for number in range(1, 30):
        words = telling_words("parcel stuck in the depot")
        writer.add(7, number, words, "parcel stuck in the depot", 1.0, ROW)
        writer.refresh(7, CENTRE)
        changed += [number] * bool(writer.changed())
    assert set(changed) <= REFRESHED_AT
    assert changed[0] == 1
    assert len(changed) < 4


def test_changed_labels_come_once_and_in_order() -> None:
    writer = LabelWriter()
    for issue in (5, 2, 9):
        writer.add(issue, issue, ["parcel"], "parcel", 1.0, ROW)
        writer.refresh(issue, CENTRE)
    assert [label.issue for label in writer.changed()] == [2, 5, 9]
    assert writer.changed() == []


def test_phrases_skip_small_words_but_keep_negations() -> None:
    words = telling_words("I won’t log in to the app")
    assert phrases_of(words) == {"log", "app", "won't log"}


@given(st.lists(st.text(max_size=80), min_size=1, max_size=8))
def test_every_text_gets_a_short_clean_label(texts: list[str]) -> None:
    label = label_of(texts)
    assert len(label.title) <= 60
    assert "@" not in label.title
    assert "\n" not in label.title
    assert len(label.phrases) <= 4


@pytest.mark.parametrize("text", ["a" * 1_000_000, "no " * 300_000, "&#" * 99_999, "😡" * 5_000])
def test_long_texts_are_cut(text: str) -> None:
    assert len(label_of([text]).title) <= 60


def test_an_issue_of_one_post_is_named_by_its_first_telling_clause() -> None:
    label = label_of(["Hi there! The app crashes on every start. Please help me, thanks"])
    assert (label.title, label.phrases) == ("The app crashes on every start", ())
    assert label_of(["ok. Refund?"]).title == "Ok. Refund"
