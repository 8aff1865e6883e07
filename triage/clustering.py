"""Issues from a brand's posts as they arrive: nearest neighbours vote, the group's average decides.

A post is compared with the posts of the window. Its 15 nearest above the brand's threshold vote for
their groups; the group with the best blend of votes and average similarity takes it in, if the post
is alike enough to that group's posts on average: the second look keeps chains of neighbours from
growing into mixtures. Otherwise the post opens a new issue. A near-duplicate follows its original.
Which blend and thresholds, and what was tried besides: `docs/grouping.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.calibration import MOMENTS, Calibration, Rows, calibrate
from triage.duplicates import DuplicateIndex, Fingerprint, fingerprint
from triage.labels import LabelWriter, plain, telling_words
from triage.protocols import Label, Placement, Post
from triage.substance import says_enough

NEIGHBOURS = 15
AVERAGE = 0.5
WINDOW = 20_000
BLOCK = 256
UNGROUPED = 0


@dataclass(slots=True)
class _Group:
    """An issue's posts as one: the sum of their centred rows, how many, how many in the window."""

    total: NDArray[np.float64]
    size: int = 0
    live: int = 0


class _Reading(NamedTuple):
    """A post read once: plain text, its words, its fingerprint, whether it says enough."""

    text: str
    words: list[str]
    print_: Fingerprint
    enough: bool


def _read(post: Post) -> _Reading:
    text = plain(post.text)
    words = telling_words(text)
    return _Reading(text, words, fingerprint(words), any(post.vector) and says_enough(words))


class OnlineClusterer:
    """A `Clusterer` of one pass: what is placed stays placed.

    Arithmetic is exact (see `triage.calibration`), so placements depend neither on batches nor on
    the machine. Memory: the posts of the window (20,000 to 25,000), the groups that have one there,
    and bounded label counts. Cost: one product with the window per post. A post that says too
    little (`triage.substance`) gets issue 0. Lanes are not looked at: do not send muted posts.
    `restore` wants every post since the first, and takes people's moves as they are: the issue in
    a placement is believed, whatever grouping would say today.
    """

    version = "online-1"

    def __init__(self, dimensions: int = 256, window: int = WINDOW) -> None:
        """`dimensions` of the vectors to come, at most 1,024; `window` of at least 2,048 posts."""
        if window < max(MOMENTS):
            raise ValueError(f"the window must hold {max(MOMENTS)} posts, not {window}")
        self._dimensions = dimensions
        self._window = window
        self._forget_everything()

    def _forget_everything(self) -> None:
        room = self._window + self._window // 4
        self._calibration = Calibration(np.zeros(self._dimensions))
        self._rows: Rows = np.zeros((room, self._dimensions), np.float32)
        self._raw: list[bytes] = []
        self._posts: list[int] = []
        self._issues: list[int] = []
        self._groups: dict[int, _Group] = {}
        self._taken = 0
        self._duplicates = DuplicateIndex()
        self._labels = LabelWriter()

    def restore(self, placed: Iterable[tuple[Post, Placement]]) -> None:
        """Forget everything and relearn it from earlier posts, in order of id."""
        self._forget_everything()
        earlier = iter(placed)
        block = list(islice(earlier, BLOCK))
        while block:
            rows = self._calibration.centred([post.vector for post, _ in block])
            done = 0
            for (post, placement), row in zip(block, rows, strict=True):
                done += 1
                if self._take(post, placement, row, _read(post)):
                    break
            block = block[done:] + list(islice(earlier, done))
        self._labels.changed()

    def place(self, posts: Sequence[Post], new_issue: Callable[[], int]) -> list[Placement]:
        """Place posts in order of id; `new_issue` hands out the id of an issue to be opened."""
        placements: list[Placement] = []
        while len(placements) < len(posts):
            block = posts[len(placements) : len(placements) + BLOCK]
            placements += self._place_block(block, new_issue)
        return placements

    def labels(self) -> list[Label]:
        """New labels of the issues whose label changed since the last call, in order of issue id."""
        return self._labels.changed()

    def _place_block(self, posts: Sequence[Post], new_issue: Callable[[], int]) -> list[Placement]:
        """Place the first posts of a block: all of them, or up to one that changes the window.

        Similarities to the window are computed for the whole block at once, those inside the block
        from one product more; the sequence is the same as one by one.
        """
        readings = [_read(post) for post in posts]
        rows = self._calibration.centred([post.vector for post in posts])
        compared = np.flatnonzero([reading.enough for reading in readings])
        known, near = len(self._posts), self._calibration.near
        at, slots, similar = _above(rows[compared] @ self._rows[:known].T, near)
        at = compared[at]
        starts = np.searchsorted(at, np.arange(len(posts) + 1))
        inside = rows @ rows.T
        members = np.zeros(len(posts), np.int64)  # of the block, those that took the slots after
        joined = 0
        placements: list[Placement] = []
        for number, (post, reading) in enumerate(zip(posts, readings, strict=True)):
            neighbours: list[tuple[int, float]] = []
            if reading.enough:
                fresh = inside[number, members[:joined]]
                late = np.flatnonzero(fresh >= near)
                mine = slice(starts[number], starts[number + 1])
                neighbours = _nearest(
                    np.concatenate([slots[mine], late + known]),
                    np.concatenate([similar[mine], fresh[late]]),
                )
            placement = self._decide(post, rows[number], reading, neighbours, new_issue)
            placements.append(placement)
            if self._take(post, placement, rows[number], reading):
                break
            if len(self._posts) > known + joined:
                members[joined] = number
                joined += 1
        return placements

    def _decide(
        self,
        post: Post,
        row: Rows,
        reading: _Reading,
        neighbours: list[tuple[int, float]],
        new_issue: Callable[[], int],
    ) -> Placement:
        original = self._duplicates.original_of(reading.print_)
        if original:
            issue = self._duplicates.issue_of(original)
            return Placement(post.id, issue, 1.0, nearest=original, duplicate_of=original)
        if not reading.enough:
            return Placement(post.id, UNGROUPED, 0.0)
        votes: dict[int, float] = {}
        for slot, similarity in neighbours:
            issue = self._issues[slot]
            votes[issue] = votes.get(issue, 0.0) + similarity
        exact = row.astype(np.float64)
        best, chosen, closeness = 0.0, 0, 0.0
        for issue, vote in votes.items():
            group = self._groups[issue]
            product = float(group.total @ exact)
            average = product / group.size
            score = (1 - AVERAGE) * vote / NEIGHBOURS + AVERAGE * average
            if average >= self._calibration.alike and (
                score > best or (score == best and issue < chosen)
            ):
                lengths = float(group.total @ group.total) * float(exact @ exact)
                best, chosen, closeness = score, issue, product / lengths**0.5
        if not chosen:
            return Placement(post.id, new_issue(), 1.0)
        drawn_by = next(slot for slot, _ in neighbours if self._issues[slot] == chosen)
        return Placement(post.id, chosen, closeness, nearest=self._posts[drawn_by])

    def _take(self, post: Post, placement: Placement, row: Rows, reading: _Reading) -> bool:
        """Remember a placed post; True when slots or rows of the window have changed by it."""
        if placement.duplicate_of:
            self._duplicates.repeat(placement.duplicate_of, reading.print_)
            return False
        issue = placement.issue
        self._duplicates.remember(post.id, reading.print_, issue)
        if issue == UNGROUPED:
            self._labels.add(issue, post.id, reading.words, reading.text, 0.0, row)
            return False
        self._rows[len(self._posts)] = row
        self._raw.append(post.vector)
        self._posts.append(post.id)
        self._issues.append(issue)
        group = self._groups.setdefault(issue, _Group(np.zeros(self._dimensions)))
        group.total += row
        group.size += 1
        group.live += 1
        self._labels.add(issue, post.id, reading.words, reading.text, placement.similarity, row)
        self._labels.refresh(issue, group.total)
        self._taken += 1
        if self._taken in MOMENTS:
            self._recalibrate()
            return True
        if len(self._posts) == len(self._rows):
            self._drop_oldest(len(self._posts) - self._window)
            return True
        return False

    def _recalibrate(self) -> None:
        """Learn the brand's mean and thresholds anew; every row and sum is made again from them."""
        self._calibration = calibrate(self._raw)
        rows = self._calibration.centred(self._raw)
        self._rows[: len(rows)] = rows
        for group in self._groups.values():
            group.total[:] = 0
        for issue, row in zip(self._issues, rows, strict=True):
            self._groups[issue].total += row

    def _drop_oldest(self, count: int) -> None:
        """Let the oldest posts go; an issue without a post in the window takes no more."""
        for issue in self._issues[:count]:
            group = self._groups[issue]
            group.live -= 1
            if not group.live:
                del self._groups[issue]
                self._labels.forget(issue)
        kept = len(self._posts) - count
        self._rows[:kept] = self._rows[count : count + kept].copy()
        del self._raw[:count], self._posts[:count], self._issues[:count]


def _above(products: Rows, near: float) -> tuple[NDArray[np.int64], NDArray[np.int64], Rows]:
    """Row, slot and product of everything at or above the threshold, row by row, oldest first."""
    flat = np.flatnonzero(products >= near)
    at, slots = np.divmod(flat, max(1, products.shape[1]))
    return at, slots, products.ravel()[flat]


def _nearest(slots: NDArray[np.int64], similar: Rows) -> list[tuple[int, float]]:
    """The 15 most similar as (slot, product), the older first among equals."""
    order = np.argsort(-similar, kind="stable")[:NEIGHBOURS]
    return list(zip(slots[order].tolist(), similar[order].tolist(), strict=True))
