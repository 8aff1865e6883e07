"""Judging with what every brand's corrections have taught, as it is in use now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from listener.learning.setting import readable
from listener.stages.judging import Judging
from listener.stages.readers import Brands, Reading
from listener.store.protocol import Store
from triage.judge import VERSION
from triage.judge import version_of as judge_version
from triage.learnt_judge import version_of

log = structlog.get_logger(__name__)


class JudgingLearnt:
    """Reads texts for all brands; `refresh` takes up what was put to use or taken back meanwhile.

    What cannot be used (learnt when posts were read otherwise) is left out, with a warning: judging
    goes on without it. Belongs to one thread, like its store.
    """

    def __init__(self, store: Store, brands: Brands, helpers: int | None = None) -> None:
        """Nothing is judged, nor asked of the store, before it is needed. `helpers`: see `Judging`."""
        self._helpers = helpers
        self._store = store
        self._brands = brands
        self._in_use: Mapping[str, int] = {}
        self._versions = _versions(brands)
        self._judging = Judging(brands, self._helpers)

    def refresh(self) -> None:
        """Ask what is in use; when that has changed, helpers start anew with it."""
        in_use = {
            brand: id for brand, id in self._store.calibrated().items() if brand in self._brands
        }
        if in_use == self._in_use:
            return
        brands, versions = dict(self._brands), _versions(self._brands)
        for brand, id in in_use.items():
            row = self._store.calibration(id)
            data, learnt, why_not = (
                readable(row.setting) if row is not None else (b"", None, "gone")
            )
            brands[brand] = replace(brands[brand], learnt=data)
            versions[brand] = version_of(judge_version(brands[brand]), learnt)
            if learnt is None:
                log.warning(
                    "learnt_unusable", brand=brand, why=why_not, next="listener learn apply"
                )
        self._judging.close()
        self._judging = Judging(brands, self._helpers)
        self._in_use, self._versions = in_use, versions

    def versions(self) -> Mapping[str, str]:
        """The version of verdicts for each brand that judges in a way of its own, or by what it learnt."""
        return dict(self._versions)

    def announce(self, brand: str, texts: Sequence[str]) -> None:
        """Say what will be read soon; see `Judging.announce`."""
        self.refresh()
        self._judging.announce(brand, texts)

    def read(self, brand: str, texts: Sequence[str]) -> list[Reading]:
        """The verdict and the vector of every text, in order."""
        return self._judging.read(brand, texts)

    def close(self) -> None:
        """End what helps. Harmless to repeat."""
        self._judging.close()


def _versions(brands: Brands) -> dict[str, str]:
    """The version of verdicts for each brand that judges in a way of its own."""
    own = {name: judge_version(brand) for name, brand in brands.items()}
    return {name: version for name, version in own.items() if version != VERSION}
