"""Totals that are kept, not counted: counting five million rows costs more than a page may."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable

from listener.store.rows import Totals
from triage.cases import DONE

CLOSED = frozenset(state.value for state in DONE)


class Tally:
    """Changes to the counters during one transaction; `keep` writes them, once, at its end."""

    def __init__(self) -> None:
        self._changes: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, by: int = 1, brand: str = "") -> None:
        """Count something."""
        self._changes[brand, name] += by

    def case(self, brand: str, state: str, lane: str, by: int) -> None:
        """Count one case more or less in its state and, while it is open, in its lane."""
        self._changes[brand, f"state:{state}"] += by
        if state not in CLOSED:
            self._changes[brand, f"lane:{lane}"] += by

    def regrouped(self, brands: Iterable[str]) -> None:
        """Say that the groups of these brands are no longer what a clusterer remembers."""
        for brand in brands:
            self._changes[brand, "epoch"] += 1

    def keep(self, conn: sqlite3.Connection) -> None:
        """Write the changes, within the transaction that made them."""
        conn.executemany(
            "INSERT INTO counters (brand, name, value) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET value = counters.value + excluded.value",
            [(brand, name, by) for (brand, name), by in sorted(self._changes.items()) if by],
        )
        self._changes.clear()


def epoch(conn: sqlite3.Connection, brand: str) -> int:
    """How often the brand's groups have changed."""
    found = conn.execute(
        "SELECT value FROM counters WHERE brand = ? AND name = 'epoch'", (brand,)
    ).fetchone()
    return int(found[0]) if found else 0


def totals(conn: sqlite3.Connection, brand: str) -> Totals:
    """All counters of a brand, or of all brands together."""
    counted: Counter[str] = Counter()
    for name, value in conn.execute(
        "SELECT name, sum(value) FROM counters WHERE ? IN ('', brand) GROUP BY name", (brand,)
    ):
        counted[name] = value
    # Mentions wait, and are invented, before any brand is known.
    everywhere = dict(conn.execute("SELECT name, value FROM counters WHERE brand = ''").fetchall())
    return Totals(
        mentions=counted["judged"] if brand else everywhere.get("mentions", 0),
        pending=everywhere.get("pending", 0),
        cases_by_state=_named(counted, "state:"),
        cases_by_lane=_named(counted, "lane:"),
        issues=counted["issues"],
        unread_languages=_named(counted, "unread:"),
        sample=everywhere.get("sample", 0) > 0,
    )


def _named(counted: Counter[str], prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): value
        for name, value in sorted(counted.items())
        if name.startswith(prefix) and value
    }
