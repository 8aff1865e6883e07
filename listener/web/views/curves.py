"""Small bar curves: heights ready to be drawn, each bar with what it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in a drawing of 100 units of height: `y` from the top, what it stands for in words."""

    x: float
    y: float
    height: float
    count: int
    said: str
    last: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """Bars side by side, each `wide` units with one unit of space, and the largest count."""

    bars: tuple[Bar, ...]
    wide: float
    width: float
    most: int
    total: int


def curve(counts: Sequence[tuple[str, int]], wide: float = 8) -> Curve:
    """A curve of named counts in order."""
    most = max((count for _, count in counts), default=0)
    bars = tuple(
        Bar(
            x=place * (wide + 1),
            y=100 - _height(count, most),
            height=_height(count, most),
            count=count,
            said=f"{name}: {count:,}",
            last=place == len(counts) - 1,
        )
        for place, (name, count) in enumerate(counts)
    )
    width = len(counts) * (wide + 1) - 1
    return Curve(bars, wide, max(width, 1), most, sum(count for _, count in counts))


def daily(counted: Mapping[str, int], now: datetime, days: int) -> Curve:
    """A curve of the last days, silent ones too; `counted` is by UTC day."""
    names = [f"{now - timedelta(days=ago):%Y-%m-%d}" for ago in range(days - 1, -1, -1)]
    return curve([(name, counted.get(name, 0)) for name in names])


def _height(count: int, most: int) -> float:
    # One post must be seen beside a thousand.
    return 0.0 if not count else max(6.0, round(100 * count / most, 1))
