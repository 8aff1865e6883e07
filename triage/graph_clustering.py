"""Issues from a brand's posts as they arrive, on a graph of nearest neighbours that is looked at again.

A post is tied to the most similar earlier posts above the brand's threshold and joins the issue that
most of these ties lead to, or opens one. When a quarter more posts have come (8,000 at most) all
live posts are looked at again (`triage.refinement`). A near-duplicate follows its original. Which
settings, and what was tried besides: `docs/grouping.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from triage.calibration import MOMENTS, UNIT, Calibration, Rows, calibrate
from triage.dormant import Dormant
from triage.duplicates import DuplicateIndex
from triage.labels import KEPT_TEXT, MOST_WORDS, LabelWriter, Told
from triage.nearest import Found, Nearest
from triage.protocols import Decided, Label, Placement, Post, Refinement
from triage.reading import Reading, read
from triage.refinement import Live, Outcome, refine

NEIGHBOURS = 10
WINDOW = 100_000
BLOCK = 1_024
FIRST_LOOK = 64
LONGEST_WAIT = 8_000
UNGROUPED = 0

Total = NDArray[np.float64]  # the sum of an issue's live rows


class GraphClusterer:
    """A `RefiningClusterer`: ids stay, what was placed wrongly is put right.

    Arithmetic is exact up to the communities (see `triage.calibration`, `triage.communities`), so
    neither batches nor restarts change anything. Memory: the posts of the window (100,000 to
    125,000; about 500 bytes each), bounded counts for labels, the originals of near-duplicates.
    Cost a post: its neighbours, and its share of a refinement; neither grows with the stream.
    A post that says too little (`triage.substance`) gets issue 0. Lanes are not looked at: do not
    send muted posts. `restore` wants every post since the first, with the issues that they have now.
    """

    version = "graph-1"

    def __init__(self, dimensions: int = 256, window: int = WINDOW) -> None:
        """`dimensions` of the vectors to come, at most 1,024; `window` of at least 2,048 posts."""
        if window < max(MOMENTS):
            raise ValueError(f"the window must hold {max(MOMENTS)} posts, not {window}")
        self._dimensions = dimensions
        self._window = window
        self._decided = Decided()
        self._forget_everything()

    def _forget_everything(self) -> None:
        room = self._window + self._window // 4
        self._calibration = Calibration(np.zeros(self._dimensions))
        self._nearest = Nearest(self._dimensions, NEIGHBOURS, room)
        self._raw: list[bytes] = []
        self._posts = np.zeros(room, np.int64)
        self._issues = np.zeros(room + 1, np.int64)  # the last is nobody's
        self._slots = np.full((room, NEIGHBOURS), -1, np.int32)
        self._products = np.zeros((room, NEIGHBOURS), np.float32)
        self._taken = 0
        self._looked = 0
        self._look_at = FIRST_LOOK
        self._duplicates = DuplicateIndex()
        self._labels = LabelWriter()
        self._totals: dict[int, Total] = {}
        self._dormant = Dormant(self._dimensions)
        self._texts: list[tuple[str, str]] = []
        self._close: list[float] = []
        self._aliases: dict[int, int] = {}
        self._calibrated_at = 0
        self._refinements: list[Refinement] = []

    def respect(self, decided: Decided) -> None:
        """From now on, change nothing that people decided. Replaces what was said before."""
        self._decided = decided

    def restore(self, placed: Iterable[tuple[Post, Placement]]) -> None:
        """Forget everything and relearn it from earlier posts, in order of id."""
        self._forget_everything()
        earlier = iter(placed)
        while stretch := list(islice(earlier, self._longest_stretch())):
            readings = [read(post) for post, _ in stretch]
            members = []
            for reading, (_, placement) in zip(readings, stretch, strict=True):
                if placement.duplicate_of:
                    self._duplicates.repeat(placement.duplicate_of, reading.print_)
                else:
                    self._duplicates.remember(reading.post.id, reading.print_, placement.issue)
                    if placement.issue != UNGROUPED:
                        members.append(reading)
            rows, found = self._compare(members)
            self._take(readings, [placement for _, placement in stretch], rows, found)
            self._turn_over()
            if self._taken == self._look_at:
                self._looked = self._taken
                self._plan_next_look()
        self._labels.changed()

    def place(self, posts: Sequence[Post], new_issue: Callable[[], int]) -> list[Placement]:
        """Place posts in order of id; `new_issue` hands out the id of an issue to be opened."""
        placements: list[Placement] = []
        while len(placements) < len(posts):
            start = len(placements)
            stretch = posts[start : start + self._longest_stretch()]
            placements += self._place_stretch(stretch, new_issue)
            self._turn_over()
            if self._taken == self._look_at:
                self._look_again(posts[len(placements) - 1].id, new_issue)
        return placements

    def labels(self) -> list[Label]:
        """New labels of the issues whose label changed since the last call, in order of issue id."""
        return self._labels.changed()

    def refinements(self) -> list[Refinement]:
        """What refinements since the last call have changed, oldest first."""
        done, self._refinements = self._refinements, []
        return done

    def _longest_stretch(self) -> int:
        """How many posts may be placed before anything but the window's end can change."""
        calibration = min((m for m in MOMENTS if m > self._taken), default=self._taken + BLOCK)
        return min(
            BLOCK,
            calibration - self._taken,
            self._look_at - self._taken,
            len(self._posts) - len(self._nearest),
            self._nearest.until_learning,
        )

    def _place_stretch(
        self, posts: Sequence[Post], new_issue: Callable[[], int]
    ) -> list[Placement]:
        readings = [read(post) for post in posts]
        here = {post.id for post in posts}
        originals: list[int] = []
        issues: dict[int, int] = {}  # of originals: those outside the stretch are known already
        members: list[Reading] = []
        for reading in readings:
            original = self._duplicates.original_of(reading.print_)
            originals.append(original)
            if original:
                if original not in here:
                    issues[original] = self._end_of(self._duplicates.issue_of(original))
                self._duplicates.repeat(original, reading.print_)
                continue
            self._duplicates.remember(reading.post.id, reading.print_, UNGROUPED)
            issues[reading.post.id] = UNGROUPED
            if reading.enough:
                members.append(reading)
        rows, found = self._compare(members)
        decided = {
            placement.post: placement for placement in self._decide(members, rows, found, new_issue)
        }
        issues |= {post: placement.issue for post, placement in decided.items()}
        placements = []
        for reading, original in zip(readings, originals, strict=True):
            post = reading.post.id
            if original:
                issue = issues[original]
                placements.append(Placement(post, issue, 1.0, original, duplicate_of=original))
            else:
                placements.append(decided.get(post) or Placement(post, UNGROUPED, 0.0))
                self._duplicates.reissue(post, issues[post])
        self._take(readings, placements, rows, found)
        return placements

    def _end_of(self, issue: int) -> int:
        """The issue that an id means now."""
        while issue in self._aliases:
            issue = self._aliases[issue]
        return issue

    def _compare(self, members: Sequence[Reading]) -> tuple[Rows, Found]:
        rows: Rows = np.zeros((0, self._dimensions), np.float32)
        if members:
            rows = self._calibration.centred([each.post.vector for each in members])
        return rows, self._nearest.find(rows, self._calibration.tied)

    def _decide(
        self, members: Sequence[Reading], rows: Rows, found: Found, new_issue: Callable[[], int]
    ) -> list[Placement]:
        """Each post joins the issue that the most similar posts vote for, or one asleep, or opens one."""
        posts = [reading.post for reading in members]
        known = len(self._nearest)
        issues = self._issues[np.minimum(found.slots, known)].tolist()
        fresh: list[int] = []
        placements = []
        near = zip(posts, found.slots.tolist(), found.products.tolist(), issues, strict=True)
        for post, slots, products, theirs in near:
            votes: dict[int, float] = {}
            drawn_by: dict[int, int] = {}
            for rank, slot in enumerate(slots):
                if slot < 0:
                    break
                issue = theirs[rank] if slot < known else fresh[slot - known]
                votes[issue] = votes.get(issue, 0.0) + products[rank]
                drawn_by.setdefault(issue, rank)
            if not votes:
                asleep = self._dormant.closest(rows[len(fresh)], self._calibration.near)
                issue, close = asleep or (new_issue(), UNIT**2)
                self._total(issue)  # awake from the next post on
                fresh.append(issue)
                placements.append(Placement(post.id, issue, min(1.0, close / UNIT**2)))
                continue
            issue = min(votes, key=lambda one: (-votes[one], one))
            fresh.append(issue)
            slot = slots[drawn_by[issue]]
            nearest = int(self._posts[slot]) if slot < known else posts[slot - known].id
            close = min(1.0, products[drawn_by[issue]] / UNIT**2)
            placements.append(Placement(post.id, issue, close, nearest))
        return placements

    def _take(
        self,
        readings: Sequence[Reading],
        placements: Sequence[Placement],
        rows: Rows,
        found: Found,
    ) -> None:
        """Remember a stretch of placed posts."""
        start, at = len(self._nearest), 0
        for reading, placement in zip(readings, placements, strict=True):
            issue = placement.issue
            if placement.duplicate_of:
                continue
            if issue == UNGROUPED:
                blank = np.zeros(self._dimensions, np.float32)
                self._labels.add(issue, placement.post, reading.words, reading.text, 0.0, blank)
                continue
            row, slot = rows[at], start + at
            if self._taken + at < max(MOMENTS):
                self._raw.append(reading.post.vector)
            self._posts[slot], self._issues[slot] = placement.post, issue
            self._texts.append((" ".join(reading.words[:MOST_WORDS]), reading.text[:KEPT_TEXT]))
            self._close.append(placement.similarity)
            total = self._total(issue)
            total += row
            self._labels.add(
                issue, placement.post, reading.words, reading.text, placement.similarity, row
            )
            self._labels.refresh(issue, total)
            at += 1
        self._slots[start : start + at] = found.slots
        self._products[start : start + at] = found.products
        self._nearest.append(rows)
        self._taken += at

    def _total(self, issue: int) -> Total:
        """The sum of an issue's rows, to be added to; an issue asleep wakes up."""
        total = self._totals.get(issue)
        if total is None:
            total = self._dormant.wake(issue)
            if total is None:
                total = np.zeros(self._dimensions)
            self._totals[issue] = total
        return total

    def _turn_over(self) -> None:
        """Calibrate anew when it is time, and let the oldest posts go when the window is full."""
        if self._taken in MOMENTS and self._calibrated_at != self._taken:
            self._recalibrate()
        if len(self._nearest) == len(self._posts):
            self._drop_oldest(len(self._posts) - self._window)

    def _recalibrate(self) -> None:
        """Learn the brand's mean and thresholds anew; rows, ties and sums are made again."""
        self._calibrated_at = self._taken
        self._calibration = calibrate(self._raw)
        rows = self._calibration.centred(self._raw)
        self._nearest = Nearest(self._dimensions, NEIGHBOURS, len(self._posts))
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            found = self._nearest.find(block, self._calibration.tied)
            self._slots[start : start + len(block)] = found.slots
            self._products[start : start + len(block)] = found.products
            self._nearest.append(block)
        for total in self._totals.values():
            total[:] = 0
        for issue, row in zip(self._issues.tolist(), rows, strict=False):
            self._totals[issue] += row
        if self._taken == max(MOMENTS):
            self._raw.clear()

    def _drop_oldest(self, count: int) -> None:
        """Let the oldest posts go; an issue without a live post falls asleep."""
        kept = len(self._nearest) - count
        for column in (self._posts, self._issues, self._slots, self._products):
            column[:kept] = column[count : count + kept].copy()
        self._slots[:kept] = np.maximum(self._slots[:kept] - count, -1)
        del self._texts[:count], self._close[:count]
        self._nearest.drop(count)
        asleep = set(self._totals) - set(np.unique(self._issues[:kept]).tolist())
        self._dormant.keep({issue: self._totals.pop(issue) for issue in asleep})
        for issue in asleep:
            self._labels.forget(issue)

    def _plan_next_look(self) -> None:
        self._look_at = self._taken + min(LONGEST_WAIT, max(FIRST_LOOK, self._taken // 4))

    def _look_again(self, after: int, new_issue: Callable[[], int]) -> None:
        """Refine, and carry out what that changes."""
        count = len(self._nearest)
        settled = max(0, count - (self._taken - self._looked))
        before = self._issues[:count].copy()
        live = Live(
            before,
            self._slots[:count],
            self._products[:count],
            settled,
            self._decided.touched,
            self._pairs(self._decided.together),
            self._pairs(self._decided.apart),
        )
        outcome = refine(live, new_issue)
        self._issues[:count] = outcome.issues
        self._recount(before, outcome)
        posts = self._posts
        moves = tuple(replace(move, post=int(posts[move.post])) for move in outcome.moves)
        self._refinements.append(
            Refinement(after, settled, outcome.absorbed, moves, outcome.suggestions)
        )
        self._looked = self._taken
        self._plan_next_look()

    def _pairs(self, pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Pairs of live posts as slots, in an order of their own."""
        live = {post: slot for slot, post in enumerate(self._posts[: len(self._nearest)].tolist())}
        return sorted(
            (min(live[one], live[other]), max(live[one], live[other]))
            for one, other in pairs
            if one in live and other in live
        )

    def _recount(self, before: NDArray[np.int64], outcome: Outcome) -> None:
        """Make sums, labels and originals follow what a refinement changed."""
        for absorbed in outcome.absorbed:
            total = self._totals.pop(absorbed.issue)
            self._totals[absorbed.into] += total
            self._labels.absorb(absorbed.issue, absorbed.into)
            self._aliases[absorbed.issue] = absorbed.into
        rows = self._nearest.some([move.post for move in outcome.moves]).astype(np.float64)
        for move, row in zip(outcome.moves, rows, strict=True):
            self._totals[move.source] -= row
            total = self._total(move.target)
            total += row
            words, text = self._texts[move.post]
            post = int(self._posts[move.post])
            self._close[move.post] = _cosine(total, row)
            self._labels.move(
                move.source,
                move.target,
                Told(post, words.split(), text, self._close[move.post], row),
            )
        changed = np.flatnonzero(before != outcome.issues)
        for slot in changed.tolist():
            self._duplicates.reissue(int(self._posts[slot]), int(outcome.issues[slot]))
        for issue in np.unique(outcome.issues[changed]).tolist():
            self._labels.renew(issue, self._totals[issue])


def _cosine(total: Total, row: NDArray[np.floating]) -> float:
    exact = row.astype(np.float64)
    lengths = float(total @ total) * float(exact @ exact)
    return float(total @ exact) / lengths**0.5 if lengths else 0.0
