from hypothesis import given
from hypothesis import strategies as st

from triage.encoder_tokens import BEGIN, END, MOST_TOKENS, UNKNOWN, EncoderTokens, plain

WORDS = ["[PAD]", "card", "declined", "##s", "!", ":", ")", "grinning", "face", "cafe"]
VOCABULARY = {word: row + 1000 for row, word in enumerate(WORDS)}
KNOWN = {**{f"unused{row}": row for row in range(1000)}, **VOCABULARY}
TOKENS = EncoderTokens(KNOWN)
HOSTILE = st.text(st.characters(exclude_categories=()), max_size=300)


def said(text: str) -> list[str]:
    names = {row: word for word, row in KNOWN.items()} | {UNKNOWN: "?", BEGIN: "[", END: "]"}
    return [names[row] for row in TOKENS.ids(text)]


def test_words_are_cut_into_known_pieces_and_signs_count() -> None:
    assert said("Cards declined :)") == ["[", "card", "##s", "declined", ":", ")", "]"]


def test_emoji_are_said_in_words_once_a_run() -> None:
    assert said("😀😀😀 café") == ["[", "grinning", "face", "cafe", "]"]


def test_links_and_names_count_for_nothing() -> None:
    assert said("@acme card https://t.co/x declined") == ["[", "card", "declined", "]"]


def test_a_run_of_equal_signs_is_three_at_most() -> None:
    assert plain("no" + "!" * 500) == "no!!!"
    assert plain("so" + "o" * 4000) == "sooo"


def test_what_says_nothing_is_two_marks() -> None:
    assert TOKENS.ids("") == TOKENS.ids("\ud800 \u200b") == [BEGIN, END]


@given(HOSTILE)
def test_any_text_has_bounded_ids_of_the_vocabulary(text: str) -> None:
    ids = TOKENS.ids(text)
    assert ids[0] == BEGIN
    assert ids[-1] == END
    assert len(ids) <= MOST_TOKENS
    assert all(0 <= row < len(KNOWN) for row in ids)
    assert ids == EncoderTokens(KNOWN).ids(text)


def test_a_million_characters_are_read_as_far_as_the_bound() -> None:
    assert len(TOKENS.ids("card declined " * 70_000)) == MOST_TOKENS
    assert TOKENS.ids("😀🙁" * 500_000) == TOKENS.ids("😀🙁" * 2_000)
