"""Both sentiment readings of a post: vaderSentiment's own and the customer-service one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.service import ServiceReader, brand_words
from triage.tokens import Learnt
from triage.vader import (
    EmojiSpeller,
    Token,
    Valences,
    compound,
    make_token,
    vader_vocabulary,
    valences,
)
from triage.verdict import Sentiment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triage.protocols import BrandContext

NEGATIVE_FROM = -0.05
POSITIVE_FROM = 0.05
MOST_WORDS_SHOWN = 12
MOST_CHARACTERS = 40_000
MOST_EMOJI = 8_000
READABLE = frozenset({"en"})


class SentimentReader:
    """Reads the sentiment of posts about one brand. One instance serves one thread."""

    def __init__(self, brand: BrandContext) -> None:
        """The brand's name and handles are neither good nor bad in the customer-service reading."""
        vocabulary = vader_vocabulary()
        lexicon = vocabulary.lexicon
        self._emoji = EmojiSpeller(vocabulary.emoji)
        self._plain: Learnt[Token] = Learnt(lambda raw: make_token(raw, lexicon))
        self._service = ServiceReader(lexicon, brand_words(brand.name, brand.handles))

    def beginning(self, text: str) -> str:
        """As much of a text as is read within the time one post may cost.

        That is 40,000 characters, and no more than 8,000 emoji, each of which is several words.
        """
        read = text[:MOST_CHARACTERS]
        return read if len(read) <= MOST_EMOJI else read[: self._emoji.place(read, MOST_EMOJI)]

    def read(self, text: str, lang: str = "en", limit: int | None = None) -> Sentiment:
        """Read a post in time linear in its length.

        `compound` is that of `SentimentIntensityAnalyzer().polarity_scores(text)`, whatever the
        language. `limit` bounds the words the customer-service reading looks at. The label is the
        customer-service reading's; "unknown" where no reading knows the language, and also where
        the language cannot be told and no word scored.
        """
        spelled = self._emoji.spell(text)
        words = spelled.split()
        plain = valences(self._plain.all(words))
        tokens = self._service.tokens(words if limit is None else words[:limit])
        service = valences(tokens)
        service_compound = compound(service.points, spelled)
        return Sentiment(
            label=_label(service_compound, lang, heard=bool(service.points)),
            compound=compound(plain.points, spelled),
            service_compound=service_compound,
            words=_shown(tokens, service),
        )


def _shown(tokens: Sequence[Token], found: Valences) -> tuple[tuple[str, float], ...]:
    """The first words that scored, with their points as people read them."""
    places, points = found.places[:MOST_WORDS_SHOWN], found.points
    return tuple(
        [(tokens[i].low, round(value, 2)) for i, value in zip(places, points, strict=False)]
    )


def _label(score: float, lang: str, *, heard: bool) -> str:
    """Negative, neutral or positive for a language that has a reading, else unknown."""
    if lang not in READABLE and not (lang == "unknown" and heard):
        return "unknown"
    if score <= NEGATIVE_FROM:
        return "negative"
    return "positive" if score >= POSITIVE_FROM else "neutral"
