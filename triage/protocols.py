"""The seams inside triage: what a scorer, an embedder and a clusterer promise.

Everything here is a function of its inputs: no store, no network, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from triage.verdict import Lane, Verdict

if TYPE_CHECKING:
    from triage.tuning import Tuning


@dataclass(frozen=True, slots=True)
class BrandContext:
    """What judging must know of the brand: its name, handles and words are neither good nor bad.

    `learnt` is what its corrections taught (`triage.learnt.Learnt.to_bytes`), b"" for nothing.
    `quality` asks the encoder too (`triage/encoder.py`), which must be installed. `vigilante` are
    the weights that differ from the house's (`triage/vigilante_weights.py`), `severe` the points of
    signals that do (`triage/severity.py`).
    """

    name: str = ""
    handles: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    learnt: bytes = b""
    quality: bool = False
    vigilante: tuple[tuple[str, int], ...] = ()
    severe: tuple[tuple[str, int], ...] = ()


class Scorer(Protocol):
    """Judges texts. `version` changes whenever any verdict could change."""

    version: str

    def judge(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict per text, in order; linear in length, never raises for any text."""
        ...


class Embedder(Protocol):
    """Turns texts into vectors. The vector of a text never depends on the texts beside it."""

    model: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """One vector per text, in order, as `dimensions` int8 bytes; only its direction matters."""
        ...


class Post(NamedTuple):
    """What grouping sees of a mention. `id` grows with arrival."""

    id: int
    text: str
    vector: bytes
    lane: Lane
    created_at: datetime
    author: str = ""


class Placement(NamedTuple):
    """Where grouping put a post, and why.

    `similarity` is the cosine to what it joined (1.0 for a post that opened its issue), `nearest`
    the id of the post that drew it there (0 when it opened the issue). `duplicate_of` is the id of
    the post it repeats almost word for word, 0 when it is original. Issue 0 is no issue: the post
    says too little to go on ("thanks!"), or repeats one that does; a similarity of 0.0 then.
    `story` is the address of the article it is (`triage.canonical`), "" when it is none;
    `same_story` says that it was placed by that address alone, whatever its words: clusterers
    neither make such placements nor learn from them.
    """

    post: int
    issue: int
    similarity: float
    nearest: int = 0
    duplicate_of: int = 0
    story: str = ""
    same_story: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A readable name for an issue: `title`, the phrases that set it apart, and its central post."""

    issue: int
    title: str
    phrases: tuple[str, ...]
    central: int


@dataclass(frozen=True, slots=True)
class Absorbed:
    """An issue that became a part of another; its id stays as an alias for ever.

    `posts` of it were live, `share` of them belong to the other by what is known now.
    """

    issue: int
    into: int
    posts: int
    share: float

    @property
    def reason(self) -> str:
        """Why, for the history."""
        return f"{self.share:.0%} of its {self.posts} latest posts belong with the posts there"


@dataclass(frozen=True, slots=True)
class Move:
    """A post that goes to another issue, and the repeats of it along with it.

    `here` and `there` are the shares of its ties to like posts that are in either issue. A `young`
    post was placed since the last refinement: it had been seen against its neighbours alone.
    """

    post: int
    source: int
    target: int
    here: float
    there: float
    young: bool

    @property
    def reason(self) -> str:
        """Why, for the history."""
        why = f"{self.there:.0%} of what ties it to like posts leads there, {self.here:.0%} here"
        return f"looked at again with later posts: {why}" if self.young else why


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What would change in an issue that a person touched, left to a person.

    It seems to be a part of `into`; or, `into` being 0, the posts `parted` (slots or ids, as those of
    moves) seem to be about something else. `posts` were looked at, `share` of them say so.
    """

    issue: int
    into: int
    posts: int
    share: float
    parted: tuple[int, ...] = ()

    @property
    def reason(self) -> str:
        """Why, for the person who decides."""
        if self.parted:
            return (
                f"{len(self.parted)} of its {self.posts} latest posts are tied to each other more"
                " than to the rest"
            )
        return f"{self.share:.0%} of its {self.posts} latest posts belong with the posts there"


@dataclass(frozen=True, slots=True)
class Refinement:
    """What one look at all live posts changed, right after the post `after` was placed.

    Absorptions come first, then moves, whose `source` is the issue after them. `settled` posts had
    been through an earlier refinement; how many of them moved against that is the churn.
    """

    after: int
    settled: int
    absorbed: tuple[Absorbed, ...]
    moves: tuple[Move, ...]
    suggestions: tuple[Suggestion, ...]

    @property
    def churn(self) -> float:
        """The share of the settled posts that moved (0…1); ids that became aliases do not count."""
        return sum(not move.young for move in self.moves) / max(1, self.settled)


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided about a brand's issues, which no refinement changes.

    `touched` issues were opened, named, answered or corrected by a person. `together` and `apart`
    are pairs of ids of posts. Where they contradict each other, `apart` wins. Issues are joined the
    less readily the larger `strictness` is, 1 being as shipped (`triage.tuning`).
    """

    touched: frozenset[int] = frozenset()
    together: frozenset[tuple[int, int]] = frozenset()
    apart: frozenset[tuple[int, int]] = frozenset()
    strictness: float = 1.0


class Tie(NamedTuple):
    """A post that another one resembles: its id, the issue it is in, and how alike (cosine)."""

    post: int
    issue: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Why:
    """Why a post is where it is: what it was tied to when it came, most similar first.

    Ties are those of at least `needed`; the issue with most of them takes a post. `instead` are the
    most similar posts of another issue that was asked about, tied or not.
    """

    post: int
    issue: int
    needed: float
    ties: tuple[Tie, ...]
    instead: tuple[Tie, ...] = ()

    def share(self, issue: int) -> float:
        """How much of what ties the post leads to an issue (0…1)."""
        whole = sum(tie.similarity for tie in self.ties)
        here = sum(tie.similarity for tie in self.ties if tie.issue == issue)
        return here / whole if whole else 0.0


class Remembered(NamedTuple):
    """What a clusterer knows of, so that it can be told what became of it.

    The ids of its oldest live post and of the last one it saw, and issues whose posts are not live.
    """

    first: int
    through: int
    issues: tuple[int, ...]


class Clusterer(Protocol):
    """Groups one brand's posts into issues as they arrive.

    Sequential and deterministic: placing a stream in any batches gives the same placements and the
    same labels, and so does restoring from what was placed and going on. One instance, one thread.
    """

    version: str

    def restore(self, placed: Iterable[tuple[Post, Placement]]) -> None:
        """Forget everything and relearn it from earlier posts, in order of id."""
        ...

    def place(self, posts: Sequence[Post], new_issue: Callable[[], int]) -> list[Placement]:
        """Place posts in order of id; `new_issue` hands out the id of an issue to be opened."""
        ...

    def labels(self) -> list[Label]:
        """New labels of the issues whose label changed since the last call, in order of issue id."""
        ...


class RefiningClusterer(Clusterer, Protocol):
    """A `Clusterer` that looks at its posts again when enough new ones have come.

    That happens inside `place`, after the same posts whatever the batches; the placements returned
    are those before it. Whoever keeps placements applies `refinements()` to them, in order; then
    `restore` from what is kept goes on as if nothing had happened.
    """

    def refinements(self) -> list[Refinement]:
        """What refinements since the last call have changed, oldest first."""
        ...

    def respect(self, decided: Decided) -> None:
        """From now on, change nothing that people decided. Replaces what was said before."""
        ...

    @property
    def until_look(self) -> int:
        """At least so many posts can be placed before all are looked at again."""
        ...

    def keep(self) -> bytes:
        """All that is known, to go on from elsewhere as if nothing had happened; see `take_up`."""
        ...

    def take_up(self, state: bytes) -> None:
        """Forget everything and become what `keep` gave. Raises ValueError for anything else."""
        ...

    def why(self, post: int, other: int = 0) -> Why | None:
        """Why a post is in its issue, and how like the posts of another it is; None unless live."""
        ...

    def suggestions(self) -> tuple[Suggestion, ...]:
        """What a look would suggest now to people; nothing is changed, nothing is remembered."""
        ...

    def tuning(self) -> Tuning:
        """Whether joining issues more or less readily would fit better what people decided."""
        ...

    def remembered(self) -> Remembered:
        """Which live posts and issues are known, to be told by `put_right` what became of them."""
        ...

    def put_right(self, elsewhere: Mapping[int, int], ends: Mapping[int, int]) -> None:
        """Follow what people did since: the issues of posts, and which issues are others by now."""
        ...

    def learn(self, placed: Iterable[tuple[Post, Placement]]) -> None:
        """Go on with posts that were placed before, in order of id."""
        ...
