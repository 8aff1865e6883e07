"""What is decided about a mention before it is judged: whether it is about a brand at all."""

from __future__ import annotations

from dataclasses import replace

from triage.verdict import Band, Lane, Reason, Sentiment, Verdict

NOBODYS = "not about a brand"
OURS = "our own post"


def not_relevant(version: str) -> Verdict:
    """The verdict on a mention that no brand's query matches: muted unread, never deleted."""
    return Verdict(
        version=version,
        lang="",
        sentiment=Sentiment("unknown", 0.0, 0.0),
        complaint_p=0.0,
        complaint=Band.NO,
        severity=0.0,
        severity_band="none",
        lane=Lane.MUTED,
        lanes=((Lane.MUTED.value, 1.0),),
        vigilante=Band.NO,
        vigilante_reasons=(),
        signals=(),
        reasons=(Reason("lane", "muted: no brand's query matches it"),),
        muted_by=(NOBODYS,),
    )


def our_own(verdict: Verdict) -> Verdict:
    """The verdict on a post of the brand itself: it is recorded, and nobody has to answer it."""
    return replace(
        verdict,
        lane=Lane.MUTED,
        vigilante=Band.NO,
        vigilante_reasons=(),
        reasons=(Reason("lane", "muted: the brand itself wrote it"), *verdict.reasons),
        muted_by=(OURS, *verdict.muted_by),
    )
