"""The language of a post, among the languages its brand is talked about in."""

from __future__ import annotations

import re
import string
from copy import copy
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from triage.tokens import Learnt

if TYPE_CHECKING:
    from collections.abc import Iterable

UNKNOWN = "unknown"
# fmt: off
USUAL = (
    "ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hi",
    "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "zh",
)
# fmt: on
"""The languages told apart for a brand that names none, or only one."""

LOOKED_AT = 240
FEWEST_LETTERS = 3
SURE_ENOUGH = 0.35
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
PLAIN_WORDS = Path(__file__).with_name("english.txt")
NOISE = re.compile(r"https?://\S+|www\.\S+|[@#]\w+|&[a-z]+;")
ASCII_LETTERS = frozenset(string.ascii_letters)


class Model(Protocol):
    """What we use of py3langid's untyped model."""

    labels: list[str]

    def classify(self, text: str) -> tuple[str, float]:
        """The likeliest language and its share of probability."""
        ...

    def set_languages(self, langs: list[str]) -> None:
        """Restrict the choice."""
        ...


@cache
def language_model() -> Model:
    """The model of this process, unrestricted: reading it takes most of a second. Don't change it."""
    langid = import_module("py3langid.langid")  # numpy and 4 MB of weights: only when asked
    model: Model = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    return model


class LanguageIdentifier:
    """Tells the language of a post; loads its model when it first needs it. One thread each."""

    def __init__(self, languages: Iterable[str] = (), model: Model | None = None) -> None:
        """`languages` are the brand's (`pt-BR` counts as `pt`); `model` spares reading it again.

        Two or more restrict the choice to them and English. One or none leaves the usual twenty
        (and the one), so that a stranger's language is not taken for the brand's.
        """
        own = {language.lower().replace("_", "-").split("-")[0] for language in languages}
        self._choice = own | {"en"} if len(own) > 1 else own | set(USUAL)
        self._whole = model
        self._loaded: Model | None = None
        self._counts = Learnt(_counts)

    def identify(self, text: str, words: list[str] | None = None) -> str:
        """The ISO 639 code, or "unknown" for a text with too little in it to tell.

        Only the first 240 characters that are no link, handle or tag are looked at, so the cost
        is bounded whatever the length. Posts full of plainly English words never ask the model.
        `words` is `text.split()` or its beginning, for callers who have it already.
        """
        short = len(text) <= LOOKED_AT
        said = text if short else _said(text)
        if self._plainly_english(words if short and words is not None else said.split()):
            return "en"
        if short:
            said = _said(text)
        if not _has_letters(said):
            return UNKNOWN
        code, sure = self._identifier().classify(said.encode("utf-8", "replace").decode())
        return str(code) if sure >= SURE_ENOUGH else UNKNOWN

    def _plainly_english(self, raw: list[str]) -> bool:
        """Whether a third of the words, and two of them unless it is shorter, are English only."""
        counts = self._counts.all(raw)
        words = sum([count[0] for count in counts])
        english = sum([count[1] for count in counts])
        return english >= min(2, words) and english * 3 >= words > 0

    def _identifier(self) -> Model:
        """The restricted model, loaded once. Languages it does not know are left out."""
        if self._loaded is None:
            model = copy(
                self._whole or language_model()
            )  # the weights are shared, the choice is ours
            model.set_languages(sorted(self._choice & set(model.labels)))
            self._loaded = model
        return self._loaded


@cache
def english_words() -> frozenset[str]:
    """Words that hardly occur in another of the usual languages, read once."""
    lines = PLAIN_WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _said(text: str) -> str:
    """The beginning of a text without links, handles and tags."""
    return NOISE.sub(" ", text[: 4 * LOOKED_AT])[:LOOKED_AT]


def _counts(raw: str) -> tuple[int, int]:
    """How many words stand in a raw word that is no link, handle or tag, and how many are English.

    No word and no noise goes over a space, so a text's counts are the sums of its raw words'.
    """
    plain = english_words()
    if raw.isascii() and raw.isalpha():
        return 1, int(raw.lower() in plain)
    words = WORD.findall(NOISE.sub(" ", raw).lower().replace("’", "'"))
    return len(words), len([word for word in words if word in plain])


def _has_letters(text: str) -> bool:
    """Whether there are enough letters to tell a language by."""
    letters = 0
    for char in text:
        if char in ASCII_LETTERS or char.isalpha():
            letters += 1
            if letters >= FEWEST_LETTERS:
                return True
    return False
