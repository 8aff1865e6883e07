"""Issues from a brand's posts as they arrive, on a graph of nearest neighbours that is looked at again.

A post is tied to the most similar earlier posts above the brand's threshold and joins the issue that
most of these ties lead to, or opens one. When a quarter more posts have come (12,000 at most) all
live posts are looked at again (`triage.refinement`). A near-duplicate follows its original. Which
settings, and what was tried besides: `docs/grouping.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count, islice

import numpy as np

from triage.calibration import MOMENTS, UNIT, Calibration, Rows, calibrate
from triage.groups import UNGROUPED, Groups, part_of
from triage.keepsake import packed, unpacked
from triage.nearest import Found, Nearest
from triage.protocols import (
    Decided,
    Label,
    Placement,
    Post,
    Refinement,
    Remembered,
    Suggestion,
    Tie,
    Why,
)
from triage.reading import Reading, read
from triage.refinement import Live, Outcome, refine
from triage.space import STATIC, Space
from triage.tuning import Tuning, tune
from triage.voting import decide

NEIGHBOURS = 10
WINDOW = 100_000
BLOCK = 4_096
FIRST_LOOK = 64
LONGEST_WAIT = 12_000
SHOWN_INSTEAD = 3
VERSION = "graph-5"
NOBODYS = 2**62  # ids of issues that are never opened


class GraphClusterer:
    """A `RefiningClusterer`: ids stay, what was placed wrongly is put right.

    Arithmetic is exact up to the communities (see `triage.calibration`, `triage.communities`), so
    neither batches nor restarts change anything. Memory: the posts of the window (100,000 to
    125,000; about 500 bytes each), bounded counts for labels, the originals of near-duplicates.
    Cost a post: its neighbours, and its share of a refinement; neither grows with the stream.
    A post that says too little (`triage.substance`) gets issue 0. Lanes are not looked at: do not
    send muted posts. `restore` wants every post since the first, with the issues that they have now.
    """

    def __init__(
        self, space: Space = STATIC, window: int = WINDOW, brand: Collection[str] = ()
    ) -> None:
        """`space` is what the vectors to come are of; `window` of at least 2,048 posts.

        `brand` are the words of the brand's name, in small letters, which name no issue.
        """
        if window < max(MOMENTS):
            raise ValueError(f"the window must hold {max(MOMENTS)} posts, not {window}")
        self.version = f"{VERSION}-{space.name}" if space.name else VERSION
        self._space = space
        self._dimensions = space.dimensions
        self._window = window
        self._brand = frozenset(brand)
        self._decided = Decided()
        self._forget_everything()

    def _forget_everything(self) -> None:
        room = self._window + self._window // 4
        self._calibration = Calibration(np.zeros(self._dimensions))
        self._nearest = Nearest(self._dimensions, NEIGHBOURS, room)
        self._groups = Groups(self._dimensions, NEIGHBOURS, room, self._brand)
        self._raw: list[bytes] = []
        self._taken = 0
        self._looked = 0
        self._look_at = FIRST_LOOK
        self._calibrated_at = 0
        self._through = 0
        self._refinements: list[Refinement] = []

    def respect(self, decided: Decided) -> None:
        """From now on, change nothing that people decided. Replaces what was said before."""
        self._decided = decided

    def restore(self, placed: Iterable[tuple[Post, Placement]]) -> None:
        """Forget everything and relearn it from earlier posts, in order of id."""
        self._forget_everything()
        self.learn(placed)

    def learn(self, placed: Iterable[tuple[Post, Placement]]) -> None:
        """Go on with posts that were placed before, in order of id."""
        earlier = iter(placed)
        while stretch := list(islice(earlier, self._longest_stretch())):
            readings = read([self._with_vector(post) for post, _ in stretch])
            members = []
            duplicates = self._groups.duplicates
            for reading, (_, placement) in zip(readings, stretch, strict=True):
                if placement.duplicate_of:
                    duplicates.repeat(placement.duplicate_of, reading.print_)
                else:
                    duplicates.remember(reading.post.id, reading.print_, placement.issue)
                    if placement.issue != UNGROUPED:
                        members.append(reading)
            rows, found = self._compare(members)
            self._take(readings, [placement for _, placement in stretch], rows, found)
            self._turn_over()
            if self._taken == self._look_at:
                self._looked = self._taken
                self._plan_next_look()
        self._groups.labels.changed()

    def _with_vector(self, post: Post) -> Post:
        """A post whose vector is missing or another model's says nothing by it."""
        if len(post.vector) == self._dimensions:
            return post
        return post._replace(vector=bytes(self._dimensions))

    def keep(self) -> bytes:
        """All that is known, to go on from elsewhere as if nothing had happened; see `take_up`."""
        numbers = (self._taken, self._looked, self._look_at, self._calibrated_at, self._through)
        limits = self._calibration.near, self._calibration.alike, self._calibration.tied
        return packed(
            {
                "version": np.frombuffer(self.version.encode(), np.uint8),
                "numbers": np.array(numbers, np.int64),
                "limits": np.array(limits, np.float64),
                "mean": self._calibration.mean,
                "raw": np.frombuffer(b"".join(self._raw), np.int8),
                **{f"nearest.{name}": one for name, one in self._nearest.kept().items()},
                **{f"groups.{name}": one for name, one in self._groups.kept().items()},
            }
        )

    def take_up(self, state: bytes) -> None:
        """Forget everything and become what `keep` gave. Raises ValueError for anything else."""
        self._forget_everything()
        arrays = unpacked(state)
        try:
            if arrays["version"].tobytes().decode() != self.version:
                raise ValueError("kept by another version")
            taken, looked, look_at, calibrated_at, through = arrays["numbers"].tolist()
            self._taken, self._looked, self._look_at = taken, looked, look_at
            self._calibrated_at, self._through = calibrated_at, through
            mean = arrays["mean"].astype(np.float64)
            self._calibration = Calibration(mean, *arrays["limits"].tolist())
            raw, size = arrays["raw"].tobytes(), self._dimensions
            self._raw = [raw[at : at + size] for at in range(0, len(raw), size)]
            self._nearest.take_up(part_of(arrays, "nearest"))
            self._groups.take_up(part_of(arrays, "groups"))
        except (KeyError, IndexError, ValueError) as error:
            self._forget_everything()
            raise ValueError(f"not what grouping kept: {error}") from error

    def remembered(self) -> Remembered:
        """Which live posts and issues are known, to be told by `put_right` what became of them."""
        live = self._groups.live
        first = int(live.ids[0]) if len(live) else 0
        return Remembered(first, self._through, tuple(self._groups.known_issues()))

    def put_right(self, elsewhere: Mapping[int, int], ends: Mapping[int, int]) -> None:
        """Follow what people did since: the issues of posts, and which issues are others by now."""
        self._groups.put_right(elsewhere, ends, self._nearest)
        self._groups.labels.changed()

    @property
    def until_look(self) -> int:
        """At least so many posts can be placed before all are looked at again."""
        return self._look_at - self._taken

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
        return self._groups.labels.changed()

    def refinements(self) -> list[Refinement]:
        """What refinements since the last call have changed, oldest first."""
        done, self._refinements = self._refinements, []
        return done

    def why(self, post: int, other: int = 0) -> Why | None:
        """Why a post is in its issue, and how like the posts of another it is; None unless live."""
        live = self._groups.live
        found = np.flatnonzero(live.ids[: len(live)] == post)
        if not len(found):
            return None
        slot = int(found[0])
        ties = tuple(
            Tie(int(live.ids[at]), int(live.issues[at]), _share_of_unit(product))
            for at, product in live.ties_of(slot)
        )
        issue, needed = int(live.issues[slot]), _share_of_unit(self._calibration.tied)
        return Why(post, issue, needed, ties, self._instead(slot, other))

    def _instead(self, slot: int, issue: int) -> tuple[Tie, ...]:
        """The posts of an issue that are most like a post, whether near enough or not."""
        live = self._groups.live
        theirs = np.flatnonzero(live.issues[: len(live)] == issue) if issue else np.empty(0, int)
        theirs = theirs[theirs != slot]
        products = self._nearest.some(theirs.tolist()) @ self._nearest.some([slot])[0]
        order = np.lexsort((theirs, -products))[:SHOWN_INSTEAD]
        return tuple(
            Tie(int(live.ids[at]), issue, _share_of_unit(float(product)))
            for at, product in zip(theirs[order].tolist(), products[order].tolist(), strict=True)
        )

    def _longest_stretch(self) -> int:
        """How many posts may be placed before anything but the window's end can change."""
        calibration = min((m for m in MOMENTS if m > self._taken), default=self._taken + BLOCK)
        return min(
            BLOCK,
            calibration - self._taken,
            self._look_at - self._taken,
            self._groups.live.room - len(self._nearest),
            self._nearest.until_learning,
        )

    def _place_stretch(
        self, posts: Sequence[Post], new_issue: Callable[[], int]
    ) -> list[Placement]:
        readings = read(posts)
        duplicates = self._groups.duplicates
        here = {post.id for post in posts}
        originals: list[int] = []
        issues: dict[int, int] = {}  # of originals: those outside the stretch are known already
        members: list[Reading] = []
        for reading in readings:
            original = duplicates.original_of(reading.print_)
            originals.append(original)
            if original:
                if original not in here:
                    issues[original] = self._groups.end_of(duplicates.issue_of(original))
                duplicates.repeat(original, reading.print_)
                continue
            duplicates.remember(reading.post.id, reading.print_, UNGROUPED)
            issues[reading.post.id] = UNGROUPED
            if reading.enough:
                members.append(reading)
        rows, found = self._compare(members)
        decided = {
            placement.post: placement
            for placement in decide(
                members, rows, found, self._groups, self._calibration.near, new_issue
            )
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
                duplicates.reissue(post, issues[post])
        self._take(readings, placements, rows, found)
        return placements

    def _compare(self, members: Sequence[Reading]) -> tuple[Rows, Found]:
        rows: Rows = np.zeros((0, self._dimensions), np.float32)
        if members:
            rows = self._calibration.centred([each.post.vector for each in members])
        return rows, self._nearest.find(rows, self._calibration.tied)

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
            if placement.duplicate_of:
                continue
            if placement.issue == UNGROUPED:
                self._groups.ungrouped(reading)
                continue
            if self._taken + at < max(MOMENTS):
                self._raw.append(reading.post.vector)
            self._groups.enter(reading, placement.issue, placement.similarity, rows[at])
            at += 1
        self._groups.live.tie(start, found)
        self._nearest.append(rows)
        self._taken += at
        self._through = readings[-1].post.id

    def _turn_over(self) -> None:
        """Calibrate anew when it is time, and let the oldest posts go when the window is full."""
        if self._taken in MOMENTS and self._calibrated_at != self._taken:
            self._recalibrate()
        room = self._groups.live.room
        if len(self._nearest) == room:
            self._groups.drop(room - self._window)
            self._nearest.drop(room - self._window)

    def _recalibrate(self) -> None:
        """Learn the brand's mean and thresholds anew; rows, ties and sums are made again."""
        self._calibrated_at = self._taken
        self._calibration = calibrate(self._raw, self._space.tied)
        rows = self._calibration.centred(self._raw)
        self._nearest = Nearest(self._dimensions, NEIGHBOURS, self._groups.live.room)
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            self._groups.live.tie(start, self._nearest.find(block, self._calibration.tied))
            self._nearest.append(block)
        self._groups.begin_anew(rows)
        if self._taken == max(MOMENTS):
            self._raw.clear()

    def _plan_next_look(self) -> None:
        self._look_at = self._taken + min(LONGEST_WAIT, max(FIRST_LOOK, self._taken // 4))

    def _look_again(self, after: int, new_issue: Callable[[], int]) -> None:
        """Refine, and carry out what that changes."""
        posts, live = self._groups.live, self._live()
        outcome = refine(live, new_issue)
        self._groups.absorb(outcome.absorbed)
        moves = [(move.post, move.source, move.target) for move in outcome.moves]
        self._groups.move(moves, self._nearest)
        self._groups.settle(outcome.issues)
        moved = tuple(replace(move, post=int(posts.ids[move.post])) for move in outcome.moves)
        suggested = self._suggested(outcome)
        self._refinements.append(
            Refinement(after, live.settled, outcome.absorbed, moved, suggested)
        )
        self._looked = self._taken
        self._plan_next_look()

    def suggestions(self) -> tuple[Suggestion, ...]:
        """What a look would suggest now to people; nothing is changed, nothing is remembered."""
        return self._suggested(refine(self._live(), count(NOBODYS).__next__))

    def tuning(self) -> Tuning:
        """Whether joining issues more or less readily would fit better what people decided."""
        return tune(self._live())

    def _live(self) -> Live:
        """The live posts as a look sees them."""
        posts, held = self._groups.live, len(self._nearest)
        return Live(
            posts.issues[:held].copy(),
            posts.slots[:held],
            posts.products[:held],
            max(0, held - (self._taken - self._looked)),
            self._decided.touched,
            posts.pairs(self._decided.together),
            posts.pairs(self._decided.apart),
            self._decided.strictness,
            self._space,
        )

    def _suggested(self, outcome: Outcome) -> tuple[Suggestion, ...]:
        """Suggestions with ids of posts."""
        ids = self._groups.live.ids
        return tuple(
            replace(one, parted=tuple(ids[list(one.parted)].tolist()))
            for one in outcome.suggestions
        )


def _share_of_unit(product: float) -> float:
    """A product of two rows as a cosine."""
    return round(min(1.0, product / UNIT**2), 4)
