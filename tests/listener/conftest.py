"""A house with a desk: a store on disk with a few posts in it, a fixed clock, a configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.config import Config, load
from listener.desk import Desk
from listener.store import open_store
from listener.store.protocol import Store
from listener.store.rows import Collected, Judged, NewCase, Priced, Triaged
from sources.mention import Author, Mention, Thread
from triage.protocols import Label, Placement
from triage.verdict import (
    Band,
    Lane,
    Priority,
    PriorityPart,
    Reason,
    Sentiment,
    Signal,
    Verdict,
)

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that goes only when told."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass(frozen=True)
class Heard:
    """A post as a test describes it, with what triage made of it."""

    text: str
    author: str = "ann"
    source: str = "reddit"
    hours_ago: float = 3.0
    lane: Lane = Lane.COMPLAINT
    vigilante: Band = Band.NO
    severity: float = 1.5
    parts: tuple[tuple[str, int, str], ...] = (("severity", 20, "serious: about 1.5 of 4"),)
    promise_hours: float | None = 4.0
    issue: int | None = None
    followers: int | None = None
    title: str = ""
    thread: Thread = field(default_factory=Thread)
    url: str = "https://reddit.example/r/acme/1"
    sample: bool = False
    external_id: str = ""
    case: bool = True
    lang: str = "en"


def verdict_of(heard: Heard) -> Verdict:
    text = f"{heard.title}\n\n{heard.text}" if heard.title else heard.text
    at = text.find("on hold")
    signals = (Signal("on_hold", at, at + 7, "on hold"),) if at >= 0 else ()
    return Verdict(
        version="judge-test-1",
        lang=heard.lang,
        sentiment=Sentiment(
            "negative" if heard.lang == "en" else "unknown",
            -0.25,
            -0.5,
            (("terrible", -2.1), ("hold", -1.0)),
        ),
        complaint_p=0.9,
        complaint=Band.LIKELY,
        severity=heard.severity,
        severity_band="serious",
        lane=heard.lane,
        lanes=(("complaint", 0.9), ("question", 0.1)),
        vigilante=heard.vigilante,
        vigilante_reasons=("left the official channel: “on hold”",)
        if heard.vigilante is not Band.NO
        else (),
        signals=signals,
        reasons=(Reason("lane", "reads as negative: “terrible”"),),
        muted_by=("promotion",) if heard.lane is Lane.MUTED else (),
    )


class House:
    """The store, the desk and the clock of one test."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.config_path = folder / "config.yaml"
        self.config_path.write_text(
            f"store: sqlite:///{folder}/listener.db\n"
            "brands:\n  - name: Acme\n    handles: {reddit: u/acme}\n"
            "queue: {lease: 20m}\n"
        )
        self.config: Config = load(self.config_path, {})
        self.store: Store = open_store(self.config.store)
        self.desk = Desk(self.store, self.config, self.clock)
        self._count = 0

    def hear(self, *posts: Heard, brand: str = "Acme") -> list[int]:
        """Take posts in, judge them as described; returns the ids of the mentions."""
        mentions = [self._mention(post) for post in posts]
        by_source: dict[str, list[Mention]] = {}
        for post, mention in zip(posts, mentions, strict=True):
            by_source.setdefault(post.source, []).append(mention)
        for source, ours in by_source.items():
            run = self.store.open_run(source, self.clock.at)
            self.store.collect(Collected(run, source, ours, self.clock.at))
            self.store.close_run(run, "ok", "", self.clock.at)
        ids = {one.mention.key: one.id for one in self.store.pending(1_000)}
        judged = [
            self._judged(ids[mention.key], mention, post, brand)
            for mention, post in zip(mentions, posts, strict=True)
        ]
        issues = {post.issue for post in posts if post.issue is not None}
        labels = [
            (brand, Label(issue, f"Issue about {issue}", ("on hold", "hours"), judged[0].mention))
            for issue in sorted(issues)
        ]
        judged.sort(key=lambda one: one.mention)
        parts = {ids[m.key]: p for m, p in zip(mentions, posts, strict=True)}
        with self.store.triage() as scope:
            scope.write(Triaged(judged, labels, self.clock.at, "test"))
        self._price(parts)
        return [ids[mention.key] for mention in mentions]

    def _price(self, posts: dict[int, Heard]) -> None:
        from listener.store.rows import Span

        cases = {case.mention: case.id for case in self.store.all_cases(Span())}
        priced = [
            Priced(cases[mention], Priority(tuple(PriorityPart(*part) for part in post.parts)))
            for mention, post in posts.items()
            if mention in cases
        ]
        with self.store.triage() as scope:
            scope.price(priced)

    def _mention(self, post: Heard) -> Mention:
        self._count += 1
        return Mention(
            kind=post.source,
            external_id=post.external_id or f"p{self._count}",
            text=post.text,
            created_at=self.clock.at - timedelta(hours=post.hours_ago),
            author=Author(
                post.author, f"@{post.author}" if post.author else "", "", post.followers
            ),
            url=post.url,
            title=post.title,
            thread=post.thread,
            sample=post.sample,
        )

    def _judged(self, id: int, mention: Mention, post: Heard, brand: str) -> Judged:
        opened = mention.created_at
        due = opened + timedelta(hours=post.promise_hours) if post.promise_hours else None
        return Judged(
            mention=id,
            brand=brand,
            verdict=verdict_of(post),
            placement=Placement(id, post.issue, 1.0) if post.issue is not None else None,
            case=NewCase(0, post.lane.value, opened, due) if post.case else None,
        )

    def case(self, mention: int) -> int:
        """The case of a mention."""
        from listener.store.rows import Span

        return next(case.id for case in self.store.all_cases(Span()) if case.mention == mention)

    def open_case(self, text: str = "on hold for hours, terrible", **fields: object) -> int:
        """Take one post in and return its case."""
        (mention,) = self.hear(replace(Heard(text), **fields))  # type: ignore[arg-type]
        return self.case(mention)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    with house.store:
        yield house


@pytest.fixture
def heard() -> type[Heard]:
    """How a test describes a post; a fixture, because test files import nothing from each other."""
    return Heard


@pytest.fixture
def furnish(house: House) -> Callable[[], House]:
    """A queue as on an ordinary day."""

    def fill() -> House:
        house.hear(
            Heard(
                "On hold for 3 hours and nobody answers. Third time this week! Terrible.",
                author="maria",
                severity=2.8,
                vigilante=Band.LIKELY,
                parts=(
                    ("severity", 56, "severe: about 2.8 of 4"),
                    ("vigilante", 20, "likely to go public"),
                    ("waiting", 12, "waits for 3 h"),
                    ("person", -2, "wrote once"),
                ),
                promise_hours=1.0,
                issue=1,
                followers=12_400,
            ),
            Heard(
                "Still on hold. Your app says two minutes since noon",
                author="ben",
                hours_ago=0.5,
                parts=(
                    ("severity", 32, "serious: about 1.6 of 4"),
                    ("waiting", 3, "waits for 30 min"),
                ),
                issue=1,
            ),
            Heard(
                "How do I change the address on my card? " * 8,
                author="chloe_with_a_rather_long_handle",
                source="bank-forum",
                hours_ago=26,
                lane=Lane.QUESTION,
                promise_hours=8,
                parts=(("severity", 4, "mild: about 0.2 of 4"), ("waiting", 14, "waits for 26 h")),
                title="Address change",
                sample=True,
            ),
        )
        return house

    return fill
