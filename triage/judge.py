"""The judge: everything decided about a post from its text alone, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING

from triage.evidence import EvidenceReader, heads
from triage.intent import Intent, intent
from triage.language import LanguageIdentifier, Model
from triage.protocols import BrandContext
from triage.sentiment import SentimentReader
from triage.severity import expected_severity, policy_severe, severity_band
from triage.signals import SignalFinder, signal_table
from triage.spam import MuteRule, muted_by
from triage.verdict import Band, Lane, Reason, Sentiment, Signal, Verdict
from triage.vigilante import NOBODY, reasons_of, vigilante

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSION = "judge-2026-11-2"
MOST_WORDS = 1_000
MOST_QUOTES = 3
AT_ONCE = 128
MOST_DECISIONS_KEPT = 4_096

WHY_COMPLAINT = (
    *("safety", "vulnerable", "discrimination", "privacy", "accessibility"),
    *("broken", "delivery", "no_answer", "tried_channel", "on_hold", "long_wait", "billing"),
    *("refund", "fraud", "insult", "broken_promise", "repeated", "churn", "sarcasm", "help"),
)
WHY: Mapping[Lane, Sequence[str]] = {
    Lane.COMPLAINT: WHY_COMPLAINT,
    Lane.QUESTION: ("question", "help"),
    Lane.IDEA: ("idea",),
    Lane.PRAISE: ("praise", "thanks", "resolved"),
}


class Judge:
    """A `triage.protocols.Scorer` for one brand.

    Linear in the length of a text and bounded: no more than 40,000 characters and 8,000 emoji are
    read, and signals and the customer-service reading look at the first 1,000 words of those. A
    reason says so where it happened. Within these bounds `compound` is vaderSentiment's, exactly.
    One instance, one thread.
    """

    version = VERSION

    def __init__(self, brand: BrandContext | None = None, model: Model | None = None) -> None:
        """The brand's languages narrow the choice of language; its own words are neutral.

        `model` tells languages; this process's own by default, loaded when first needed.
        """
        brand = BrandContext() if brand is None else brand
        self._languages = LanguageIdentifier(brand.languages, model)
        self._sentiment = SentimentReader(brand)
        self._signals = SignalFinder()
        self._evidence = EvidenceReader()

    def judge(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict per text, in order. Never raises for any text."""
        return [
            verdict
            for start in range(0, len(texts), AT_ONCE)
            for verdict in self._judge(texts[start : start + AT_ONCE])
        ]

    def _judge(self, texts: Sequence[str]) -> list[Verdict]:
        """The verdicts on a few texts.

        Reader by reader, not post by post: that alone is a third faster, because a processor keeps
        what one reader needs at hand.
        """
        reads = [self._sentiment.beginning(text) for text in texts]
        words = [read.split(maxsplit=MOST_WORDS)[:MOST_WORDS] for read in reads]
        langs = list(map(self._languages.identify, reads, words))
        limits = repeat(MOST_WORDS)
        sentiments = list(map(self._sentiment.read, reads, langs, limits))
        signals = list(map(self._signals.find, reads, words))
        features = list(map(self._evidence.read, words, sentiments, signals))
        bounds = list(map(_bounds, texts, reads, words))
        return list(map(_verdict, langs, sentiments, signals, features, bounds))


def _verdict(
    lang: str,
    sentiment: Sentiment,
    signals: tuple[Signal, ...],
    features: Mapping[str, float],
    bounds: Sequence[Reason],
) -> Verdict:
    """The verdict on a post from what all readers found in it."""
    decided = _decide(frozenset(features.items()))
    wants, severity = decided.wants, decided.severity
    muted = muted_by(features, wants.complaint_p)
    lane = Lane.MUTED if muted else wants.lane
    band = severity_band(severity, features, complains=lane is Lane.COMPLAINT)
    by_name = {signal.name: signal for signal in signals}
    complains = lane is Lane.COMPLAINT
    public = NOBODY if muted else vigilante(by_name, features, complains=complains)
    return Verdict(
        version=VERSION,
        lang=lang,
        sentiment=sentiment,
        complaint_p=wants.complaint_p,
        complaint=wants.complaint,
        severity=round(severity, 3),
        severity_band=band,
        lane=lane,
        lanes=wants.lanes,
        vigilante=public.band,
        vigilante_reasons=public.reasons,
        signals=signals,
        reasons=(
            *_lane_reasons(lane, wants, muted, by_name, sentiment),
            *_severity_reasons(band, severity, by_name, lane),
            *reasons_of(public),
            *bounds,
        ),
        muted_by=tuple([rule.name for rule in muted]),
    )


@dataclass(frozen=True, slots=True)
class Decided:
    """What follows from the features of a post alone."""

    wants: Intent
    severity: float


@lru_cache(MOST_DECISIONS_KEPT)
def _decide(features: frozenset[tuple[str, float]]) -> Decided:
    """Weigh the features, in one order whatever the post's; half of all posts share theirs."""
    says = heads().weigh(dict(sorted(features)))
    names = {name for name, _ in features}
    return Decided(intent(says, names), expected_severity(says))


def _lane_reasons(
    lane: Lane,
    wants: Intent,
    muted: Sequence[MuteRule],
    signals: Mapping[str, Signal],
    sentiment: Sentiment,
) -> list[Reason]:
    """Why the post is in its lane: the words that speak for it, then how it reads."""
    if muted:
        return [Reason("lane", f"muted: the post {rule.says}") for rule in muted]
    quotes = [
        Reason("lane", f"{signal_table().kinds[name].says}: “{_quoted(signals[name])}”")
        for name in WHY.get(lane, ())
        if name in signals
    ][:MOST_QUOTES]
    if lane is Lane.COMPLAINT and sentiment.label == "negative":
        low = sorted([entry for entry in sentiment.words if entry[1] < 0], key=lambda e: e[1])
        heard = ", ".join([f"“{word}”" for word, _ in low[:MOST_QUOTES]])
        quotes.append(
            Reason("lane", f"reads as negative: {heard}" if heard else "reads as negative")
        )
    if lane is Lane.COMPLAINT and wants.complaint is not Band.LIKELY:
        quotes.append(Reason("lane", "possibly a complaint; nothing else fits better"))
    if not quotes:
        quotes.append(Reason("lane", "no complaint, question, idea or praise found in it"))
    return quotes


def _severity_reasons(
    band: str, severity: float, signals: Mapping[str, Signal], lane: Lane
) -> list[Reason]:
    """Why it is that bad, for complaints."""
    if lane is not Lane.COMPLAINT:
        return []
    policy = policy_severe(signals)
    if policy:
        return [
            Reason(
                "severity",
                f"{band} by policy: {signal_table().kinds[name].says}: “{_quoted(signals[name])}”",
            )
            for name in policy
        ]
    return [Reason("severity", f"{band}: about {severity:.1f} of 4 by what it says")]


def _bounds(text: str, read: str, words: Sequence[str]) -> list[Reason]:
    """Say what was not read."""
    said = []
    if len(read) < len(text):
        said.append(
            Reason("length", f"only the first {len(read):,} of {len(text):,} characters read")
        )
    if len(words) >= MOST_WORDS:
        said.append(Reason("length", f"signals looked for in the first {MOST_WORDS:,} words"))
    return said


def _quoted(signal: Signal) -> str:
    """The words of a signal on one line, short enough for a card."""
    said = " ".join(signal.text.split())
    return said if len(said) <= 60 else said[:59] + "…"
