"""Two simulated days of `benchmarks/month.py`: everything that its month promises, on a small scale."""

from __future__ import annotations

from pathlib import Path

from benchmarks.month import live
from benchmarks.month_world import BROKEN, DOWN, REFUSED, WALL, Outage, Plan

TWO_DAYS = Plan(
    2,
    (
        Outage(0.2, 5, "feed", DOWN),
        Outage(0.5, 4, "reddit", REFUSED),
        Outage(0.8, 4, "mastodon", WALL),
        *(Outage(1.2, 5, place, BROKEN) for place in ("reddit", "feed", "mastodon")),
        Outage(1.2, 5, "desk", DOWN),
    ),
    {"reddit": ((0.6, 1_200),), "feed": ((1.3, 90),), "mastodon": ((0.9, 60),)},
)


def test_two_days_lose_nothing_and_tell_of_everything_once(tmp_path: Path) -> None:
    told = live(tmp_path, TWO_DAYS)
    assert told.wrong == ()
    assert told.posts == told.stored + told.in_gaps
    assert told.in_gaps > 0, "more came at once than a list shows"
    assert told.outages == 6
    assert told.heard >= 2 * told.outages
