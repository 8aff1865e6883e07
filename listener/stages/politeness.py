"""How often one host is asked by all sources together, and in what order sources are run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from sources.settings import SourceSettings

PAGES_A_MINUTE = 30  # of one host, by all sources of this process


def taking_turns(sources: Iterable[SourceSettings]) -> list[SourceSettings]:
    """The sources in an order in which those of one host are as far apart as others allow.

    First one of each host, then the second of each, and so on; otherwise the order stays.
    """
    turns: Counter[str] = Counter()
    ranked: list[tuple[int, SourceSettings]] = []
    for source in sources:
        hosts = source.hosts_asked()
        ranked.append((max((turns[host] for host in hosts), default=0), source))
        turns.update(hosts)
    return [source for _, source in sorted(ranked, key=lambda pair: pair[0])]


class Politeness:
    """A bucket of requests for each host, filled at an even rate, with a minute's worth at most.

    A run is let through while something is in the bucket and pays afterwards, a page for a request;
    what it has overdrawn, a minute's worth at most, is filled up before the next run of that host.
    Knows no clock; for one thread.
    """

    def __init__(self, pages_a_minute: int = PAGES_A_MINUTE) -> None:
        """Every bucket begins full."""
        self._most = timedelta(minutes=1)
        self._page = self._most / pages_a_minute
        # When each bucket will be full again: one moment a host says all about it.
        self._full_at: dict[str, datetime] = {}
        self._rests: dict[str, datetime] = {}

    def free_at(self, host: str, at: datetime) -> datetime:
        """The moment from which the next run may ask the host; `at` when it may now."""
        # Full within a minute means: at least one page is in it, or will be in less than a page's time.
        paid = self._full(host, at) - self._most + self._page
        return max(at, paid, self._rests.get(host, at))

    def spend(self, host: str, pages: int, at: datetime) -> None:
        """Pay for a run of so many pages; one that brought none has asked once."""
        asked = self._full(host, at) + max(pages, 1) * self._page
        self._full_at[host] = min(asked, at + 2 * self._most)

    def rest(self, host: str, until: datetime) -> None:
        """Leave the host alone until then, as it asked one of its sources."""
        self._rests[host] = until

    def told(self, host: str) -> str:
        """All that is known of a host, in a line for `hear`; "" when nothing is."""
        full, rest = self._full_at.get(host), self._rests.get(host)
        return " ".join(one.isoformat() if one else "-" for one in (full, rest)) * bool(
            full or rest
        )

    def hear(self, host: str, told: str) -> None:
        """Know of a host what whoever asked it last has told; "" says nothing."""
        for known, said in zip((self._full_at, self._rests), told.split(), strict=bool(told)):
            if said != "-":
                known[host] = datetime.fromisoformat(said)

    def _full(self, host: str, at: datetime) -> datetime:
        return min(max(self._full_at.get(host, at), at), at + 2 * self._most)
