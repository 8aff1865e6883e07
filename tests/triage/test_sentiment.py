"""The customer-service reading: what words mean when a customer writes to a company."""

import pytest

from triage.protocols import BrandContext
from triage.sentiment import SentimentReader
from triage.service import service_table

READER = SentimentReader(BrandContext())


@pytest.mark.parametrize(
    "text",
    [
        "On hold for two hours",
        "Refund never arrived terrible horrible service",
        "@bank still waiting, no reply",
        "Your app keeps crashing",
        "Thanks for nothing!",
        "not working again",
        "😡😡",
    ],
)
def test_complaints_read_as_negative(text: str) -> None:
    assert READER.read(text).label == "negative"


@pytest.mark.parametrize("text", ["Great service, thank you!", "Shout out to Anna at the branch"])
def test_praise_reads_as_positive(text: str) -> None:
    assert READER.read(text).label == "positive"


@pytest.mark.parametrize("text", ["please help", "customer care", "Who do I ask for support?"])
def test_words_of_the_trade_are_neutral(text: str) -> None:
    assert READER.read(text).label == "neutral"


def test_the_brands_own_words_and_handles_say_nothing() -> None:
    text = "@LovelyAirways my Best Airways flight"
    assert READER.read(text).label == "positive"
    assert SentimentReader(BrandContext(name="Best Airways")).read(text).label == "neutral"
    assert SentimentReader(BrandContext(handles=("@best",))).read("@love best").label == "neutral"


def test_the_words_shown_are_those_that_moved_the_reading_shown() -> None:
    reading = READER.read("I was On Hold, and it was not good")
    assert [word for word, _ in reading.words] == ["on hold", "good"]
    assert all(points < 0 for _, points in reading.words)


def test_a_phrase_does_not_cross_a_full_stop() -> None:
    assert "no one" not in dict(READER.read("He said no. One left.").words)


def test_a_curly_apostrophe_is_an_apostrophe() -> None:
    assert READER.read("it won’t work").words == READER.read("it won't work").words


@pytest.mark.parametrize(
    ("lang", "label"), [("de", "unknown"), ("en", "neutral"), ("unknown", "unknown")]
)
def test_a_language_without_a_reading_is_unknown_never_neutral(lang: str, label: str) -> None:
    assert READER.read("Wann kommt der Zug", lang).label == label


def test_an_untold_language_is_read_when_a_word_scores() -> None:
    assert READER.read("Horrible!", "unknown").label == "negative"


def test_the_table_is_sound() -> None:
    table = service_table()
    assert not table.neutral & table.words.keys()
    assert all(-4 <= points <= 4 for points in (*table.words.values(), *table.phrases.values()))
