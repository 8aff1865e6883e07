"""Readings as bytes, and the stamp that says of what text, by which judge."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson

from listener.stages.readers import Brands
from triage.judge import VERSION
from triage.space import space_of
from triage.verdict import Band, Lane, Reason, Sentiment, Signal, Verdict


def spelled(verdict: Verdict) -> bytes:
    """A verdict as JSON, exactly: every number comes back as it was. Never a pickle: it is read from
    a database.
    """
    mood = verdict.sentiment
    return orjson.dumps(
        [
            verdict.version,
            verdict.lang,
            [mood.label, mood.compound, mood.service_compound, mood.words, mood.leaning],
            verdict.complaint_p,
            verdict.complaint,
            verdict.severity,
            verdict.severity_band,
            verdict.lane,
            verdict.lanes,
            verdict.vigilante,
            verdict.vigilante_reasons,
            [tuple(one) for one in verdict.signals],
            [tuple(one) for one in verdict.reasons],
            verdict.muted_by,
        ]
    )


def read_back(spelling: bytes) -> Verdict:
    """The verdict again. Raises ValueError for what is none."""
    try:
        (
            version, lang, (label, compound, service, words, leaning), complaint_p, complaint,
            severity, severity_band, lane, lanes, vigilante, vigilante_reasons, signals, reasons,
            muted_by,
        ) = orjson.loads(spelling)  # fmt: skip
        return Verdict(
            version,
            lang,
            Sentiment(label, compound, service, _pairs(words), leaning),
            complaint_p,
            Band(complaint),
            severity,
            severity_band,
            Lane(lane),
            _pairs(lanes),
            Band(vigilante),
            tuple(vigilante_reasons),
            tuple([Signal(*one) for one in signals]),
            tuple([Reason(*one) for one in reasons]),
            tuple(muted_by),
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"no verdict: {error}") from error


class Stamps:
    """What tells one judge's reading of one text from all others.

    In it are the text, all that the brand's context says, and the version of what is in use of its
    learning: workers of two versions or two configurations never take each other's readings for theirs.
    """

    def __init__(self, brands: Brands, versions: Mapping[str, str]) -> None:
        """The judges of these brands as they are in use now."""
        self._judges = {
            name: hashlib.blake2b(
                repr(
                    (VERSION, versions.get(name, ""), space_of(quality=brand.quality).model, brand)
                ).encode(),
                digest_size=32,
            ).digest()
            for name, brand in brands.items()
        }

    def of(self, brand: str, text: str) -> bytes:
        """The stamp of a text as it is read for a brand."""
        said = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(said, key=self._judges[brand], digest_size=32).digest()


def _pairs(listed: list[list[object]]) -> tuple[tuple[str, float], ...]:
    return tuple([(name, value) for name, value in listed])  # type: ignore[misc]
