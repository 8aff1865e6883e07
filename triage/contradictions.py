"""Posts that say nearly the same, of which people said different things: one of them is mistaken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.duplicates import DuplicateIndex, fingerprint
from triage.wordpiece import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triage.learning import Example


def contradictions(examples: Sequence[Example]) -> list[tuple[Example, ...]]:
    """Examples of one field, of near-duplicates, with different values; in the order of their keys.

    Near-duplicates are those of `triage.duplicates`; a post is compared with earlier ones alone.
    """
    ordered = sorted(set(examples))
    index, original_of = DuplicateIndex(len(ordered) + 1), dict[str, int]()
    for number, text in enumerate(dict.fromkeys([one.text for one in ordered]), 1):
        print_ = fingerprint(words_of(text))
        original = index.original_of(print_)
        if not original:
            index.remember(number, print_)
        else:
            index.repeat(original, print_)
        original_of[text] = original or number
    groups: dict[tuple[int, str], list[Example]] = {}
    for one in ordered:
        groups.setdefault((original_of[one.text], one.field), []).append(one)
    return [tuple(group) for group in groups.values() if len({one.value for one in group}) > 1]
