"""The language of a post, among the languages its brand is talked about in."""

from __future__ import annotations

import re
import string
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

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
NOISY = re.compile(r"[@#&]|www\.|://")
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


def _model() -> Model:
    """A fresh model of our own: py3langid's module-level one is shared by the whole process."""
    langid = import_module("py3langid.langid")  # numpy and 4 MB of weights: only when asked
    model: Model = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    return model


class LanguageIdentifier:
    """Tells the language of a post; loads its model when it first needs it. One thread each."""

    def __init__(self, languages: Iterable[str] = ()) -> None:
        """`languages` are the brand's (`pt-BR` counts as `pt`).

        Two or more restrict the choice to them and English. One or none leaves the usual twenty
        (and the one), so that a stranger's language is not taken for the brand's.
        """
        own = {language.lower().replace("_", "-").split("-")[0] for language in languages}
        self._choice = own | {"en"} if len(own) > 1 else own | set(USUAL)
        self._loaded: Model | None = None

    def identify(self, text: str) -> str:
        """The ISO 639 code, or "unknown" for a text with too little in it to tell.

        Only the first 240 characters that are no link, handle or tag are looked at, so the cost
        is bounded whatever the length. Posts full of plainly English words never ask the model.
        """
        said = text[: 4 * LOOKED_AT]
        if NOISY.search(said):
            said = NOISE.sub(" ", said)
        said = said[:LOOKED_AT]
        if _plainly_english(said):
            return "en"
        if not _has_letters(said):
            return UNKNOWN
        code, sure = self._identifier().classify(said.encode("utf-8", "replace").decode())
        return str(code) if sure >= SURE_ENOUGH else UNKNOWN

    def _identifier(self) -> Model:
        """The restricted model, loaded once. Languages it does not know are left out."""
        if self._loaded is None:
            model = _model()
            model.set_languages(sorted(self._choice & set(model.labels)))
            self._loaded = model
        return self._loaded


@cache
def english_words() -> frozenset[str]:
    """Words that hardly occur in another of the usual languages, read once."""
    lines = PLAIN_WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _plainly_english(text: str) -> bool:
    """Whether a third of the words, and two of them unless it is shorter, are English only."""
    words = WORD.findall(text.lower().replace("’", "'"))
    plain = english_words()
    english = len([word for word in words if word in plain])
    return english >= min(2, len(words)) and english * 3 >= len(words) > 0


def _has_letters(text: str) -> bool:
    """Whether there are enough letters to tell a language by."""
    letters = 0
    for char in text:
        if char in ASCII_LETTERS or char.isalpha():
            letters += 1
            if letters >= FEWEST_LETTERS:
                return True
    return False
