"""Which sources are run in a cycle, in what order, and which are left alone for now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from listener.config.mistakes import unknown_source
from listener.stages.collect import Collection
from listener.stages.politeness import Politeness, taking_turns
from listener.store.protocol import Store
from listener.store.rows import SourceState
from sources.errors import RateLimited, SourceError
from sources.settings import SourceSettings

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Roster:
    """The sources of one process and what is known of their hosts; one thread uses it."""

    def __init__(
        self, store: Store, sources: Sequence[SourceSettings], now: Callable[[], datetime]
    ) -> None:
        """Nothing has been asked yet."""
        self._store = store
        self._sources = {settings.name: settings for settings in sources}
        self._now = now
        self._politeness = Politeness()
        self._deferred: dict[str, datetime] = {}
        self._states: dict[str, SourceState] = {}

    def of(self, names: Sequence[str] | None) -> list[SourceSettings]:
        """The sources of the next cycle, in its order.

        An empty sequence means all; None those that were left alone and are due now: for another
        try, for the rest of a run that was stopped, or because their host is free again. Who has
        waited longest comes first, and sources of one host take turns with others. Raises
        UsageError for an unknown name.
        """
        for name in names or ():
            if name not in self._sources:
                raise unknown_source(name, self._sources)
        # The daemon names one at a time, and there may be thousands.
        states = [one for name in names or ("",) for one in self._store.health(name)]
        self._states = {state.source: state for state in states}
        if names:
            return [self._sources[name] for name in names]
        chosen = [one for one in self._sources.values() if names is not None or self._overdue(one)]
        return taking_turns(sorted(chosen, key=self._last_attempt))

    def left_alone(self, settings: SourceSettings) -> datetime | None:
        """Until when this source is not to be run; None when it may run now."""
        now = self._now()
        state = self._states.get(settings.name)
        if state is not None and (until := _patience(state, now)) is not None and until > now:
            return until
        hosts = settings.hosts_asked()
        free_at = max((self._politeness.free_at(host, now) for host in hosts), default=now)
        if free_at > now:
            self._deferred[settings.name] = free_at
            return free_at
        return None

    @property
    def politeness(self) -> Politeness:
        """What has been asked of the hosts; for who shares them with other processes."""
        return self._politeness

    def due(self) -> list[SourceSettings]:
        """The sources whose next run is due by their rhythm, or by the patience they asked for."""
        now = self._now()
        states = {state.source: state for state in self._store.health()}
        return [one for one in self._sources.values() if _due(one, states.get(one.name), now)]

    def ran(self, settings: SourceSettings, done: Collection) -> None:
        """Remember what a run has cost its hosts, and what the host asked for."""
        self._deferred.pop(settings.name, None)
        self.asked(settings, done.pages, done.error)

    def asked(
        self, settings: SourceSettings, requests: int, error: SourceError | None = None
    ) -> None:
        """Remember what was asked of a source's hosts, and the patience one of them wants."""
        hosts = settings.hosts_asked()
        for host in hosts:
            # Who asks several asks them in turn.
            self._politeness.spend(host, -(-requests // len(hosts)), self._now())
        if isinstance(error, RateLimited) and error.until is not None and len(hosts) == 1:
            self._politeness.rest(hosts[0], error.until)

    def _overdue(self, settings: SourceSettings) -> bool:
        now = self._now()
        state = self._states.get(settings.name)
        until = self._deferred.get(settings.name)
        if until is None and state is not None:
            until = _patience(state, now)
        return until is not None and until <= now

    def _last_attempt(self, settings: SourceSettings) -> datetime:
        state = self._states.get(settings.name)
        return (state.last_attempt_at if state else None) or _LONG_AGO


def _due(settings: SourceSettings, state: SourceState | None, now: datetime) -> bool:
    if state is None or state.last_attempt_at is None or state.last_attempt_at > now:
        return True  # a last attempt in the future was written by a clock that went wrong
    return (_patience(state, now) or state.last_attempt_at + settings.every) <= now


def _patience(state: SourceState, now: datetime) -> datetime | None:
    """The earliest next try; now when the clock has gone back since it was written."""
    if state.retry_at is None:
        return None
    skewed = state.last_attempt_at is not None and state.last_attempt_at > now
    return min(state.retry_at, now) if skewed else state.retry_at
