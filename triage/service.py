"""The customer-service reading: vaderSentiment's rules over a lexicon that knows complaints.

To vaderSentiment "United", "customer care" and "please help" are good news and "on hold for two
hours" is nothing. This reading adds the words and phrases of `service.tsv`, takes the neutral ones
away, and lets the brand's own words and every @handle count for nothing.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from triage.tokens import Learnt
from triage.vader import UNHEARD, UNHEARD_SHOUTED, Token, describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TABLE = Path(__file__).with_name("service.tsv")
BEFORE_HANDLE = string.punctuation.replace("@", "")


@dataclass(frozen=True, slots=True)
class ServiceTable:
    """What the file says: points of words and of phrases, and the neutral words."""

    words: Mapping[str, float]
    phrases: Mapping[tuple[str, ...], float]
    neutral: frozenset[str]


@cache
def service_table() -> ServiceTable:
    """The packaged table, read once."""
    words: dict[str, float] = {}
    phrases: dict[tuple[str, ...], float] = {}
    neutral: set[str] = set()
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        entry, number = line.split("\t")
        points = float(number)
        parts = tuple(entry.split())
        if len(parts) > 1:
            phrases[parts] = points
        elif points:
            words[entry] = points
        else:
            neutral.add(entry)
    return ServiceTable(words, phrases, frozenset(neutral))


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the table, ready to stand in a sentence as one word."""

    words: tuple[str, ...]
    quiet: Token
    shouted: Token


@dataclass(slots=True, eq=False)
class ServiceToken(Token):
    """A word as this reading sees it.

    `bare` is the word without punctuation; `closed` says that punctuation follows, so that no
    phrase goes on; `opens` are the phrases it starts, by their second word, longest first, None
    where it starts none.
    """

    bare: str
    closed: bool
    handle: bool
    opens: Mapping[str, Sequence[Phrase]] | None


class ServiceReader:
    """Turns words into tokens of the customer-service reading, for one brand."""

    def __init__(self, lexicon: Mapping[str, float], own_words: Iterable[str] = ()) -> None:
        """`lexicon` is vaderSentiment's; `own_words`, in lower case, are neither good nor bad."""
        table = service_table()
        silent = table.neutral.union(own_words)
        self._lexicon = {
            word: points
            for word, points in {**lexicon, **table.words}.items()
            if word not in silent
        }
        self._openings: dict[str, dict[str, list[Phrase]]] = {}
        for words, points in sorted(table.phrases.items(), key=lambda entry: -len(entry[0])):
            seconds = self._openings.setdefault(words[0], {})
            seconds.setdefault(words[1], []).append(_phrase(words, points))
        self._in_phrases = {word for words in table.phrases for word in words}
        self._unheard = {
            token: _service_token(token, "", closed=False, handle=False, opens=None)
            for token in (UNHEARD, UNHEARD_SHOUTED)
        }
        self._known = Learnt(self._learn)

    def tokens(self, words: list[str]) -> Sequence[Token]:
        """The tokens of a post: handles left out, phrases as one token each; one linear pass."""
        tokens = [token for token in self._known.all(words) if not token.handle]
        openers = [i for i, token in enumerate(tokens[:-1]) if token.opens is not None]
        return _with_phrases(tokens, openers) if openers else tokens

    def _learn(self, raw: str) -> ServiceToken:
        """What this reading knows of a word between spaces."""
        said = raw.replace("’", "'")
        bare = said.strip(string.punctuation)
        word = said if len(bare) <= 2 else bare
        bare = bare.lower()
        handle = "@" in said and said.lstrip(BEFORE_HANDLE).startswith("@")
        token = describe(word, word.lower(), self._lexicon)
        if token in self._unheard and not handle and bare not in self._in_phrases:
            return self._unheard[token]
        closed = not said[-1].isalnum()
        opens = None if closed else self._openings.get(bare)
        return _service_token(token, bare, closed=closed, handle=handle, opens=opens)


def _service_token(
    token: Token,
    bare: str,
    *,
    closed: bool,
    handle: bool,
    opens: Mapping[str, Sequence[Phrase]] | None,
) -> ServiceToken:
    """A token with what this reading adds to it."""
    return ServiceToken(
        token.low,
        token.shouted,
        token.points,
        token.boost,
        token.negates,
        token.scores,
        token.plain,
        token.calm,
        token.idiomatic,
        bare,
        closed=closed,
        handle=handle,
        opens=opens,
    )


def _phrase(words: tuple[str, ...], points: float) -> Phrase:
    """A phrase with its two tokens, said and shouted."""
    said = " ".join(words)
    lexicon = {said: points} if points else {}
    return Phrase(words, describe(said, said, lexicon), describe(said.upper(), said, lexicon))


def _with_phrases(tokens: list[ServiceToken], openers: Iterable[int]) -> Sequence[Token]:
    """The tokens with every phrase of the table as one token; `openers` may start one."""
    found: list[Token] = []
    taken = 0
    for i in openers:
        phrase = None if i < taken else _opened(tokens, i)
        if phrase is not None:
            end = i + len(phrase.words)
            found += tokens[taken:i]
            shouted = all(word.shouted for word in tokens[i:end])
            found.append(phrase.shouted if shouted else phrase.quiet)
            taken = end
    found += tokens[taken:]
    return found


def _opened(tokens: Sequence[ServiceToken], i: int) -> Phrase | None:
    """The longest phrase that starts at `i` and is not cut by punctuation."""
    by_second = tokens[i].opens or {}
    for phrase in by_second.get(tokens[i + 1].bare, ()):
        length = len(phrase.words)
        said = tokens[i : i + length]
        whole = [word.bare for word in said] == list(phrase.words)
        if whole and not any(word.closed for word in said[:-1]):
            return phrase
    return None


def brand_words(name: str, handles: Iterable[str]) -> set[str]:
    """The words of a brand's name and handles, in lower case."""
    return {word for said in (name, *handles) for word in re.findall(r"\w+", said.lower())}
