"""Why a post is in its issue, and why not in another one: in posts, words and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from listener.errors import NotFound
from listener.stages.group_room import GroupRoom
from listener.store.protocol import Store
from listener.store.rows import MentionRow
from triage.labels import phrases_of, plain
from triage.protocols import Tie, Why
from triage.titles import telling_words


@dataclass(frozen=True, slots=True)
class Likeness:
    """A post that the explained one resembles, and the telling words and pairs that both have."""

    mention: int
    issue: int
    similarity: float
    words: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a mention is in its issue.

    `rule` says it in a sentence. `needed` is the least similarity that ties two posts of the brand;
    `shares` are those of what ties it, by issue. `instead` are the posts of the other issue that was
    asked about which resemble it most.
    """

    mention: int
    issue: int | None
    rule: str
    needed: float | None = None
    ties: tuple[Likeness, ...] = ()
    shares: Mapping[int, float] | None = None
    instead: tuple[Likeness, ...] = ()


def explain(store: Store, mention: int, other: int = 0) -> Explanation:
    """Explain where a mention is, and why not in the issue `other`. Raises NotFound."""
    rows = store.readings(mention)
    row = next((one for one in rows if one.issue is not None), next(iter(rows), None))
    if row is None:
        raise NotFound(f"there is no mention {mention}", "listener issues list")
    if row.duplicate_of:
        rule = f"It repeats mention {row.duplicate_of} almost word for word and goes where that is."
        return Explanation(mention, row.issue, rule)
    if row.issue is None:
        return Explanation(
            mention, None, "It is in no issue: it says too little to go on, or is not looked at."
        )
    room = GroupRoom(row.brand)
    with store.triage() as scope:
        why = room.take_up(store, scope).why(mention, _standing(store, other))
    if why is None:
        rule = (
            "It came too long ago to be looked at again; it was"
            f" {row.similarity or 0.0:.2f} like what it joined."
        )
        return Explanation(mention, row.issue, rule)
    return _explained(store, row, why)


def _standing(store: Store, issue: int) -> int:
    """The issue that an id means today; 0 stays 0. Raises NotFound."""
    if not issue:
        return 0
    found = store.issue(issue)
    if found is None:
        raise NotFound(f"there is no issue {issue}", "listener issues list")
    return found.id


def _explained(store: Store, row: MentionRow, why: Why) -> Explanation:
    issues = sorted({tie.issue for tie in why.ties}, key=lambda one: (-why.share(one), one))
    shares = {issue: round(why.share(issue), 3) for issue in issues}
    here = shares.get(why.issue, 0.0)
    if not why.ties:
        rule = "Nothing that came before is like it enough; it opened its issue."
    elif here == max(shares.values()):
        rule = f"{here:.0%} of what ties it to earlier posts leads to issue {why.issue}."
    else:
        rule = (
            f"When it came, more led elsewhere ({here:.0%} to issue {why.issue}); with the posts"
            " that came later it belongs with those there, or a person said so."
        )
    words = _words(row)
    return Explanation(
        why.post,
        why.issue,
        rule,
        why.needed,
        tuple(_likeness(store, tie, words) for tie in why.ties),
        shares,
        tuple(_likeness(store, tie, words) for tie in why.instead),
    )


def _likeness(store: Store, tie: Tie, words: frozenset[str]) -> Likeness:
    row = next(iter(store.readings(tie.post)), None)
    shared = sorted(words & _words(row), key=lambda one: (-len(one), one)) if row else []
    text = row.mention.full_text if row else ""
    return Likeness(tie.post, tie.issue, tie.similarity, tuple(shared), text)


def _words(row: MentionRow) -> frozenset[str]:
    return frozenset(phrases_of(telling_words(plain(row.mention.full_text))))
