"""The labelled public sets the heads are trained on, and what may be done with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Row = dict[str, str | int | None]

PERMISSIVE = {
    "complaints/acl2019_given",  # MIT (labels)
    "intents/banking77_train",  # CC-BY 4.0
    "intents/clinc150",  # CC-BY 3.0
    "relevance/crisis_given",  # MIT
    "sentiment/umsab_train",  # Apache-2.0 repository
    "sentiment/umsab_dev",
}
"""Sets whose stated terms allow any use. Of the others none says that it forbids it."""

FORBIDDEN = {"topics/airline_given", "streams/"}
"""Non-commercial terms: measured on, never trained on."""


@dataclass(frozen=True)
class Sets:
    """The folder of the sets; with `permissive` the others count as absent for training.

    `own` are languages to add, each with a file of lines that say `text` and `label`.
    """

    folder: Path
    permissive: bool = False
    own: tuple[tuple[str, Path], ...] = ()

    def train(self, name: str, keep: Callable[[Row], bool] = lambda _: True) -> list[Row]:
        """The lines of a set to train on; none where its terms are in the way."""
        if any(name.startswith(one) for one in FORBIDDEN):
            raise ValueError(f"{name}: its terms forbid training")
        if self.permissive and name not in PERMISSIVE:
            return []
        return [row for row in self.read(name) if keep(row)]

    def languages(self, *, held: bool) -> dict[str, list[Row]]:
        """The lines of added languages: every fifth is held back to measure on, the others teach."""
        found = {}
        for code, file in self.own:
            with file.open(encoding="utf-8") as lines:
                rows = [json.loads(line) for line in lines]
            found[code] = [row for at, row in enumerate(rows) if (at % 5 == 0) is held]
        return found

    def read(self, name: str) -> Iterator[Row]:
        """The lines of a set, to measure on."""
        with (self.folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def key(row: Row) -> str:
    """What two copies of one post share: their words without names and links."""
    words = str(row["text"]).lower().split()
    return " ".join([word for word in words if not word.startswith(("@", "http"))])
