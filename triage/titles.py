"""Titles: the stretch of a post that names an issue as a person would, cut from the posts it has.

A stretch is scored by what its words and pairs tell of the issue, per word to be read. Whole clauses
are better than parts, three words better than fewer, and what says that something is wrong better
than what only says where. It begins and ends on words that name something: no numbers, no
fillers. What tells of somebody's doing ("I have written to them …"), points at something else ("but this
…") or asks nobody is worse than what names a thing; whose card it is no title needs to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from operator import add
from types import MappingProxyType

from triage.stopwords import COURTESY, NEGATIONS, QUESTIONS, STOPWORDS
from triage.title_words import (
    BETWEEN,
    DOINGS,
    FILLERS,
    OWNERS,
    PARTICLES,
    PERSONS,
    POINTING,
    TROUBLES,
)

MOST_WORDS = 120
LONGEST_WORD = 32
TELLS_LESS = 0.5
LONGEST_TITLE = 60
EFFORT = 3.0
SMALL_EFFORT = 0.4
TROUBLE = 1.3  # for a title that says what is wrong
WHOLE_START, WHOLE_END = 1.25, 1.15
MOST_PER_WEIGHT = (
    TROUBLE * WHOLE_START * WHOLE_END / (EFFORT + 1 + 2 * SMALL_EFFORT)
)  # three words, one telling
MOST_TITLE_WORDS = 8
LONGEST_ACRONYM = 4
POINTS = 0.7  # for a title that points at something else, or tells a story
TELLS = 3  # words with which a clause says what it is about
SHORTER = MappingProxyType({1: 0.3, 2: 0.6})
_BEING = frozenset(("is", "are", "was", "were", "am", "still", "it's", "im", "i'm"))
_STATES = ("ing", "able", "ible", "ed", "en")  # as "available" and "accepted" end
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_JOINING = frozenset(("and", "or", "but", "&", "with"))
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CLAUSE = re.compile(r"[.!?;:,…]+(?:\s+|$)|[()\[\]\"“”|•–—\r\n]+|\s-+\s|#")
_PLAIN = re.compile(r"[^\w\s'’&%$€£+/.-]|_")
SILENT = STOPWORDS | COURTESY
EMPTY = SILENT | FILLERS


def telling_words(text: str) -> list[str]:
    """The words of a plain text, in order, lower case, typographic apostrophes made straight."""
    return _WORD.findall(text.lower().replace("’", "'"))


def title_of(texts: Sequence[str], central: str, weights: Mapping[str, float]) -> str:
    """The stretch of up to eight words that says most per word, or nothing when none says any."""
    best, title = 0.0, ""
    for text in texts:
        favour = 1.1 if text is central else 1.0
        for clause in _CLAUSE.split(text):
            shown = _PLAIN.sub(" ", clause).split()[:MOST_WORDS]
            score, start, end = _best_stretch(shown, weights, best / favour)
            if end:
                best, title = score * favour, " ".join(_without_owners(shown[start:end]))
    return capital(title)


def opening(text: str) -> str:
    """The first clause of a text with three telling words, else its beginning."""
    for clause in _CLAUSE.split(text):
        words = telling_words(clause)
        if len({word for word in words if len(word) > 1 and word not in SILENT}) >= TELLS:
            return _shortened(clause)
    return _shortened(text)


def _best_stretch(
    shown: list[str], weights: Mapping[str, float], floor: float
) -> tuple[float, int, int]:
    """Score and bounds of the best stretch that starts and ends on a word that may do so.

    The whole clause is favoured over a part of it, three words or more over fewer. (floor, 0, 0)
    when none scores above the floor.
    """
    words = [word.lower().replace("’", "'").strip("'.-/&+") for word in shown]
    best = (floor, 0, 0)
    alone = [weights.get(word, 0.0) for word in words]
    paired = [0.0, *(weights.get(f"{a} {b}", 0.0) for a, b in pairwise(words))]
    if (sum(alone) + sum(paired)) * MOST_PER_WEIGHT <= floor:
        return best
    telling = [_tells(word) for word in words]
    if not any(telling):
        return best
    starts = [at for at in range(len(words)) if telling[at] or _opens(words, at)]
    final = max(at for at, tells in enumerate(telling) if tells)
    sums = [0.0, *accumulate(map(add, alone, paired))]
    for start in starts:
        reach = min(len(words), start + MOST_TITLE_WORDS)
        if (sums[reach] - sums[start]) * MOST_PER_WEIGHT <= best[0]:
            continue
        said, effort, letters, troubled = 0.0, EFFORT, -1, False
        seen: set[str] = set()
        favour = WHOLE_START if start == starts[0] else 1.0
        if _tells_a_doing(words, start):
            favour *= TELLS_LESS
        asks, points = words[start] in QUESTIONS, False
        for at in range(start, reach):
            letters += 1 + len(shown[at])
            effort += 1.0 if telling[at] else SMALL_EFFORT
            if letters > LONGEST_TITLE:
                break
            troubled = troubled or words[at] in TROUBLES
            points = points or (words[at] in POINTING and not asks)
            if words[at] not in seen:
                seen.add(words[at])
                said += alone[at]
            if at > start:
                said += paired[at]
            if telling[at]:
                length = at + 1 - start
                score = said * SHORTER.get(length, 1.0) * favour / effort
                if troubled:
                    score *= TROUBLE
                if points:
                    score *= POINTS
                if length == 3 and words[start + 1] in _JOINING:
                    score *= TELLS_LESS
                if words[start] in QUESTIONS and at != final:
                    score *= TELLS_LESS
                if at == final:
                    score *= WHOLE_END
                if score > best[0]:
                    best = (score, start, _with_particle(words, at))
    return best


def _tells(word: str) -> bool:
    """Whether a title may begin or end with a word: it says something, and not only how much."""
    return (
        1 < len(word) <= LONGEST_WORD
        and word not in EMPTY
        and word not in NEGATIONS
        and "'" not in word
        and not _ORDINAL.fullmatch(word)
        and sum(map(str.isalpha, word)) * 2 > len(word)
    )


def _opens(words: list[str], at: int) -> bool:
    """A negation opens a title well, and so does a question word with nothing telling before it."""
    word = words[at]
    if word == "not":  # "is not available" names a trouble, "I have not changed" its opposite
        found = words[at + 1 : at + 2]
        state = bool(found) and found[0].endswith(_STATES) and found[0] not in SILENT
        return state and (at == 0 or words[at - 1] in _BEING)
    return word in NEGATIONS or (word in QUESTIONS and (at == 0 or words[at - 1] in SILENT))


def _tells_a_doing(words: list[str], start: int) -> bool:
    """Whether a stretch would begin with what somebody did, its subject cut off.

    "I have written …", "I hate …"; not what befell them: "I was charged", "I can't verify".
    """
    first = words[start]
    if first in DOINGS:
        return True
    if first != "never" and (first in TROUBLES or first in NEGATIONS):
        return False
    at = start - 1
    while at >= 0 and words[at] in BETWEEN:
        at -= 1
    return at >= 0 and words[at] in PERSONS


def _with_particle(words: list[str], last: int) -> int:
    """The end of a stretch: "top up" and "logged out" are not cut in two."""
    return last + 2 if words[last + 1 : last + 2] and words[last + 1] in PARTICLES else last + 1


def _without_owners(shown: list[str]) -> list[str]:
    """Without my, your and the like, when two words are left; a question keeps them."""
    kept = [word for word in shown if word.lower().replace("’", "'") not in OWNERS]
    return kept if len(kept) > 1 and shown[0].lower() not in QUESTIONS else shown


def capital(stretch: str) -> str:
    """With a capital in front and no shouting: long words in capitals are made small."""
    stretch = stretch.strip(" '’.-/&+")
    if stretch[1:2].isupper() and stretch[:1].islower():  # iPhone
        return stretch
    if stretch.isupper():
        stretch = stretch.lower()
    stretch = " ".join(
        word.lower() if len(word) > LONGEST_ACRONYM and word.isupper() else word
        for word in stretch.split(" ")
    )
    return stretch[:1].upper() + stretch[1:]


def _shortened(text: str) -> str:
    """The beginning of a text, cut at a word."""
    shown = " ".join(_PLAIN.sub(" ", text).split())
    if len(shown) > LONGEST_TITLE:
        shown = shown[:LONGEST_TITLE].rsplit(" ", 1)[0][:LONGEST_TITLE]
    return capital(shown)
