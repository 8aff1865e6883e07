"""A brand's issues as grouping knows them: their live posts, centres, labels, repeats, those asleep."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from triage.calibration import Rows
from triage.dormant import Dormant
from triage.duplicates import DuplicateIndex
from triage.labels import KEPT_TEXT, LabelWriter, Told
from triage.live_posts import Arrays, LivePosts
from triage.nearest import Nearest
from triage.protocols import Absorbed
from triage.reading import Reading
from triage.titles import MOST_WORDS, telling_words

Total = NDArray[np.float64]  # the sum of an issue's live rows

UNGROUPED = 0


class Groups:
    """Who is in which issue, and what follows from it. One instance, one thread."""

    def __init__(
        self, dimensions: int, neighbours: int, room: int, brand: Collection[str] = ()
    ) -> None:
        """Vectors of so many dimensions; at most `room` live posts; the words of the brand's name."""
        self._dimensions = dimensions
        self.live = LivePosts(neighbours, room)
        self.duplicates = DuplicateIndex()
        self.labels = LabelWriter(brand)
        self.dormant = Dormant(dimensions)
        self._totals: dict[int, Total] = {}
        self._aliases: dict[int, int] = {}

    def total(self, issue: int) -> Total:
        """The sum of an issue's rows, to be added to; an issue asleep wakes up."""
        total = self._totals.get(issue)
        if total is None:
            total = self.dormant.wake(issue)
            if total is None:
                total = np.zeros(self._dimensions)
            self._totals[issue] = total
        return total

    def end_of(self, issue: int) -> int:
        """The issue that an id means now."""
        while issue in self._aliases:
            issue = self._aliases[issue]
        return issue

    def ungrouped(self, reading: Reading) -> None:
        """Count the words of a post that says too little."""
        blank = np.zeros(self._dimensions, np.float32)
        self.labels.add(UNGROUPED, reading.post.id, reading.words, reading.text, 0.0, blank)

    def enter(self, reading: Reading, issue: int, close: float, row: Rows) -> None:
        """Take a post into its issue."""
        self.live.add(reading, issue, close)
        total = self.total(issue)
        total += row
        self.labels.add(issue, reading.post.id, reading.words, reading.text, close, row)
        self.labels.refresh(issue, total)

    def begin_anew(self, rows: Rows) -> None:
        """Add up all sums again, from the rows that the live posts have now."""
        for total in self._totals.values():
            total[:] = 0
        for issue, row in zip(self.live.issues.tolist(), rows, strict=False):
            self._totals[issue] += row

    def drop(self, count: int) -> None:
        """Let the oldest posts go; an issue without a live post falls asleep."""
        self.live.drop(count)
        awake = set(np.unique(self.live.issues[: len(self.live)]).tolist())
        asleep = set(self._totals) - awake
        self.dormant.keep({issue: self._totals.pop(issue) for issue in asleep})
        for issue in asleep:
            self.labels.forget(issue)

    def absorb(self, absorbed: Iterable[Absorbed]) -> None:
        """Let issues become parts of others; who is in which is changed by `settle`."""
        for one in absorbed:
            total = self._totals.pop(one.issue)
            self._totals[one.into] += total
            self.labels.absorb(one.issue, one.into)
            self._aliases[one.issue] = one.into

    def move(self, moves: Sequence[tuple[int, int, int]], nearest: Nearest) -> None:
        """Take posts from one issue to another: (slot, source, target); `settle` follows."""
        rows = nearest.some([slot for slot, _, _ in moves]).astype(np.float64)
        for (slot, source, target), row in zip(moves, rows, strict=True):
            self._totals[source] -= row
            total = self.total(target)
            total += row
            text = self.live.texts[slot]
            self.live.close[slot] = close = _cosine(total, row)
            words = telling_words(text)[:MOST_WORDS]
            told = Told(int(self.live.ids[slot]), words, text[:KEPT_TEXT], close, row)
            self.labels.move(source, target, told)

    def settle(self, issues: NDArray[np.int64]) -> None:
        """The issues of all live posts from now on; repeats follow, labels are renewed."""
        count = len(self.live)
        changed = np.flatnonzero(self.live.issues[:count] != issues)
        self.live.issues[:count] = issues
        for slot in changed.tolist():
            self.duplicates.reissue(int(self.live.ids[slot]), int(issues[slot]))
        for issue in np.unique(issues[changed]).tolist():
            self.labels.renew(issue, self._totals[issue])

    def put_right(
        self, elsewhere: Mapping[int, int], ends: Mapping[int, int], nearest: Nearest
    ) -> None:
        """Follow what people did: posts that are in another issue now, and ids that mean another.

        An issue that lost all its live posts is forgotten, and so are the words of posts that are
        nowhere any more; what they were tied to stays.
        """
        issues = self.live.issues[: len(self.live)].copy()
        moves = []
        for slot, (post, issue) in enumerate(
            zip(self.live.ids[: len(issues)].tolist(), issues.tolist(), strict=True)
        ):
            now = elsewhere.get(post)
            if now is None:
                self.live.texts[slot] = ""
                self.labels.unsay(issue, post)
                self.duplicates.forget(post)
            elif now and now != issue:
                moves.append((slot, issue, now))
                issues[slot] = now
        self.move(moves, nearest)
        self.settle(issues)
        for issue in {source for _, source, _ in moves} - set(issues.tolist()):
            del self._totals[issue]
        for issue, total in self.dormant.rename(ends).items():
            if issue in self._totals:
                self._totals[issue] += total
            else:
                self.dormant.keep({issue: total})
        for post, issue in self.duplicates.issues().items():
            if ends.get(issue, issue) != issue:
                self.duplicates.reissue(post, ends[issue])

    def known_issues(self) -> list[int]:
        """The issues asleep and those of originals: whose ids may mean another one by now."""
        return sorted({*self.dormant.issues, *self.duplicates.issues().values()} - {UNGROUPED})

    def kept(self) -> dict[str, NDArray[np.generic]]:
        """Everything, as arrays."""
        issues = sorted(self._totals)
        totals = [self._totals[issue] for issue in issues]
        aliases = sorted(self._aliases.items())
        parts = {
            "live": self.live.kept(),
            "duplicates": self.duplicates.kept(),
            "labels": self.labels.kept(),
            "dormant": self.dormant.kept(),
        }
        return {
            "issues": np.asarray(issues, np.int64),
            "totals": np.asarray(totals, np.float64)
            .reshape(len(issues), self._dimensions)
            .astype(np.int32),
            "aliases": np.asarray(aliases, np.int64).reshape(len(aliases), 2),
            **{f"{part}.{name}": one for part, of in parts.items() for name, one in of.items()},
        }

    def take_up(self, arrays: Arrays) -> None:
        """Become what was kept."""
        totals = arrays["totals"].astype(np.float64)
        self._totals = dict(zip(arrays["issues"].tolist(), totals, strict=True))
        self._aliases = dict(map(tuple, arrays["aliases"].tolist()))
        self.live.take_up(part_of(arrays, "live"))
        self.duplicates.take_up(part_of(arrays, "duplicates"))
        self.labels.take_up(part_of(arrays, "labels"))
        self.dormant.take_up(part_of(arrays, "dormant"))


def part_of(arrays: Arrays, part: str) -> dict[str, NDArray[np.generic]]:
    """The arrays of one part, by their own names."""
    return {
        name.removeprefix(f"{part}."): one
        for name, one in arrays.items()
        if name.startswith(f"{part}.")
    }


def _cosine(total: Total, row: NDArray[np.floating]) -> float:
    exact = row.astype(np.float64)
    lengths = float(total @ total) * float(exact @ exact)
    return float(total @ exact) / lengths**0.5 if lengths else 0.0
