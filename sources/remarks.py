"""What a reader has to say about rows it did read, counted so that a million say it once."""

from __future__ import annotations


class Remarks:
    """Counts remarks by their wording and keeps where each was first true."""

    def __init__(self) -> None:
        """Start with nothing to say."""
        self._seen: dict[str, tuple[int, int]] = {}

    def add(self, wording: str, line: int) -> None:
        """Note that `wording` (“date(s) in the future, read as now”) is true of the row in `line`."""
        count, first = self._seen.get(wording, (0, line))
        self._seen[wording] = (count + 1, first)

    def take(self) -> list[str]:
        """One sentence per wording since the last call, with its count and first line."""
        sentences = [
            f"1 {wording.replace('(s)', '')} (line {first})"
            if count == 1
            else f"{count:,} {wording.replace('(s)', 's')} (first: line {first})"
            for wording, (count, first) in self._seen.items()
        ]
        self._seen.clear()
        return sentences
