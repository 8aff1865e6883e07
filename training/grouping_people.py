"""What people's corrections do to grouping: links that hold, and figures that rise.

A made-up person who knows the labels corrects while a stream comes in. First part: ten random corrections
before each of twenty looks, half of them "belongs there", half "does not belong here"; counted is how
many links any look broke. Second part: forty corrections when two thirds have come (the largest issues
of one label merged, the largest strangers split off), and ARI at the end without and with them, and
with joining tuned by them (`triage.tuning`) besides.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import count

from training.grouping_sets import Data, Stream, stream_of
from triage.evaluation import grouping
from triage.graph_clustering import GraphClusterer
from triage.protocols import Decided, Embedder
from triage.tuning import Tuning

SETS = ("Banking77", "CLINC150")
STEP = 25
LOOKS = 20


class Person:
    """A stream, who is where, and what a person who knows the labels has said."""

    def __init__(self, stream: Stream) -> None:
        self.labels = dict(enumerate(stream.labels, 1))
        self.posts = stream.posts
        self.said_of_pairs: set[tuple[int, int]] = set()
        self.ids = count(1)
        self.clusterer = GraphClusterer()
        self.issue: dict[int, int] = {}
        self.repeats: dict[int, list[int]] = defaultdict(list)
        self.touched: set[int] = set()
        self.together: set[tuple[int, int]] = set()
        self.apart: set[tuple[int, int]] = set()
        self.looks = 0

    def place(self, start: int, end: int) -> bool:
        """Place posts; whether all were looked at again."""
        for one in self.clusterer.place(self.posts[start:end], lambda: next(self.ids)):
            self.issue[one.post] = one.issue
            if one.duplicate_of:
                self.repeats[one.duplicate_of].append(one.post)
        refinements = self.clusterer.refinements()
        for look in refinements:
            into = {one.issue: one.into for one in look.absorbed}
            for post, issue in self.issue.items():
                self.issue[post] = into.get(issue, issue)
            for move in look.moves:
                for post in (move.post, *self.repeats[move.post]):
                    self.issue[post] = move.target
        self.looks += len(refinements)
        return bool(refinements)

    def said(self, moved: dict[int, int], gone: dict[int, int] | None = None) -> None:
        """Carry out what the person moved, and tell the clusterer."""
        self.issue.update(moved)
        self.touched |= set(moved.values())
        self.clusterer.put_right(dict(self.issue), gone or {})
        self.respect()

    def tuned(self) -> Tuning:
        """What tuning makes of all that was said; merges and splits count as pairs, as at the desk."""
        self.respect(1.0, self.said_of_pairs)
        tuning = self.clusterer.tuning()
        self.respect(tuning.best.strictness)
        return tuning

    def respect(self, strictness: float = 1.0, besides: Collection[tuple[int, int]] = ()) -> None:
        self.clusterer.respect(
            Decided(
                frozenset(self.touched),
                frozenset(self.together).union(besides),
                frozenset(self.apart),
                strictness,
            )
        )

    def originals(self) -> list[int]:
        repeats = {post for some in self.repeats.values() for post in some}
        return [post for post, issue in self.issue.items() if issue and post not in repeats]

    def free(self, post: int, issue: int) -> bool:
        """Whether nothing that was said keeps a post out of an issue, or in its own."""
        bound = {other for pair in self.together if post in pair for other in pair}
        apart = {other for pair in self.apart if post in pair for other in pair} - {post}
        return not bound and all(self.issue[other] != issue for other in apart)

    def broken(self) -> int:
        parted = sum(self.issue[one] != self.issue[other] for one, other in self.together)
        return parted + sum(self.issue[one] == self.issue[other] for one, other in self.apart)

    def ari(self) -> float:
        gold = [self.labels[post] for post in self.issue]
        return grouping(gold, list(self.issue.values()), ungrouped=0).ari


def random_corrections(person: Person, dice: random.Random, how_many: int) -> None:
    """Half "belongs there", half "does not belong here", of posts taken at random."""
    done = 0
    pool = person.originals()
    while done < how_many:
        one, other = dice.sample(pool, 2)
        same = person.labels[one] == person.labels[other]
        where, there = person.issue[one], person.issue[other]
        if same and where != there and done % 2 == 0 and person.free(one, there):
            person.together.add((one, other))
            person.touched |= {where, there}
            person.said({one: there})
        elif not same and where == there and done % 2 and person.free(one, 0):
            person.apart.add((one, other))
            person.touched |= {where}
            person.said({one: next(person.ids)})
        else:
            continue
        done += 1


def informed_corrections(person: Person, how_many: int) -> None:
    """Merges and splits, those that put most posts right first."""
    for _ in range(how_many):
        members: dict[int, list[int]] = defaultdict(list)
        for post, issue in person.issue.items():
            if issue:
                members[issue].append(post)
        counts = {
            issue: Counter(person.labels[p] for p in posts) for issue, posts in members.items()
        }
        main = {issue: count.most_common(1)[0] for issue, count in counts.items()}
        homes: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for issue, (label, size) in main.items():
            homes[label].append((size, issue))
        merges = [
            (sorted(some)[-2][0], sorted(some)[-2][1], sorted(some)[-1][1])
            for some in homes.values()
            if len(some) > 1
        ]
        splits = [
            (*count.most_common(2)[1][::-1], issue)
            for issue, count in counts.items()
            if len(count) > 1
        ]
        best_merge, best_split = max(merges, default=(0, 0, 0)), max(splits, default=(0, "", 0))
        if best_merge[0] >= best_split[0]:
            _, source, target = best_merge
            person.said_of_pairs.add((members[source][0], members[target][0]))
            person.said(dict.fromkeys(members[source], target), {source: target})
        else:
            _, label, issue = best_split
            person.touched.add(issue)
            leaving = [post for post in members[issue] if person.labels[post] == label]
            person.said_of_pairs.add((leaving[0], leaving[-1]))
            person.said(dict.fromkeys(leaving, next(person.ids)))


def links(stream: Stream) -> str:
    """Twenty looks, ten corrections before each."""
    person, dice, said, broken, corrected, looks = Person(stream), random.Random(7), 0, 0, 0, 0
    for start in range(0, len(person.posts), STEP):
        if looks >= LOOKS:
            break
        if not person.place(start, start + STEP) or start < 200:
            continue
        looks += 1
        broken += person.broken()
        random_corrections(person, dice, 10)
        said += 10
        corrected = len(person.together) + len(person.apart)
    return f"{looks} looks, {said} corrections, {corrected} links, broken after any look: {broken}"


def forty(stream: Stream) -> str:
    """ARI at the end without, with forty corrections at two thirds, and tuned by them."""
    found = []
    for corrections, tuned in ((0, False), (40, False), (40, True)):
        person = Person(stream)
        most = len(person.posts) * 2 // 3
        person.place(0, most)
        informed_corrections(person, corrections)
        setting = ""
        if tuned:
            tuning = person.tuned()
            setting = (
                f" (strictness {tuning.best.strictness:g}: agreement {tuning.now.agreement:.2f}"
                f" → {tuning.best.agreement:.2f} {tuning.refused})"
            )
        person.place(most, len(person.posts))
        found.append(f"{person.ari():.3f}{setting}")
    return " → ".join(found)


def people(data: Data, embedder: Embedder, names: Sequence[str] = SETS) -> Iterator[str]:
    """Two lines a set."""
    for name in names:
        stream = stream_of(data, name, embedder)
        yield f"{name}: {links(stream)}"
        yield f"{name}: ARI without → with 40 corrections → tuned by them: {forty(stream)}"
