"""Which sources a cycle runs, in what order, and which it leaves for the next one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.errors import UsageError
from listener.stages.collect import Collection
from listener.stages.politeness import PAGES_A_MINUTE
from listener.stages.roster import Roster
from listener.store import open_store
from listener.store.protocol import Store
from listener.store.rows import Counted, SourceState
from sources.errors import RateLimited
from sources.mastodon.settings import MastodonSettings
from sources.protocols import Health
from sources.rss.settings import RssSettings
from sources.settings import SourceSettings
from sources.testing.clock import Clock

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(AT)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/listener.db") as opened:
        yield opened


def feeds(*urls: str) -> list[SourceSettings]:
    return [RssSettings(name=f"feed{n}", url=url) for n, url in enumerate(urls)]


def ran(roster: Roster, settings: SourceSettings, error: RateLimited | None = None) -> None:
    roster.ran(settings, Collection(settings.name, Counted(), Health.QUIET, "", (), error, 1))


def cycle(roster: Roster, names: tuple[str, ...] | None = ()) -> list[str]:
    """Run what may run; returns the names."""
    done = []
    for settings in roster.of(names):
        if roster.left_alone(settings) is None:
            ran(roster, settings)
            done.append(settings.name)
    return done


def test_all_run_once_and_who_waited_longest_comes_first(store: Store, clock: Clock) -> None:
    roster = Roster(
        store, feeds("https://a.example", "https://b.example", "https://c.example"), clock
    )
    for name, minutes in (("feed0", 1), ("feed1", 9)):
        last = AT - timedelta(minutes=minutes)
        store.set_health(SourceState(name, Health.QUIET, last, "", last, last))
    assert cycle(roster) == ["feed2", "feed1", "feed0"]


def test_what_one_host_cannot_bear_is_left_for_the_next_cycles(store: Store, clock: Clock) -> None:
    many = feeds(*["https://busy.example/feed"] * (2 * PAGES_A_MINUTE), "https://calm.example/feed")
    roster = Roster(store, many, clock)
    first = cycle(roster)
    assert len(first) == PAGES_A_MINUTE + 1
    assert many[-1].name in first
    assert cycle(roster, None) == []
    seen = set(first)
    for _ in range(2):
        clock.moment += timedelta(minutes=1)
        due = cycle(roster, None)
        assert not seen & set(due)
        seen |= set(due)
    assert seen == {one.name for one in many}


def test_a_host_that_asked_one_source_for_patience_is_left_alone_by_all(
    store: Store, clock: Clock
) -> None:
    first, second, other = feeds("https://a.example/1", "https://a.example/2", "https://b.example")
    roster = Roster(store, [first, second, other], clock)
    until = AT + timedelta(minutes=20)
    ran(roster, first, RateLimited("429", until))
    assert roster.left_alone(second) == until
    assert roster.left_alone(other) is None
    clock.moment = until
    assert [one.name for one in roster.of(None)] == [second.name]


def test_hosts_count_whatever_platform_the_sources_are_of(store: Store, clock: Clock) -> None:
    def mastodon(name: str, *instances: str) -> MastodonSettings:
        return MastodonSettings(name=name, instances=instances, hashtags=("acme",))

    mixed: list[SourceSettings] = [
        RssSettings(name="feed", url="https://a.example/@acme.rss"),
        mastodon("one", "a.example"),
        mastodon("both", "a.example", "b.example"),
        mastodon("other", "b.example"),
    ]
    roster = Roster(store, mixed, clock)
    roster.asked(mixed[0], PAGES_A_MINUTE)
    assert [roster.left_alone(one) is None for one in mixed] == [False, False, False, True]
    until = AT + timedelta(minutes=20)
    ran(roster, mixed[2], RateLimited("one of the two, who knows which", until))
    assert roster.left_alone(mixed[3]) is None
    clock.moment += timedelta(minutes=2)
    ran(roster, mixed[3], RateLimited("b.example wants patience", until))
    assert [roster.left_alone(one) for one in mixed] == [None, None, until, until]


def test_a_failed_source_is_tried_again_when_its_pause_is_over(store: Store, clock: Clock) -> None:
    roster = Roster(store, feeds("https://a.example", "https://b.example"), clock)
    retry = AT + timedelta(minutes=2)
    store.set_health(SourceState("feed0", Health.DEGRADED, AT, "", AT, None, 1, retry))
    assert roster.of(None) == []
    assert cycle(roster) == ["feed1"]
    clock.moment = retry
    assert cycle(roster, None) == ["feed0"]


def test_a_pause_from_the_future_is_not_waited_for(store: Store, clock: Clock) -> None:
    roster = Roster(store, feeds("https://a.example"), clock)
    wrong = AT + timedelta(days=4_000)
    retry = wrong + timedelta(hours=1)
    store.set_health(SourceState("feed0", Health.DEGRADED, wrong, "", wrong, None, 1, retry))
    assert cycle(roster) == ["feed0"]


def test_an_unknown_name_is_refused(store: Store, clock: Clock) -> None:
    with pytest.raises(UsageError, match="feed0"):
        Roster(store, feeds("https://a.example"), clock).of(["feed"])
