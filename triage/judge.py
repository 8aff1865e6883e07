"""The judge: everything decided about a post from its text alone, with the reasons."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from triage.encoder import MODEL as ENCODER
from triage.encoder import PostEncoder
from triage.encoder import packaged as encoder
from triage.evidence import EvidenceReader, heads
from triage.explanation import Explained, with_changes
from triage.heads import packaged as small_heads
from triage.heads import readings
from triage.intent import Intent, intent
from triage.language import LanguageIdentifier, Model, language_model
from triage.learning import Seen
from triage.learnt import Learnt, Meanings
from triage.learnt_judge import Reviser
from triage.learnt_judge import version_of as version_with
from triage.learnt_pass import beside
from triage.opinion import OPEN_ASKED, Opinion, OpinionReader, told
from triage.points import version_of as version_of_points
from triage.protocols import BrandContext
from triage.sentiment import SentimentReader
from triage.severity import lifted, lifts_in, lifts_of, severity_band
from triage.signals import SignalFinder, signal_table
from triage.spam import MuteRule, muted_by
from triage.verdict import Band, Lane, Reason, Sentiment, Signal, Verdict
from triage.vigilante import NOBODY, VigilanteReading, reasons_of, vigilante
from triage.vigilante_weights import VigilanteWeights, weights_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from triage.heads import HeadModel

VERSION = "judge-2026-11-7"
MOST_WORDS = 1_000
MOST_QUOTES = 3
AT_ONCE = 128

WHY_COMPLAINT = (
    *("safety", "vulnerable", "discrimination", "privacy", "accessibility"),
    *("broken", "delivery", "no_answer", "tried_channel", "on_hold", "long_wait", "billing"),
    *("refund", "fraud", "insult", "broken_promise", "unmet", "repeated", "churn", "sarcasm"),
    "help",
)
WHY: Mapping[Lane, Sequence[str]] = {
    Lane.COMPLAINT: WHY_COMPLAINT,
    Lane.QUESTION: ("question", "help"),
    Lane.IDEA: ("idea",),
    Lane.PRAISE: ("praise", "thanks", "resolved"),
}

LIKE: Mapping[Lane, str] = {
    Lane.COMPLAINT: "reads like the complaints that were learnt from",
    Lane.QUESTION: "reads like the questions that were learnt from",
    Lane.IDEA: "reads like the ideas that were learnt from",
    Lane.PRAISE: "reads like the praise that was learnt from",
    Lane.OTHER: "no complaint, question, idea or praise found in it",
}
"""What is said of a post whose words alone decided, no signal among them."""


def forget_models() -> None:
    """Let go of the models that this process has read; whoever needs one reads it again.

    Judges that live on keep theirs. Threads may call it at any time.
    """
    for read in (language_model, small_heads, encoder):
        read.cache_clear()


class _Policy(NamedTuple):
    """What a brand's settings say of vigilantes and of severity."""

    weights: VigilanteWeights
    lifts: Mapping[str, int]


class Judge:
    """A `triage.protocols.Scorer` for one brand.

    Linear in the length of a text and bounded: no more than 40,000 characters and 8,000 emoji are
    read, and signals and the customer-service reading look at the first 1,000 words of those. A
    reason says so where it happened. Within these bounds `compound` is vaderSentiment's, exactly.
    One instance, one thread.
    """

    version = VERSION

    def __init__(
        self,
        brand: BrandContext | None = None,
        model: Model | None = None,
        heads: HeadModel | None = None,
        encoder: PostEncoder | None = None,
        learnt: Learnt | None = None,
        meanings: Meanings | None = None,
    ) -> None:
        """The brand's languages narrow the choice of language; its own words are neutral.

        Its weights of vigilante signs and its points of severity take the place of the house's.
        `model` tells languages; this
        process's own by default, loaded when first needed. `heads` are the packaged ones, or those
        with a brand's corrections added (`triage.head_delta.changed`); the version then names them.
        `encoder` is what a brand that asks for quality is judged by, where somebody else asks the
        same one. What was `learnt` beside them moves verdicts as `learnt_judge.Reviser` does, in
        the same pass over the words; `meanings` of words, when they are loaded already.
        """
        brand = BrandContext() if brand is None else brand
        self._languages = LanguageIdentifier(brand.languages, model)
        self._sentiment = SentimentReader(brand)
        self._signals = SignalFinder()
        self._evidence = EvidenceReader()
        if brand.quality and encoder is None:
            encoder = PostEncoder()
        self._moves: Reviser | None = None
        join = None
        if learnt is not None:
            known = meanings or Meanings()
            self._moves = Reviser(learnt, known, brand.severe)
            join = partial(beside, learnt=learnt, meanings=known)
        self._opinions = OpinionReader(heads, encoder if brand.quality else None, join)
        self._policy = _Policy(weights_of(brand.vigilante), lifts_of(brand.severe))
        self.version = version_of(brand)
        if heads is not None:
            self.version += f" {heads.version}"
        self.version = version_with(self.version, learnt)

    def judge(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict per text, in order. Never raises for any text."""
        return [
            verdict
            for start in range(0, len(texts), AT_ONCE)
            for verdict in self._judge(texts[start : start + AT_ONCE])
        ]

    def explain(self, text: str, lang: str | None = None) -> Explained:
        """The parts of what the heads say of a text; its opinion is the one `judge` goes by.

        `lang` is the language of its verdict, when that is known. Never raises for any text.
        """
        read = self._sentiment.beginning(text)
        words = read.split(maxsplit=MOST_WORDS)[:MOST_WORDS]
        lang = self._languages.identify(read, words) if lang is None else lang
        sentiment = self._sentiment.read(read, lang, MOST_WORDS)
        signals = self._signals.find(read, words)
        features = self._evidence.read(words, sentiment, signals)
        way, parts = self._opinions.explain(words, lang, sentiment, features)
        trusted = dict(sorted(told(lang, features).items()))
        asked = heads(OPEN_ASKED[way]).explain(trusted)
        explained = Explained(self.version, way, parts, asked)
        wants, muted = _wanted(explained.opinion(), features)
        by_name = {signal.name: signal for signal in signals}
        public = _public(by_name, features, wants, muted, self._policy.weights)
        complains = wants.lane is Lane.COMPLAINT and not muted
        lifts = lifts_in(by_name, self._policy.lifts) if complains else ()
        return with_changes(replace(explained, vigilante=public, lifts=lifts)).shortened()

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
        opinions, margins = self._opinions.read_all(words, langs, sentiments, features)
        bounds = list(map(_bounds, texts, reads, words))
        same = repeat((self.version, self._policy))
        verdicts = map(_verdict, same, langs, sentiments, signals, features, opinions, bounds)
        if self._moves is None:
            return list(verdicts)
        found = [one | readings(read) for one, read in zip(features, sentiments, strict=True)]
        return self._moves.moved(list(map(Seen, words, found, verdicts)), margins)


def version_of(brand: BrandContext) -> str:
    """The version of a brand's verdicts, as long as nothing was learnt."""
    encoder = ENCODER if brand.quality else ""
    set_ = (
        version_of_points("vigilante", brand.vigilante),
        version_of_points("severe", brand.severe),
    )
    return " ".join(filter(None, [VERSION, encoder, *set_]))


def _verdict(
    same: tuple[str, _Policy],
    lang: str,
    sentiment: Sentiment,
    signals: tuple[Signal, ...],
    features: Mapping[str, float],
    says: Opinion,
    bounds: Sequence[Reason],
) -> Verdict:
    """The verdict on a post from what all readers found in it; `same` is so for all posts."""
    version, policy = same
    (wants, muted), severity = _wanted(says, features), says.severity
    lane = Lane.MUTED if muted else wants.lane
    complains = lane is Lane.COMPLAINT
    band = severity_band(severity, lifted(features, policy.lifts) if complains else 0)
    by_name = {signal.name: signal for signal in signals}
    public = _public(by_name, features, wants, muted, policy.weights)
    return Verdict(
        version=version,
        lang=lang,
        sentiment=_felt(sentiment, says),
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
            *(_severity_reasons(band, severity, by_name, policy.lifts) if complains else ()),
            *reasons_of(public),
            *bounds,
        ),
        muted_by=tuple([rule.name for rule in muted]),
    )


def _wanted(says: Opinion, features: Mapping[str, float]) -> tuple[Intent, tuple[MuteRule, ...]]:
    """What the person wants, and the rules that mute the post."""
    wants = intent(says, features)
    spam = 0.0 if wants.lane is Lane.IDEA else says.spam
    return wants, muted_by(features, wants.complaint_p, spam)


def _public(
    signals: Mapping[str, Signal],
    features: Mapping[str, float],
    wants: Intent,
    muted: Sequence[MuteRule],
    weights: VigilanteWeights,
) -> VigilanteReading:
    """Whether a vigilante wrote it; nobody did what is muted."""
    if muted:
        return NOBODY
    complains = wants.lane is Lane.COMPLAINT
    return vigilante(signals, features, complains=complains, weights=weights)


def _felt(read: Sentiment, says: Opinion) -> Sentiment:
    """Both readings with the label of the heads, which know more than either."""
    return Sentiment(says.label, read.compound, read.service_compound, read.words, says.leaning)


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
        quotes.append(Reason("lane", LIKE[lane]))
    return quotes


def _severity_reasons(
    band: str, severity: float, signals: Mapping[str, Signal], lifts: Mapping[str, int]
) -> list[Reason]:
    """Why a complaint is that bad: what lifts it so far, or what it says."""
    policy = [] if lifts.keys().isdisjoint(signals) else lifts_in(signals, lifts)
    reasons = [
        Reason(
            "severity",
            f"{band} by policy: {signal_table().kinds[name].says}: “{_quoted(signals[name])}”",
        )
        for name, _, _ in [lift for lift in policy if lift.band == band]
    ]
    return reasons or [Reason("severity", f"{band}: about {severity:.1f} of 4 by what it says")]


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
