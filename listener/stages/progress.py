"""How a stage tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called often and cheaply; never raises."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` in the stage's own unit; total 0 means unknown."""
        ...


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""
