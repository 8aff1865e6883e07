"""How a source is after a run: decided from how it was and what the run brought."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from listener.stages.backoff import retry_at
from listener.stages.bounds import Stop
from listener.stages.rhythm import Rhythm, Silence
from listener.store.rows import SourceState
from sources.errors import SourceError, Transient
from sources.mention import utc
from sources.protocols import Health

BLIND_AFTER = 3  # failures in a row that may still be a passing fault


def after_success(
    before: SourceState, health: Health, note: str, at: datetime, rhythm: Rhythm | None = None
) -> SourceState:
    """The run went through. `rhythm` is weighed when it brought nothing: None says that it did."""
    quiet_since = None
    if rhythm is not None and rhythm.silence is Silence.UNUSUAL:
        quiet_since = rhythm.silent_since
        health = max(health, Health.DEGRADED, key=tuple(Health).index)
        note = "; ".join(part for part in (silence_in_words(rhythm), note) if part)
    return _changed(
        before,
        health,
        note,
        at,
        last_success_at=at,
        failures=0,
        retry_at=None,
        quiet_since=quiet_since,
    )


def after_stop(
    before: SourceState, health: Health, note: str, at: datetime, stop: Stop, asked: bool
) -> SourceState:
    """We stopped the run; `asked` says whether the source had answered by then."""
    if stop.degraded:
        health = max(health, Health.DEGRADED, key=tuple(Health).index)
    elif not asked:
        health, note = before.health, before.reason
    return _changed(
        before,
        health,
        note,
        at,
        last_success_at=at if asked else before.last_success_at,
        failures=0 if asked else before.failures,
        retry_at=stop.retry_at,
        quiet_since=None if asked else before.quiet_since,
    )


def after_failure(before: SourceState, error: SourceError, at: datetime) -> SourceState:
    """The run failed: degraded while the fault may pass, blind when it stays or needs a person."""
    failures = before.failures + 1
    passing = isinstance(error, Transient) and failures < BLIND_AFTER
    return _changed(
        before,
        Health.DEGRADED if passing else Health.BLIND,
        str(error),
        at,
        last_success_at=before.last_success_at,
        failures=failures,
        retry_at=retry_at(error, before.source, failures, _last_pause(before), at),
        quiet_since=before.quiet_since,
    )


def went_back(before: SourceState, at: datetime) -> str:
    """A sentence when the clock shows an earlier time than at the last run; else empty."""
    last = before.last_attempt_at
    # The store keeps whole seconds, and setting a clock by a second or two is everyday life.
    if last is None or last - at < timedelta(seconds=5):
        return ""
    return f"the clock went back: the last run was at {utc(last)}, now it is {utc(at)}"


def silence_in_words(rhythm: Rhythm) -> str:
    """An unusual silence in one sentence."""
    assert rhythm.silent_since is not None
    return (
        f"unusually quiet since {rhythm.silent_since:%Y-%m-%d %H:%M} UTC: about"
        f" {rhythm.missing:,.0f} posts usually come in that time"
    )


def _changed(
    before: SourceState,
    health: Health,
    reason: str,
    at: datetime,
    *,
    last_success_at: datetime | None,
    failures: int,
    retry_at: datetime | None,
    quiet_since: datetime | None,
) -> SourceState:
    return replace(
        before,
        health=health,
        since=before.since if before.health == health else at,
        reason=reason,
        last_attempt_at=at,
        last_success_at=last_success_at,
        failures=failures,
        retry_at=retry_at,
        quiet_since=quiet_since,
    )


def _last_pause(before: SourceState) -> timedelta:
    if not before.failures or before.retry_at is None or before.last_attempt_at is None:
        return timedelta()
    return before.retry_at - before.last_attempt_at
