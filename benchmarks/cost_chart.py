"""A chart of what a post costs as a stream grows, as SVG, drawn without any library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 40, 48
COLOURS = ("#1f4e79", "#b03a2e", "#2e7d32", "#8e44ad", "#7f6000", "#00838f", "#616161")
TICKS = 5


def chart(title: str, posts: Sequence[int], costs: Mapping[str, Sequence[float]]) -> str:
    """Lines of µs a post over posts placed, the first one (all of it) drawn boldest."""
    most = _round_up(max(max(line) for line in costs.values()))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(value: float) -> float:
        return LEFT + wide * value / posts[-1]

    def y(value: float) -> float:
        return TOP + high * (1 - value / most)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="14">{escape(title)}</text>',
    ]
    for tick in range(TICKS + 1):
        value, place = most * tick / TICKS, posts[-1] * tick / TICKS
        parts.append(
            f'<line x1="{LEFT}" x2="{LEFT + wide}" y1="{y(value):.1f}" y2="{y(value):.1f}"'
            ' stroke="#dddddd"/>'
            f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,.0f}</text>'
            f'<text x="{x(place):.1f}" y="{TOP + high + 18}" text-anchor="middle">{place:,.0f}</text>'
        )
    parts.append(
        f'<text x="{LEFT + wide / 2}" y="{HEIGHT - 8}" text-anchor="middle">posts placed</text>'
    )
    for number, (name, line) in enumerate(costs.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(
            f"{x(at):.1f},{y(value):.1f}" for at, value in zip(posts, line, strict=True)
        )
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}"'
            f' stroke-width="{1.5 if number else 2.5}"/>'
            f'<text x="{LEFT + wide + 10}" y="{TOP + 12 + 18 * number}" fill="{colour}">'
            f"{escape(name)}</text>"
        )
    return "\n".join([*parts, "</svg>", ""])


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 … at or above."""
    step = 1.0
    while True:
        for factor in (1, 2, 5):
            if step * factor >= value:
                return step * factor
        step *= 10
