"""The signal table: every example shows its signal, no counter-example does, at any price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.signals import SignalFinder, signal_table

FINDER = SignalFinder()
KINDS = signal_table().kinds.values()
EXAMPLES = [(kind.name, text) for kind in KINDS for text in kind.examples]
COUNTER = [(kind.name, text) for kind in KINDS for text in kind.counter]


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_an_example_shows_its_signal(name: str, text: str) -> None:
    assert name in {signal.name for signal in FINDER.find(text)}


@pytest.mark.parametrize(("name", "text"), COUNTER)
def test_a_counter_example_does_not(name: str, text: str) -> None:
    assert name not in {signal.name for signal in FINDER.find(text)}


def test_there_are_about_thirty_signals_and_each_has_both_kinds_of_example() -> None:
    assert len(KINDS) >= 30
    assert all(kind.examples and kind.counter and kind.says for kind in KINDS)


def test_the_span_is_the_words_that_show_it() -> None:
    text = "Great. I was ON HOLD (again!) for 2 hours…"
    (signal,) = [s for s in FINDER.find(text) if s.name == "on_hold"]
    assert signal.text == "ON HOLD"
    assert text[signal.start : signal.end] == "ON HOLD"


@pytest.mark.parametrize(
    "text", ["re\u200bfund now", "ｒｅｆｕｎｄ now", "RE\u202eFUND", "“refund”"]
)
def test_spelling_tricks_do_not_hide_a_word(text: str) -> None:
    assert "refund" in {signal.name for signal in FINDER.find(text)}


@pytest.mark.parametrize(
    "text", ["https://example.org/refund/scam", "@refund hello", "a@refund.org"]
)
def test_links_and_handles_say_nothing(text: str) -> None:
    assert not {"refund", "fraud"} & {signal.name for signal in FINDER.find(text)}


@given(st.text())
def test_spans_lie_in_the_text_whatever_it_is(text: str) -> None:
    for signal in FINDER.find(text):
        assert text[signal.start : signal.end] == signal.text
        assert 0 <= signal.start < signal.end <= len(text)


WORDS = sorted({w for _, text in EXAMPLES for w in text.split()})


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_each_signal_is_found_once(words: list[str]) -> None:
    names = [signal.name for signal in FINDER.find(" ".join(words))]
    assert len(names) == len(set(names))


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from(["  ", "\n", " \t", "\v"]))
def test_a_signal_shows_the_same_words_however_they_are_parted(words: list[str], gap: str) -> None:
    once = [(one.name, one.text.split()) for one in FINDER.find(" ".join(words))]
    wide = f" {gap.join(words)} "
    assert [(one.name, one.text.split()) for one in FINDER.find(wide)] == once
