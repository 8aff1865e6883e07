"""A run of a source: what is committed, what is written down when it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.stages.collect import BLIND_AFTER, FIRST_PAUSE, Collection, collect
from listener.store import open_store
from listener.store.protocol import Store
from sources.errors import CredentialsRejected, RateLimited, Transient, Unreadable
from sources.mention import Mention
from sources.protocols import Batch, Check, Gap, Health

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Scripted:
    """A source that yields what it is told and then fails, or not."""

    name, kind = "forum", "forum"

    def __init__(self, pages: Sequence[Batch], error: Exception | None = None) -> None:
        self.pages, self.error = pages, error
        self.asked: list[str | None] = []

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        self.asked.append(cursor)
        yield from self.pages
        if self.error is not None:
            raise self.error

    def check(self) -> Check:
        return Check(True, "")


def page(*ids: str, cursor: str | None = None, **rest: object) -> Batch:
    mentions = [Mention("forum", id, f"text {id}", AT) for id in ids]
    return Batch(mentions, cursor=cursor, **rest)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/listener.db") as opened:
        yield opened


def run(store: Store, source: Scripted, at: datetime = AT, **rest: bool) -> Collection:
    now: Callable[[], datetime] = lambda: at  # noqa: E731
    return collect(store, source, now, **rest)


def test_pages_are_committed_with_their_cursor_and_the_next_run_goes_on(store: Store) -> None:
    source = Scripted([page("1", "2", cursor="two"), page("3", cursor="three")])
    done = run(store, source)
    assert (done.counted.new, done.counted.seen, done.health) == (3, 3, Health.HEALTHY)
    assert run(store, source).counted.new == 0
    assert source.asked == [None, "three"]
    (state,) = store.health()
    assert (state.health, state.last_success_at, state.failures) == (Health.HEALTHY, AT, 0)


def test_nothing_new_is_quiet_and_a_worse_page_decides(store: Store) -> None:
    assert run(store, Scripted([])).health is Health.QUIET
    mixed = [page("1", health=Health.DEGRADED, note="cut off"), page("2")]
    done = run(store, Scripted(mixed))
    assert (done.health, done.note) == (Health.DEGRADED, "cut off")


def test_what_came_before_a_failure_stays(store: Store) -> None:
    done = run(store, Scripted([page("1", cursor="one")], Transient("no route")))
    assert isinstance(done.error, Transient)
    assert store.cursor("forum") == "one"
    assert [row.outcome for row in store.runs()] == ["failed"]
    assert len(store.pending(10)) == 1


@pytest.mark.parametrize(
    ("error", "health"),
    [
        (Transient("no route"), Health.DEGRADED),
        (CredentialsRejected("client_secret was refused"), Health.BLIND),
        (Unreadable("HTML instead of a feed"), Health.BLIND),
        (ZeroDivisionError("a plug-in's mistake"), Health.BLIND),
    ],
)
def test_a_failure_is_seen_in_the_health(store: Store, error: Exception, health: Health) -> None:
    done = run(store, Scripted([], error))
    (state,) = store.health()
    assert state.health is done.health is health
    assert str(error) in state.reason
    assert state.retry_at == AT + FIRST_PAUSE


def test_failing_again_and_again_is_blind_since_the_change_and_waits_longer(store: Store) -> None:
    for number in range(BLIND_AFTER + 2):
        run(store, Scripted([], Transient("no route")), AT + timedelta(hours=number))
    (state,) = store.health()
    assert state.health is Health.BLIND
    assert state.since == AT + timedelta(hours=BLIND_AFTER - 1)
    assert state.retry_at is not None
    assert state.retry_at - (AT + timedelta(hours=BLIND_AFTER + 1)) > 8 * FIRST_PAUSE
    run(store, Scripted([page("1")]), AT + timedelta(days=1))
    (state,) = store.health()
    assert (state.health, state.failures, state.retry_at) == (Health.HEALTHY, 0, None)


def test_a_platform_that_names_a_moment_is_left_alone_until_then(store: Store) -> None:
    until = AT + timedelta(minutes=7)
    run(store, Scripted([], RateLimited("429", until)))
    assert store.health()[0].retry_at == until


def test_gaps_and_unreadable_items_are_written_down(store: Store) -> None:
    gap = Gap("the burst was longer than the list", AT - timedelta(hours=2), AT)
    done = run(store, Scripted([page("1", gap=gap, rejected=["line 7: not JSON"])]))
    assert done.rejected == ("line 7: not JSON",)
    assert [(row.reason, row.start) for row in store.gaps()] == [(gap.reason, gap.start)]
    assert [row.reason for row in store.rejections()] == ["line 7: not JSON"]


def test_nobody_waits_for_news_from_a_file_that_was_imported(store: Store) -> None:
    run(store, Scripted([], Unreadable("empty")), watched=False)
    assert store.health() == []
