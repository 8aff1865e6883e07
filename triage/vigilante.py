"""Whether a customer has left the official channel and complains in public to force an answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from triage.verdict import Band, Lane, Reason
from triage.vigilante_weights import VigilanteWeights, weights_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from triage.verdict import Signal, Verdict

LEFT, PUBLIC = "left", "public"
MORE_OF_LEFT = ("repeated", "long_wait", "unhelpful")
MORE_OF_FORCING = ("insult", "long_customer", "shared", "repeated", "long_wait")
STRONG = 2
ABOUT = "vigilante"
REPORTED = "news"
QUOTED = 60


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of who wrote a post.

    `posts` are the posts they have started about the same thing, this one included; what they
    answered in a conversation does not count. `followers` is None when nobody knows.
    """

    posts: int = 1
    followers: int | None = None


STRANGER = Person()


class Sign(NamedTuple):
    """One sign: the side it speaks for, its name, what it counts for, the words that show it.

    What is `beside` counts only where another sign of that side is. `says` begins its reason, ""
    where it is counted without being told.
    """

    side: str
    name: str
    weight: int
    words: str
    says: str
    beside: bool = False


@dataclass(frozen=True, slots=True)
class VigilanteReading:
    """The signs that count, and the band that follows from their weights.

    `complains` is whether the post is in the lane of complaints, `reported` whether it tells news
    of others.
    """

    signs: tuple[Sign, ...] = ()
    complains: bool = False
    reported: bool = False
    band: Band = field(init=False)

    def __post_init__(self) -> None:
        """Likely: the channel left and going public, one of them by itself; see `vigilante`."""
        left, forces = self.weight(LEFT), self.weight(PUBLIC)
        no = self.reported or not (self.complains or min(left, forces) >= STRONG)
        object.__setattr__(self, "band", Band.NO if no else _band(left, forces))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in words; nothing where it is no vigilante's."""
        if self.band is Band.NO:
            return ()
        return tuple([f"{one.says}: {one.words}" for one in self.signs if one.says])

    def weight(self, side: str) -> int:
        """What the signs of a side count for together."""
        own = [one for one in self.signs if one.side == side]
        return sum([one.weight for one in own]) if any(not one.beside for one in own) else 0

    def without(self, *signs: Sign) -> VigilanteReading:
        """As if some signs counted for nothing."""
        kept = tuple([one for one in self.signs if one not in signs])
        return VigilanteReading(kept, self.complains, self.reported)


NOBODY = VigilanteReading()


def vigilante(
    signals: Mapping[str, Signal],
    features: Collection[str],
    *,
    complains: bool,
    person: Person = STRANGER,
    weights: VigilanteWeights | None = None,
) -> VigilanteReading:
    """Likely: the channel left *and* going public. Possible: one of them, strongly.

    `signals` are the post's, by name; `features` say whether it speaks of its writer or to
    somebody (`evidence.py`). Being on hold or unanswered shows by itself that the channel was left,
    having tried it only beside a long wait or a repetition; a call on others, the press, the law, a
    regulator, an ultimatum and the wish to be heard in public show by themselves what it is written
    for, a threat to leave or a call for the boss only beside anger or a long story. Repeated posts
    count as going public, and reach does for those who have left the channel. A post that is no
    complaint otherwise is a vigilante's only when it shows both sides by themselves; news of what
    others did never is. All weights are settings (`weights`, the defaults without).
    """
    counted = weights_of() if weights is None else weights
    if person is STRANGER and counted.shows.isdisjoint(signals):
        return NOBODY
    return VigilanteReading(
        tuple(_signs(signals, person, counted)), complains, _reported(signals, features)
    )


def _signs(
    signals: Mapping[str, Signal], person: Person, counted: VigilanteWeights
) -> Iterator[Sign]:
    """All that counts, in the order in which it is told."""
    shown = [name for name in counted.left if name in signals]
    for name in shown:
        said = "left the official channel"
        yield Sign(LEFT, name, counted.left[name], _quoted(signals[name]), said)
    for at, name in enumerate([name for name in MORE_OF_LEFT if name in signals]):
        more = counted.in_vain if at == 0 else 0  # once, however much of it there is
        said = "in vain, again or for long"
        yield Sign(LEFT, name, more, _quoted(signals[name]), said, beside=True)
    forces = [name for name in counted.forces if name in signals]
    for name in forces:
        yield Sign(PUBLIC, name, counted.forces[name], _quoted(signals[name]), "goes public")
    for name in [name for name in MORE_OF_FORCING if name in signals and forces][:1]:
        yield Sign(PUBLIC, name, counted.angry, _quoted(signals[name]), "", beside=True)
    for name, weight, said in _of_the_person(person, counted, left=bool(shown)):
        yield Sign(PUBLIC, name, weight, said, "goes public")


def by_person(verdict: Verdict, person: Person, weights: VigilanteWeights | None = None) -> Verdict:
    """A verdict with what is known of the person in its vigilante band and reasons.

    The text alone was judged before; nothing else of the verdict changes, and what is muted or
    tells news stays as it is. Asking again with the same person changes nothing.
    """
    signals = {signal.name: signal for signal in verdict.signals}
    counted = weights_of() if weights is None else weights
    known = not verdict.muted_by and REPORTED not in signals
    if not known or not list(_of_the_person(person, counted, left=True)):
        return verdict
    complains = verdict.lane is Lane.COMPLAINT
    reading = vigilante(signals, (), complains=complains, person=person, weights=counted)
    if (reading.band, reading.reasons) == (verdict.vigilante, verdict.vigilante_reasons):
        return verdict
    others = [reason for reason in verdict.reasons if reason.about != ABOUT]
    return replace(
        verdict,
        vigilante=reading.band,
        vigilante_reasons=reading.reasons,
        reasons=(*others, *reasons_of(reading)),
    )


def reasons_of(reading: VigilanteReading) -> list[Reason]:
    """Why the post looks like a consumer vigilante's, for the verdict."""
    return [Reason(ABOUT, f"{reading.band.value}: {reason}") for reason in reading.reasons]


def _band(left: int, forces: int) -> Band:
    """Likely: both, one of them by itself. Possible: one by itself."""
    if (left >= STRONG and forces) or (left and forces > STRONG):
        return Band.LIKELY
    return Band.POSSIBLE if left >= STRONG or forces >= STRONG else Band.NO


def _reported(signals: Collection[str], features: Collection[str]) -> bool:
    """Whether the post tells news of others and nothing of its writer."""
    return REPORTED in signals and not {"first_person", "second_person"} & set(features)


def _of_the_person(
    person: Person, counted: VigilanteWeights, *, left: bool
) -> Iterator[tuple[str, int, str]]:
    """What is known of the person that makes the post more public: name, weight, words."""
    if counted.posts and person.posts >= counted.posts_from:
        yield "posts", counted.posts, f"has posted {person.posts:,} times about it"
    followers = person.followers or 0
    if counted.followers and left and followers >= counted.followers_from:
        yield "followers", counted.followers, f"is read by {followers:,} followers"


def _quoted(signal: Signal) -> str:
    """The words of a signal on one line, short enough for a card."""
    said = " ".join(signal.text.split())
    return f"“{said if len(said) <= QUOTED else said[: QUOTED - 1] + '…'}”"
