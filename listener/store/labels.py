"""The store's verbs for the labels that people put on cases."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from listener.store.rows import HistoryRow


class LabelRow(NamedTuple):
    """A label with how many cases have it: those still open, and all."""

    label: str
    open_cases: int
    cases: int


class Labels(Protocol):
    """Putting labels on cases, taking them off, and counting them."""

    def label(
        self, case: int, label: str, actor: str, at: datetime, *, on: bool
    ) -> HistoryRow | None:
        """Put a label on a case, or take it off, with a history row; None when that is so already.

        Raises NotFound without the case. Undone like every move: None then when somebody has put it
        on, or taken it off, again since.
        """
        ...

    def label_names(self, limit: int = 100) -> list[str]:
        """The labels in use by name, without counting: as quick with a million cases as with ten."""
        ...

    def labels(self, brand: str = "", limit: int = 200) -> list[LabelRow]:
        """The labels in use, those with most open cases first."""
        ...
