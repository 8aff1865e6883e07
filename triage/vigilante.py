"""Whether a customer has left the official channel and complains in public to force an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from triage.verdict import Band, Lane, Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from triage.verdict import Signal, Verdict

# What each signal counts for: 2 shows it by itself, 1 only beside something else.
LEFT: Mapping[str, int] = MappingProxyType(
    {"on_hold": 2, "no_answer": 2, "tried_channel": 1, "wrote_privately": 1}
)
FORCES: Mapping[str, int] = MappingProxyType(
    {
        "call_to_join": 2,
        "goes_public": 2,
        "ultimatum": 2,
        "regulator": 2,
        "press": 2,
        "legal": 2,
        "executive": 1,
        "churn": 1,
    }
)
SHOWS = frozenset([*LEFT, *FORCES])
MORE_OF_LEFT = ("repeated", "long_wait", "unhelpful")
MORE_OF_FORCING = ("insult", "long_customer", "shared", "repeated", "long_wait")
STRONG = 2
ABOUT = "vigilante"
REPORTED = "news"
POSTS_FROM = 3
REACH_FROM = 10_000
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


@dataclass(frozen=True, slots=True)
class VigilanteReading:
    """The band and the words that led to it."""

    band: Band
    reasons: tuple[str, ...] = ()


NOBODY = VigilanteReading(Band.NO)


def vigilante(
    signals: Mapping[str, Signal],
    features: Collection[str],
    *,
    complains: bool,
    person: Person = STRANGER,
) -> VigilanteReading:
    """Likely: the channel left *and* going public. Possible: one of them, strongly.

    `signals` are the post's, by name; `features` say whether it speaks of its writer or to
    somebody (`evidence.py`). Being on hold or unanswered shows by itself that the channel was left,
    having tried it only beside a long wait or a repetition; a call on others, the press, the law, a
    regulator, an ultimatum and the wish to be heard in public show by themselves what it is written
    for, a threat to leave or a call for the boss only beside anger or a long story. Repeated posts
    count as going public, and reach does for those who have left the channel. A post that is no
    complaint otherwise is a vigilante's only when it shows both sides by themselves; news of what
    others did never is.
    """
    if person is STRANGER and SHOWS.isdisjoint(signals):
        return NOBODY
    left, forces = _shown(LEFT, signals), _shown(FORCES, signals)
    more = _shown(dict.fromkeys(MORE_OF_LEFT, 1), signals)
    angry = any(name in signals for name in MORE_OF_FORCING)
    known = _of_the_person(person, left=bool(left))
    weight_left = sum(LEFT[one.name] for one in left) + bool(left and more)
    weight_forces = sum(FORCES[one.name] for one in forces) + bool(forces and angry)
    weight_forces += STRONG * len(known)
    band = _band(weight_left, weight_forces)
    if (
        band is Band.NO
        or _reported(signals, features)
        or not (complains or min(weight_left, weight_forces) >= STRONG)
    ):
        return NOBODY
    return VigilanteReading(
        band,
        (
            *[f"left the official channel: {_quoted(signal)}" for signal in left],
            *[f"in vain, again or for long: {_quoted(signal)}" for signal in more],
            *[f"goes public: {_quoted(signal)}" for signal in forces],
            *[f"goes public: {said}" for said in known],
        ),
    )


def by_person(verdict: Verdict, person: Person) -> Verdict:
    """A verdict with what is known of the person in its vigilante band and reasons.

    The text alone was judged before; nothing else of the verdict changes, and what is muted or
    tells news stays as it is. Asking again with the same person changes nothing.
    """
    signals = {signal.name: signal for signal in verdict.signals}
    if verdict.muted_by or REPORTED in signals or not _of_the_person(person, left=True):
        return verdict
    reading = vigilante(signals, (), complains=verdict.lane is Lane.COMPLAINT, person=person)
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


def _shown(counted: Mapping[str, int], signals: Mapping[str, Signal]) -> list[Signal]:
    """Those signals that count, in the order of the list."""
    return [signals[name] for name in counted if name in signals]


def _of_the_person(person: Person, *, left: bool) -> list[str]:
    """What is known of the person that makes the post more public."""
    known = []
    if person.posts >= POSTS_FROM:
        known.append(f"has posted {person.posts:,} times about it")
    if left and person.followers is not None and person.followers >= REACH_FROM:
        known.append(f"is read by {person.followers:,} followers")
    return known


def _quoted(signal: Signal) -> str:
    """The words of a signal on one line, short enough for a card."""
    said = " ".join(signal.text.split())
    return f"“{said if len(said) <= QUOTED else said[: QUOTED - 1] + '…'}”"
