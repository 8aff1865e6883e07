"""Who is looking at which case now, and who is answering: for a short while, then it is forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from listener.store.sqlite.database import Database

LASTS = timedelta(seconds=45)  # a page says it again twice in this time


class Doing(StrEnum):
    """What somebody does at a case."""

    LOOKING = "looking"
    ANSWERING = "answering"


class Present(NamedTuple):
    """Somebody at a case, since they came."""

    who: str
    doing: Doing
    since: datetime


class Presence:
    """Who is where, beside the accounts; all processes of a house see the same. One thread at a time."""

    def __init__(self, db: Database) -> None:
        """Keep it in the accounts' file."""
        self._db = db

    def enter(self, case: int, who: str, doing: Doing, at: datetime) -> None:
        """Say that somebody is at a case, for `LASTS`; saying it again goes on from there."""
        now = at.timestamp()
        with self._db.writing() as conn:
            conn.execute("DELETE FROM presence WHERE until <= ?", (now,))
            conn.execute(
                "INSERT INTO presence (case_id, who, doing, since, until) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET doing = excluded.doing, until = excluded.until",
                (case, who, doing.value, now, now + LASTS.total_seconds()),
            )

    def leave(self, case: int, who: str) -> None:
        """Say that somebody has gone; repeating is harmless."""
        with self._db.writing() as conn:
            conn.execute("DELETE FROM presence WHERE case_id = ? AND who = ?", (case, who))

    def at_case(self, case: int, at: datetime) -> tuple[Present, ...]:
        """Who is at a case, those who answer first, then in order of their coming."""
        return self.everywhere(at).get(case, ())

    def everywhere(self, at: datetime) -> Mapping[int, tuple[Present, ...]]:
        """The same for all cases at which anybody is."""
        found: dict[int, list[Present]] = defaultdict(list)
        with self._db.reading() as conn:
            for case, who, doing, since in conn.execute(
                "SELECT case_id, who, doing, since FROM presence WHERE until > ?"
                " ORDER BY case_id, doing = 'looking', since, who",
                (at.timestamp(),),
            ):
                came = datetime.fromtimestamp(since, at.tzinfo)
                found[case].append(Present(who, Doing(doing), came))
        return {case: tuple(people) for case, people in found.items()}
