"""What looking again at a brand's live posts changes: communities propose, a calm rule disposes.

Communities of the neighbour graph are found anew (`triage.communities`), in one look that neither
knows nor needs the look before: small ones by modularity, then those joined that have more of their ties in
each other than chance would give them, which keeps topics apart however many there are. While a brand has few
posts they are cut finer and joined less readily, for what is apart can be joined later without moving
anybody, and what was mixed cannot be parted. They get the ids of the issues they overlap most with:

- posts that came since the last refinement go where their community is;
- an issue that no community continues and most of whose posts are in another becomes a part of that
  one, and its id stays as an alias;
- of all earlier posts at most one in a hundred moves, those with the clearest gain, and none without;
- issues that a person touched keep all their posts and are not absorbed; what would change in them is
  suggested;
- posts that a person tied together stay together, those a person told apart never meet.

Posts older than the last `LOOSE` are held together by their issues, so that a refinement costs
no more at the millionth post than at the twenty thousandth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from triage.calibration import Rows
from triage.communities import Numbers, communities, joined, tied_together
from triage.nearest import Slots
from triage.protocols import Absorbed, Move, Suggestion
from triage.space import STATIC, Space

FINER_AT_FIRST = 3_000
POSTS_PER_NEIGHBOUR = 500
FEWEST_NEIGHBOURS = 4
LOOSE = 20_000
CHURN = 0.01
MOST_OF_IT = 0.5
FEWEST_PARTED = 8
LEAST_PARTED = 0.2


@dataclass(frozen=True, slots=True)
class Live:
    """The live posts by slot: their issues and neighbours, and what people said of them.

    The first `settled` have been through a refinement. `together` and `apart` are pairs of slots,
    `touched` are issues. Communities are joined the less readily the larger `strictness` is.
    """

    issues: Numbers
    slots: Slots
    products: Rows
    settled: int
    touched: frozenset[int] = frozenset()
    together: Sequence[tuple[int, int]] = ()
    apart: Sequence[tuple[int, int]] = ()
    strictness: float = 1.0
    space: Space = STATIC


@dataclass(frozen=True, slots=True)
class Outcome:
    """The issues of all live posts afterwards, and what has changed; `Move.post` is a slot."""

    issues: Numbers
    absorbed: tuple[Absorbed, ...]
    moves: tuple[Move, ...]
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class _Ties:
    sources: Numbers
    targets: Numbers
    weights: Numbers


def refine(live: Live, new_issue: Callable[[], int]) -> Outcome:
    """Look again at all live posts; `new_issue` hands out the id of an issue to be opened."""
    ties = _ties(live)
    community = _communities(live, ties)
    names, unnamed = _names(live, community)
    wanted = _wanted(community, names)
    wanted = _kept_apart(live, wanted, unnamed)
    now, absorbed, suggestions = _absorb(live, wanted)
    after, here, there = _move(live, ties, wanted, now)
    after = _open(_as_linked(live, after, now), new_issue)
    moved = np.flatnonzero(after != now)
    moves = tuple(
        Move(slot, source, target, round(was, 3), round(will, 3), slot >= live.settled)
        for slot, source, target, was, will in zip(
            moved.tolist(),
            now[moved].tolist(),
            after[moved].tolist(),
            here[moved].tolist(),
            there[moved].tolist(),
            strict=True,
        )
    )
    return Outcome(after, absorbed, moves, (*suggestions, *_parted(live, ties)))


def communities_of(live: Live) -> Numbers:
    """The community of every slot, by number, that a look would propose."""
    return _communities(live, _ties(live))


def _parted(live: Live, ties: _Ties) -> list[Suggestion]:
    """The largest part of each touched issue that seems to be about something else."""
    if not live.touched:
        return []
    community = _communities(replace(live, touched=frozenset()), ties)
    first = max(0, len(community) - LOOSE)  # older posts are held together
    found = []
    for issue in sorted(live.touched):
        members = np.flatnonzero(live.issues == issue)
        members = members[members >= first]
        names, counts = np.unique(community[members], return_counts=True)
        if len(names) < 2:
            continue
        second = int(np.lexsort((names, -counts))[1])
        if counts[second] >= max(FEWEST_PARTED, LEAST_PARTED * len(members)):
            parted = tuple(members[community[members] == names[second]].tolist())
            share = round(len(parted) / len(members), 3)
            found.append(Suggestion(issue, 0, len(members), share, parted))
    return found


def _ties(live: Live) -> _Ties:
    """The ties of the graph, one a pair: fewer a post while the brand has few posts."""
    count = len(live.issues)
    most = live.slots.shape[1]
    each = min(most, max(FEWEST_NEIGHBOURS, count // POSTS_PER_NEIGHBOUR))
    slots = live.slots[:, :each]
    sources, rank = np.nonzero(slots >= 0)
    weights = live.products[sources, rank].astype(np.int64)
    return _Ties(sources, slots[sources, rank].astype(np.int64), weights)


def _communities(live: Live, ties: _Ties) -> Numbers:
    """The community of every slot."""
    count, space = len(live.issues), live.space
    held = np.zeros(count, bool)
    held[: max(0, min(live.settled, count - LOOSE))] = True
    if live.touched:
        settled = live.issues[: live.settled]
        held[: live.settled] |= np.isin(settled, np.fromiter(live.touched, np.int64))
        held |= _put_by_people(live, live.issues)
    nodes = np.zeros(count, np.int64)
    issues, nodes[held] = np.unique(live.issues[held], return_inverse=True)
    loose = np.flatnonzero(~held)
    nodes[loose] = len(issues) + np.arange(len(loose))
    size = len(issues) + len(loose)
    if live.together:
        pairs = [(int(nodes[one]), int(nodes[other])) for one, other in live.together]
        nodes = tied_together(size, pairs)[nodes]
    finer = 1 + FINER_AT_FIRST / max(count, FINER_AT_FIRST / 4)
    found = communities(
        nodes[ties.sources], nodes[ties.targets], ties.weights, size, space.resolution * finer
    )
    few = max(count, FINER_AT_FIRST / 4)
    share = max(space.joined_by, space.joined_by_at_first / few**0.5)
    share *= live.strictness
    pieces = _numbered(found[nodes])
    return _numbered(joined(pieces, ties.sources, ties.targets, ties.weights, share))


def _numbered(labels: Numbers) -> Numbers:
    """Labels that count from 0 without a gap."""
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _names(live: Live, community: Numbers) -> tuple[dict[int, int], int]:
    """The issue that each community continues: of the largest overlap, one to one.

    Overlaps of settled posts come before those of others, touched issues before untouched ones.
    Communities that continue none get negative numbers; the second result is the next of these.
    """
    issues, number = np.unique(live.issues, return_inverse=True)
    cells = community * len(issues) + number
    settled = np.arange(len(cells)) < live.settled
    pairs, where = np.unique(cells, return_inverse=True)
    size = np.bincount(where, minlength=len(pairs))
    lasting = np.bincount(where[settled], minlength=len(pairs))
    of, issue = pairs // len(issues), issues[pairs % len(issues)]
    touched = np.isin(issue, np.fromiter(live.touched, np.int64, len(live.touched)))
    order = np.lexsort((of, issue, -size, -lasting, ~(touched & (lasting > 0))))
    names: dict[int, int] = {}
    taken: set[int] = set()
    for at in order.tolist():
        one, name = int(of[at]), int(issue[at])
        if one not in names and name not in taken:
            names[one] = name
            taken.add(name)
    unnamed = -1
    for one in range(int(community.max(initial=-1)) + 1):
        if one not in names:
            names[one] = unnamed
            unnamed -= 1
    return names, unnamed


def _wanted(community: Numbers, names: Mapping[int, int]) -> Numbers:
    return np.fromiter((names[one] for one in range(len(names))), np.int64)[community]


def _kept_apart(live: Live, wanted: Numbers, unnamed: int) -> Numbers:
    """Send the later one of two posts that must not meet elsewhere, if they would."""
    wanted = wanted.copy()
    for one, other in live.apart:
        if wanted[one] != wanted[other]:
            continue
        later = max(one, other)
        if live.issues[one] != live.issues[other]:
            wanted[one], wanted[other] = live.issues[one], live.issues[other]
        else:
            wanted[later] = unnamed
            unnamed -= 1
    return wanted


def _absorb(
    live: Live, wanted: Numbers
) -> tuple[Numbers, tuple[Absorbed, ...], tuple[Suggestion, ...]]:
    """Let issues that no community continues go up in the one most of their posts are in."""
    now = live.issues.copy()
    absorbed, suggestions = [], []
    used = set(np.unique(wanted).tolist())
    order = np.argsort(live.issues, kind="stable")
    issues, starts = np.unique(live.issues[order], return_index=True)
    for issue, members in zip(issues.tolist(), np.split(order, starts[1:]), strict=True):
        if issue in used and issue not in live.touched:
            continue
        targets, counts = np.unique(wanted[members], return_counts=True)
        target, share = int(targets[counts.argmax()]), float(counts.max()) / len(members)
        settled = int((members < live.settled).sum())
        if target == issue or target < 0 or (settled and share < MOST_OF_IT):
            continue
        if _would_meet(live, now, issue, target):
            continue
        if (issue in live.touched and settled) or target in live.touched:
            if share >= MOST_OF_IT and settled:
                suggestions.append(Suggestion(issue, target, len(members), round(share, 3)))
            continue
        now[members] = target
        absorbed.append(Absorbed(issue, target, len(members), round(share, 3)))
    return now, tuple(absorbed), tuple(suggestions)


def _would_meet(live: Live, now: Numbers, issue: int, target: int) -> bool:
    both = {issue, target}
    return any({int(now[one]), int(now[other])} == both for one, other in live.apart)


def _linked(live: Live) -> NDArray[np.bool_]:
    """Of which posts a person said that they belong with another, or not."""
    linked = np.zeros(len(live.issues), bool)
    linked[[slot for pair in (*live.together, *live.apart) for slot in pair]] = True
    return linked


def _put_by_people(live: Live, now: Numbers) -> NDArray[np.bool_]:
    """Which posts stay where they are however young: linked ones in touched issues."""
    return _linked(live) & np.isin(now, np.fromiter(live.touched, np.int64, len(live.touched)))


def _move(
    live: Live, ties: _Ties, wanted: Numbers, now: Numbers
) -> tuple[Numbers, NDArray[np.float64], NDArray[np.float64]]:
    """The issues afterwards, and the shares of ties to where it was and is of each post that may move."""
    count = len(now)
    asked = (now != wanted) | _linked(live)
    forth, back = asked[ties.sources], asked[ties.targets]
    both = np.concatenate([ties.sources[forth], ties.targets[back]])
    ends = np.concatenate([ties.targets[forth], ties.sources[back]])
    weights = np.concatenate([ties.weights[forth], ties.weights[back]])
    total = np.maximum(np.bincount(both, weights=weights, minlength=count), 1)
    target = wanted[ends]
    there = np.bincount(both, weights * (target == wanted[both]), count) / total
    here = np.bincount(both, weights * (target == now[both]), count) / total
    differs = (now != wanted) & ~_put_by_people(live, now)
    young = np.arange(count) >= live.settled
    touched = np.isin(now, np.fromiter(live.touched, np.int64, len(live.touched)))
    into = np.isin(wanted, np.fromiter(live.touched, np.int64, len(live.touched)))
    # Where a person's word stands against the budget, it wins.
    free = differs & (young | (_linked(live) & ~touched))
    settled = np.flatnonzero(differs & ~free & ~touched & ~into & (there > here))
    order = np.lexsort((settled, here[settled] - there[settled]))
    chosen = settled[order[: int(CHURN * live.settled)]]
    moved = np.concatenate([np.flatnonzero(free), chosen])
    after = now.copy()
    after[moved] = wanted[moved]
    return after, here, there


def _as_linked(live: Live, after: Numbers, now: Numbers) -> Numbers:
    """Make the links hold, now that it is known who stayed: those who may move follow those who not.

    Where links contradict each other, those that keep apart win.
    """
    if not live.together and not live.apart:
        return after
    touched = np.isin(now, np.fromiter(live.touched, np.int64, len(live.touched)))
    fixed = touched & (np.arange(len(now)) < live.settled) | _put_by_people(live, now)
    after = after.copy()
    roots = tied_together(len(now), live.together)
    for root in sorted({int(roots[slot]) for pair in live.together for slot in pair}):
        bound = np.flatnonzero(roots == root)
        anchor = next((slot for slot in bound.tolist() if fixed[slot]), int(bound[0]))
        after[bound[~fixed[bound]]] = after[anchor]
    unnamed = min(0, int(after.min(initial=0))) - 1
    for one, other in live.apart:
        if after[one] != after[other] or (fixed[one] and fixed[other]):
            continue
        goes, stays = (one, other) if fixed[other] else (other, one)
        if now[goes] != after[stays]:
            after[goes] = now[goes]
        else:
            after[goes], unnamed = unnamed, unnamed - 1
    return after


def _open(after: Numbers, new_issue: Callable[[], int]) -> Numbers:
    """Give ids to the new issues that got posts, in order of their first post."""
    fresh, first = np.unique(after[after < 0], return_index=True)
    for number in fresh[np.argsort(first)].tolist():
        after[after == number] = new_issue()
    return after
