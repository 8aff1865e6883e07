"""How readily a brand's issues are joined, tuned by the issues that people have put in order.

What a person merged, split, named or answered is how a person wants it. The latest posts of these
issues are grouped again as if nobody had said anything, more and less readily, and compared with
where people have them (adjusted Rand index): the setting that comes closest by itself would have
made most of these corrections unnecessary. What people looked at and left alone counts as much as
what they changed; pairs that were corrected, taken alone, would always speak against today's setting.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from triage.communities import Numbers
from triage.evaluation import grouping
from triage.refinement import LOOSE, Live, communities_of

STRICTNESS = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8)
FEWEST_ISSUES = 6
FEWEST_POSTS = 60
FEWEST_LINKS = 10
GAIN = 0.02
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Tried:
    """One setting: how well it finds the issues of people (−.5 … 1), and how many issues it makes."""

    strictness: float
    agreement: float
    issues: int


@dataclass(frozen=True, slots=True)
class Tuning:
    """What tuning found. `best` is `now` unless one of the two settings beside it agrees clearly better.

    `posts` of `touched` issues were compared, `links` are what people said of pairs. `refused` says
    why there is too little to go on. `joined` are issues that would become one, `parted` are issues
    that would fall apart, the largest first.
    """

    now: Tried
    best: Tried
    tried: tuple[Tried, ...]
    posts: int
    touched: int
    links: int
    refused: str = ""
    joined: tuple[tuple[int, ...], ...] = ()
    parted: tuple[int, ...] = ()


def tune(live: Live) -> Tuning:
    """Compare settings on the latest posts; changes nothing."""
    first = max(0, len(live.issues) - LOOSE)
    latest = np.arange(len(live.issues)) >= first
    known = latest & np.isin(live.issues, np.fromiter(live.touched, np.int64, len(live.touched)))
    gold = live.issues[known].tolist()
    links, touched = len(live.together) + len(live.apart), len(set(gold))
    alone = replace(live, touched=frozenset(), together=(), apart=())
    found: dict[float, Numbers] = {}
    tried = []
    for strictness in sorted({*STRICTNESS, live.strictness}):
        found[strictness] = communities_of(replace(alone, strictness=strictness))
        theirs = found[strictness][known].tolist()
        agreement = grouping(gold, theirs).ari if len(gold) > 1 else 0.0
        sizes = np.bincount(found[strictness][latest])
        tried.append(Tried(strictness, round(agreement, 3), int((sizes > 1).sum())))
    now = next(one for one in tried if one.strictness == live.strictness)
    refused = _too_little(len(gold), touched, links)
    at = tried.index(now)
    near = tried[
        max(0, at - 1) : at + 2
    ]  # touched issues are few: what fits them too well misleads
    best = min(near, key=lambda one: (-one.agreement, abs(np.log(one.strictness))))
    if refused or best.agreement < now.agreement + GAIN:
        best = now
    joined, parted = _changes(
        live.issues[latest], found[now.strictness][latest], found[best.strictness][latest]
    )
    return Tuning(now, best, tuple(tried), len(gold), touched, links, refused, joined, parted)


def _too_little(posts: int, issues: int, links: int) -> str:
    if links < FEWEST_LINKS:
        return f"people said of {links} pairs of posts how they belong; {FEWEST_LINKS} are needed"
    if issues < FEWEST_ISSUES or posts < FEWEST_POSTS:
        return (
            f"people touched {issues} issues with {posts} of the latest posts;"
            f" {FEWEST_ISSUES} with {FEWEST_POSTS} are needed"
        )
    return ""


def _changes(
    issues: Numbers, now: Numbers, then: Numbers
) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """The issues that would be joined, and those that would be parted, the largest first."""
    if np.array_equal(now, then):
        return (), ()
    before, after = _homes(issues, now), _homes(issues, then)
    sizes = Counter(issues.tolist())
    together: dict[int, list[int]] = {}
    for issue in sorted(after, key=lambda one: (-sizes[one], one)):
        together.setdefault(after[issue], []).append(issue)
    joined = tuple(
        tuple(some[:SHOWN])
        for some in together.values()
        if len({before.get(issue, -issue) for issue in some}) > 1
    )
    parted = sorted(before.keys() - after.keys(), key=lambda one: (-sizes[one], one))
    return joined[:SHOWN], tuple(parted[:SHOWN])


def _homes(issues: Numbers, communities: Numbers) -> dict[int, int]:
    """The community that holds most of an issue's posts, for issues of several posts that have one."""
    homes: dict[int, int] = {}
    for issue in np.unique(issues).tolist():
        members = communities[issues == issue]
        names, counts = np.unique(members, return_counts=True)
        if len(members) > 1 and counts.max() * 2 > len(members):
            homes[issue] = int(names[counts.argmax()])
    return homes
