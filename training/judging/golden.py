"""The golden posts: invented posts with what a support lead would decide about each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from triage.verdict import Band, Lane, Verdict
from triage.vigilante import STRANGER, Person

FIELDS = {"text", "lane", "vigilante", "words", "without", "posts", "followers"}
SECTION = re.compile(r"(?m)^# ── (.+) ──$")


@dataclass(frozen=True, slots=True)
class Golden:
    """A post, the kind it stands for, and what is expected of it."""

    text: str
    kind: str
    lane: Lane
    vigilante: Band
    words: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    person: Person = STRANGER


def golden(path: Path) -> list[Golden]:
    """The posts of a file, every field checked; their kinds are the titles they stand under."""
    _, *sections = SECTION.split(path.read_text(encoding="utf-8"))
    return [
        _golden(kind, row)
        for kind, rows in zip(sections[::2], sections[1::2], strict=True)
        for row in tomllib.loads(rows)["post"]
    ]


def _golden(kind: str, row: dict[str, object]) -> Golden:
    if unknown := set(row) - FIELDS:
        raise ValueError(f"{row['text']}: unknown fields {sorted(unknown)}")
    words, without = row.get("words", {}), row.get("without", [])
    posts, followers = row.get("posts", 1), row.get("followers")
    assert isinstance(words, dict)
    assert isinstance(without, list)
    assert isinstance(posts, int)
    assert followers is None or isinstance(followers, int)
    return Golden(
        text=str(row["text"]),
        kind=kind,
        lane=Lane(row["lane"]),
        vigilante=Band(row["vigilante"]),
        words=words,
        without=tuple(without),
        person=Person(posts, followers),
    )


def differences(post: Golden, verdict: Verdict) -> Iterator[tuple[str, str]]:
    """What differs, each as (about, sentence)."""
    if verdict.lane is not post.lane:
        yield "lane", f"lane: wanted {post.lane.value}, got {verdict.lane.value}"
    if verdict.vigilante is not post.vigilante:
        got = verdict.vigilante.value
        yield "vigilante", f"vigilante: wanted {post.vigilante.value}, got {got}"
    found = {signal.name: signal for signal in verdict.signals}
    for name, words in post.words.items():
        start, signal = post.text.index(words), found.get(name)
        if signal is None or signal.end <= start or signal.start >= start + len(words):
            got = f"“{signal.text}”" if signal else "nothing"
            yield "words", f"{name}: wanted “{words}”, got {got}"
    for name in post.without:
        if name in found:
            yield "words", f"{name}: wanted nothing, got “{found[name].text}”"
