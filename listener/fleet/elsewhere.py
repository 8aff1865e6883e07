"""Reading for the ordered writer: what workers have read beforehand, and the rest here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from listener.fleet.spelling import Stamps, read_back
from listener.fleet.writers import Writer
from listener.stages.judging_learnt import JudgingLearnt
from listener.stages.readers import Brands
from listener.stages.readers import Reading as Read
from listener.store.postgres.readings import Reading, Readings
from listener.store.protocol import Store
from listener.store.rows import Pending


class ReadElsewhere:
    """What `Triage` asks for texts when workers have read them, and the line of what they have read.

    A mention that changed since, or was read by another version, is read here: what comes out does
    not depend on who read it. One thread.
    """

    def __init__(self, store: Store, brands: Brands, readings: Readings, writer: Writer) -> None:
        """Read nothing yet."""
        self._brands = brands
        self._readings = readings
        self._writer = writer
        self._here = JudgingLearnt(store, brands, helpers=0)
        self._known: Mapping[tuple[str, bytes], Reading] = {}
        self._stamps = Stamps(brands, {})

    def line(self, limit: int) -> Sequence[Pending]:
        """The next mentions that have been read, in order of arrival; none while the first has not."""
        waiting, self._known = self._readings.in_line(self._writer.share, limit)
        return waiting

    def refresh(self) -> None:
        """Take up what was put to use or taken back meanwhile."""
        self._here.refresh()
        self._stamps = Stamps(self._brands, self._here.versions())

    def versions(self) -> Mapping[str, str]:
        """The version of verdicts for each brand whose differs from the judge's own."""
        return self._here.versions()

    def announce(self, brand: str, texts: Sequence[str]) -> None:
        """Nothing to prepare: workers see for themselves what waits."""

    def read(self, brand: str, texts: Sequence[str]) -> list[Read]:
        """The verdict and the vector of every text, in order."""
        found = [self._known.get((brand, self._stamps.of(brand, text))) for text in texts]
        missing = [text for text, one in zip(texts, found, strict=True) if one is None]
        rest = iter(self._here.read(brand, missing) if missing else ())
        return [
            next(rest) if one is None else (read_back(one.verdict), one.vector) for one in found
        ]

    def close(self) -> None:
        """End what helps. Harmless to repeat."""
        self._here.close()
