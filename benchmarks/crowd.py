"""A store with many mentions, cases and issues, as months of listening leave it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from listener.store import open_store
from listener.store.protocol import Store
from listener.store.rows import Collected, Judged, NewCase, Priced, Triaged
from sources.mention import Author, Mention
from triage.protocols import Label, Placement
from triage.verdict import Band, Lane, Priority, PriorityPart, Reason, Sentiment, Verdict

BRAND = "Acme"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BATCH = 1_000
DAYS = 120
OPEN = 0.25  # of the cases; the others are done
LANES = (
    *(Lane.COMPLAINT,) * 9, *(Lane.QUESTION,) * 4, Lane.IDEA, *(Lane.PRAISE,) * 2,
    *(Lane.OTHER,) * 2, *(Lane.MUTED,) * 2,
)  # fmt: skip
ANSWERED = (Lane.COMPLAINT, Lane.QUESTION, Lane.IDEA)
WORDS = 30_000


def fill(path: Path, mentions: int) -> Store:
    """A new store with so many mentions; half have an issue, one in a hundred is a vigilante's."""
    rng = random.Random(1)
    words = [f"{rng.choice('bcdfgklmnprst')}{'aeiou'[n % 5]}{n:x}" for n in range(WORDS)]
    weights = [1 / (n + 5) for n in range(WORDS)]
    store = open_store(f"sqlite:///{path}")
    run = store.open_run("reddit", NOW)
    for first in range(0, mentions, BATCH):
        said = rng.choices(words, weights, k=BATCH * 30)
        batch = [
            _mention(n, " ".join(said[i * 30 : i * 30 + rng.randint(8, 30)]), mentions, rng)
            for i, n in enumerate(range(first, min(first + BATCH, mentions)))
        ]
        store.collect(Collected(run, "reddit", batch, NOW))
        _judge(store, rng)
    store.close_run(run, "ok", "", NOW)
    _end_most(store)
    return store


def _mention(n: int, text: str, of: int, rng: random.Random) -> Mention:
    # Most write a few times, some a hundred times.
    person = rng.randrange(100) if rng.random() < 0.05 else rng.randrange(100, 60_000)
    at = NOW - timedelta(days=DAYS) * (1 - n / of)
    author = Author(f"u{person}", f"@user{person}", "", person)
    return Mention("reddit", f"t3_{n}", text, at, author, f"https://reddit.example/{n}")


def _judge(store: Store, rng: random.Random) -> None:
    pending = store.pending(BATCH)
    judged, issues = [], set()
    for one in pending:
        lane, issue = rng.choice(LANES), rng.randrange(1, 3_000)
        vigilante = Band.LIKELY if rng.random() < 0.01 else Band.NO
        placement = Placement(one.id, issue, 0.9) if issue < 1_500 else None
        issues.add(issue)
        at = one.mention.created_at
        case = NewCase(0, lane.value, at, at + timedelta(hours=4)) if lane in ANSWERED else None
        judged.append(
            Judged(one.id, BRAND, _verdict(lane, vigilante), placement=placement, case=case)
        )
    labels = [
        (BRAND, Label(issue, f"Issue {issue}", ("on hold", f"p{issue % 50}"), pending[0].id))
        for issue in sorted(issues)
        if issue < 1_500
    ]
    with store.triage() as scope:
        cases = scope.write(Triaged(judged, labels, NOW, "test"))
        scope.price([Priced(case, _priority(rng)) for case in cases])


def _priority(rng: random.Random) -> Priority:
    return Priority(
        (
            PriorityPart("severity", rng.randrange(60), "serious: about 1.5 of 4"),
            PriorityPart("waiting", rng.randrange(30), "waits for 3 h"),
        )
    )


def _verdict(lane: Lane, vigilante: Band) -> Verdict:
    return Verdict(
        "test", "en", Sentiment("negative", -0.3, -0.5), 0.9, Band.LIKELY, 1.5, "serious", lane,
        ((lane.value, 0.9),), vigilante, (), (), (Reason("lane", "reads as negative"),),
    )  # fmt: skip


def _end_most(store: Store) -> None:
    """Most old cases were resolved, with a move in the history for each."""
    from listener.store.rows import Move, Span

    rng = random.Random(2)
    moves = [
        Move(
            "ana", "resolve", "case", row.id, {"state": row.state}, {"state": "resolved"}, NOW,
            case=row.id,
        )
        for row in store.all_cases(Span())
        if rng.random() > OPEN
    ]  # fmt: skip
    for first in range(0, len(moves), BATCH):
        store.move_all(tuple(moves[first : first + BATCH]))
