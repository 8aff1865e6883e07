"""A run of a source: what is committed, what is written down when it fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.stages.backoff import FIRST_PAUSE, PERSONS_PAUSE
from listener.stages.bounds import UNBOUNDED, Bounds
from listener.stages.collect import Collection, collect
from listener.stages.standing import BLIND_AFTER
from listener.store import open_store
from listener.store.protocol import Store
from listener.store.rows import Collected
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
        self.given = 0
        self.closed = False

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        self.asked.append(cursor)
        try:
            for batch in self.pages:
                self.given += 1
                yield batch
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True

    def check(self) -> Check:
        return Check(True, "")


def page(*ids: str, cursor: str | None = None, **rest: object) -> Batch:
    mentions = [Mention("forum", id, f"text {id}", AT) for id in ids]
    return Batch(mentions, cursor=cursor, **rest)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/listener.db") as opened:
        yield opened


def run(
    store: Store,
    source: Scripted,
    at: datetime = AT,
    *,
    watched: bool = True,
    bounds: Bounds = UNBOUNDED,
) -> Collection:
    return collect(store, source, lambda: at, watched=watched, bounds=bounds)


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
    ("error", "health", "pause"),
    [
        (Transient("no route"), Health.DEGRADED, FIRST_PAUSE),
        (CredentialsRejected("client_secret was refused"), Health.BLIND, PERSONS_PAUSE),
        (Unreadable("HTML instead of a feed"), Health.BLIND, FIRST_PAUSE),
        (ZeroDivisionError("a plug-in's mistake"), Health.BLIND, PERSONS_PAUSE),
    ],
)
def test_a_failure_is_seen_in_the_health(
    store: Store, error: Exception, health: Health, pause: timedelta
) -> None:
    done = run(store, Scripted([], error))
    (state,) = store.health()
    assert state.health is done.health is health
    assert str(error) in state.reason
    assert state.retry_at is not None
    assert pause <= state.retry_at - AT <= 3 * pause


def test_failing_again_and_again_is_blind_since_the_change_and_waits_longer(store: Store) -> None:
    for number in range(BLIND_AFTER + 2):
        run(store, Scripted([], Transient("no route")), AT + timedelta(hours=number))
    (state,) = store.health()
    assert state.health is Health.BLIND
    assert state.since == AT + timedelta(hours=BLIND_AFTER - 1)
    assert state.failures == BLIND_AFTER + 2
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


# --- stopped between two pages -------------------------------------------------------------------


def test_a_used_up_budget_pauses_until_midnight_and_misses_nothing(store: Store) -> None:
    pages = [page(f"{n}a", f"{n}b", cursor=str(n)) for n in range(3)]
    bounds = Bounds(posts_per_day=3)
    source = Scripted(pages)
    first = run(store, source, bounds=bounds)
    assert (first.stopped, first.counted.new, first.pages, source.given) == (True, 4, 2, 2)
    assert source.closed
    assert "budget of 3 posts a day is used up" in first.note
    (state,) = store.health()
    assert (state.health, state.failures) == (Health.DEGRADED, 0)
    assert state.retry_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert (store.runs()[0].outcome, store.runs()[0].note) == ("stopped", first.note)
    assert (store.gaps(), store.cursor("forum")) == ([], "1")

    again = Scripted(pages[2:])
    assert run(store, again, AT + timedelta(hours=1), bounds=bounds).pages == 0
    assert again.asked == []
    next_day = run(store, again, AT + timedelta(days=1), bounds=bounds)
    assert (next_day.stopped, next_day.counted.new, again.asked) == (False, 2, ["1"])


def test_what_is_known_already_costs_no_budget(store: Store) -> None:
    bounds = Bounds(posts_per_day=3)
    run(store, Scripted([page("1", "2")]), bounds=bounds)
    done = run(store, Scripted([page("1", "2"), page("1", "2", "3")]), bounds=bounds)
    assert (done.counted.new, done.pages) == (1, 2)


def test_a_run_over_its_deadline_is_stopped_and_goes_on_at_once(store: Store) -> None:
    ticks = iter(AT + timedelta(minutes=2 * n) for n in range(100))
    source = Scripted([page(str(n), cursor=str(n)) for n in range(50)])
    bounds = Bounds(deadline=timedelta(minutes=10))
    done = collect(store, source, lambda: next(ticks), bounds=bounds)
    assert done.stopped
    assert 0 < done.pages == done.counted.new < 50
    assert "after 10m" in done.note
    (state,) = store.health()
    assert state.health is Health.DEGRADED
    assert state.retry_at is not None
    assert state.last_attempt_at is not None
    assert state.retry_at <= state.last_attempt_at
    assert store.cursor("forum") == str(done.pages - 1)


def test_a_program_that_ends_finishes_the_page_and_leaves_the_health_alone(store: Store) -> None:
    source = Scripted([page("1", cursor="1"), page("2", cursor="2")])
    ending = iter([False, True])
    done = run(store, source, bounds=Bounds(ending=lambda: next(ending)))
    assert (done.stopped, done.counted.new, store.cursor("forum")) == (True, 1, "1")
    assert store.health()[0].health is Health.HEALTHY
    assert store.runs()[0].outcome == "stopped"


# --- the source's own rhythm ---------------------------------------------------------------------


def hourly(store: Store, hours: range, silent_from: int) -> Collection:
    done = None
    for hour in hours:
        at = AT + timedelta(hours=hour)
        mentions = [Mention("forum", f"{hour}.{n}", "words", at) for n in range(3)]
        news = Batch(mentions if hour < silent_from else ())
        done = run(store, Scripted([news]), at)
    assert done is not None
    return done


def test_a_silence_that_is_unlike_the_source_is_not_called_quiet(store: Store) -> None:
    ten_days = 240
    assert hourly(store, range(ten_days), ten_days).health is Health.HEALTHY
    assert hourly(store, range(ten_days, ten_days + 2), ten_days).health is Health.QUIET
    done = hourly(store, range(ten_days + 2, ten_days + 10), ten_days)
    assert done.health is Health.DEGRADED
    assert "unusually quiet since 2026-11-30 11:00 UTC" in done.note
    assert store.runs()[0].note == done.note
    (state,) = store.health()
    assert state.quiet_since == AT + timedelta(hours=ten_days - 1)

    # Weeks later it is still the time before the silence that counts.
    later = AT + timedelta(hours=ten_days, days=60)
    assert run(store, Scripted([]), later).health is Health.DEGRADED
    assert run(store, Scripted([page("back")]), later).health is Health.HEALTHY
    assert store.health()[0].quiet_since is None


def test_a_known_post_that_is_fresh_is_a_sign_of_life(store: Store) -> None:
    ten_days = 240
    hourly(store, range(ten_days), ten_days)
    for hour in range(ten_days, ten_days + 24):
        at = AT + timedelta(hours=hour)
        other = store.open_run("other route", at)
        same = Mention("forum", f"{hour}", "by another route", at)
        store.collect(Collected(other, "other route", [same], at))
        assert run(store, Scripted([Batch([same])]), at).health is Health.HEALTHY


def test_a_clock_that_went_back_is_written_down(store: Store) -> None:
    run(store, Scripted([page("1")]))
    done = run(store, Scripted([page("2")]), AT - timedelta(days=2))
    assert "the clock went back" in done.note
    assert "2026-11-20T12:00:00Z" in done.note
