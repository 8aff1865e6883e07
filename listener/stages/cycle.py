"""One whole cycle: collect from every source that is due, triage all of it, renew priorities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from listener.config import Config
from listener.plugins import Plugins, Services
from listener.process import give_back
from listener.stage_times import StageTimes
from listener.stages.apart import Apart
from listener.stages.bounds import RUN_DEADLINE, Bounds
from listener.stages.collect import Collection, collect
from listener.stages.forget import forget
from listener.stages.lookahead import ReadAhead
from listener.stages.nightly import Nightly
from listener.stages.notify import Notify
from listener.stages.prioritise import prioritise
from listener.stages.progress import Progress, silent
from listener.stages.roster import Roster
from listener.stages.send import send
from listener.stages.subscribing import Subscribing
from listener.stages.triage import Triage
from listener.stages.verify import Verified, Verify
from listener.stages.watch import Watch
from listener.store.protocol import Store
from listener.tiers import spaces
from sources.closing import Closing
from sources.protocols import Source
from sources.settings import SourceSettings
from triage.judge import forget_models


@dataclass(frozen=True, slots=True)
class Cycle:
    """What one cycle did. `waiting` are sources left alone, and until when.

    They had asked for patience, are used up for today, or others of their host were asked just now.
    `verified` is what came of looking stored posts up again, for sources where any were due.
    `alarms` counts what was noticed for the first time: spikes, issues that are back, and the like.
    """

    collections: tuple[Collection, ...]
    waiting: tuple[tuple[str, datetime], ...]
    triaged: int
    priced: int
    verified: tuple[Verified, ...] = ()
    alarms: int = 0

    @property
    def failed(self) -> tuple[Collection, ...]:
        """The sources that did not go through."""
        return tuple(one for one in self.collections if one.error is not None)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came of asking sources, before anything is judged."""

    collections: tuple[Collection, ...]
    waiting: tuple[tuple[str, datetime], ...]
    verified: tuple[Verified, ...]


class Listening(Closing):
    """The stages of one process over one store, in one thread; cron and the daemon use the same."""

    def __init__(
        self,
        store: Store,
        config: Config,
        plugins: Plugins,
        now: Callable[[], datetime],
        apart: Apart | None = None,
        times: StageTimes | None = None,
    ) -> None:
        """With `apart`, sources that could be kept waiting are asked there; it is closed with us.

        `times` is told how long every stage took.
        """
        self._times = times or StageTimes()
        self._store = store
        self._config = config
        self._plugins = plugins
        self._now = now
        self._triaging: Triage | None = None
        self._roster = Roster(store, config.sources, now)
        self._verify = Verify(store, config.retention.verify, now)
        self._apart = apart
        self._subscribing = Subscribing(config, now)
        self._watch = Watch(store, config, now)
        self._notify = Notify(store, config, now)
        self._nightly = Nightly(store, spaces(config.brands), now)

    def close(self) -> None:
        """End what helps."""
        if self._apart is not None:
            self._apart.close()
        if self._triaging is not None:
            self._triaging.close()
        self._subscribing.close()
        self._notify.close()

    def cycle(
        self,
        names: Sequence[str] | None = (),
        *,
        force: bool = False,
        again: bool = False,
        progress: Progress = silent,
        stop: Callable[[], bool] = lambda: False,
    ) -> Cycle:
        """Run these sources unless they are to be left alone, then triage and renew priorities.

        An empty sequence means all sources, None those whose time to be left alone is over. `force`
        runs them in any case. Sources that fail do not stop the others. `stop` ends the cycle at the
        next page. `again` also judges anew what an earlier version has judged. Raises UsageError for
        an unknown name and the errors of the store.
        """
        gathered = self.gather(names, force=force, progress=progress, stop=stop)
        if again:
            self._store.judge_again(self._triage.version, self._triage.versions())
        waits = bool(self._store.pending(1))
        with self._times.of("triage"):
            triaged = self._triage.drain(progress, stop) if waits else 0
        self._subscribing.tend(stop)
        with self._times.of("forget"):
            forget(self._store, self._config, self._now(), stop)
        done = self._finish(gathered.collections, triaged)
        return replace(done, waiting=gathered.waiting, verified=gathered.verified)

    def gather(
        self,
        names: Sequence[str] | None = (),
        *,
        force: bool = False,
        progress: Progress = silent,
        stop: Callable[[], bool] = lambda: False,
        after_batch: Callable[[], object] | None = None,
    ) -> Gathered:
        """The first part of a cycle: run these sources, as `cycle` says, and look posts up again."""
        waiting: dict[str, datetime] = {}
        collections: list[Collection] = []
        verified: list[Verified] = []
        for settings in self._roster.of(names):
            if stop():
                break
            until = None if force else self._roster.left_alone(settings)
            if until is not None:
                waiting[settings.name] = until
                continue
            source = self._built(settings, stop)
            if stop():
                break
            bounds = Bounds(settings.budget.posts_per_day, RUN_DEADLINE, stop)
            self._subscribing.expect(settings, source)
            with self._times.of("collect"):
                done = collect(
                    self._store,
                    source,
                    self._now,
                    progress=progress,
                    after_batch=after_batch,
                    bounds=bounds,
                )
            if done.error is not None:
                self._times.failed("collect")
            self._subscribing.notice(settings, source)
            self._roster.ran(settings, done)
            collections.append(done)
            if done.error is None and not stop():
                verified.extend(self._look_up(settings, source, stop))
        return Gathered(tuple(collections), tuple(waiting.items()), tuple(verified))

    @property
    def roster(self) -> Roster:
        """Which sources are due, and what was asked of their hosts."""
        return self._roster

    def upkeep(self, stop: Callable[[], bool] = lambda: False) -> int:
        """What time alone asks for: subscriptions, forgetting, priorities, alarms; how many of these."""
        self._subscribing.tend(stop)
        forget(self._store, self._config, self._now(), stop)
        prioritise(self._store, self._config, self._now())
        alarms = self._watch.look()
        self._nightly.tend()
        return len(alarms)

    def deliver(self) -> int:
        """Send what waits, to the end, and write what became of it; returns how many were sent."""
        sent = self._notify.tend()
        return sent + self._notify.close() + send(self._store)

    def rest(self) -> None:
        """Let go of models and of what grouping remembers, when nothing has come for a while.

        Next time they are read again, which takes a second or two; what comes of it is the same.
        """
        if self._triaging is not None:
            self._triaging.close()
            self._triaging = None
        self._store.rest()
        forget_models()
        give_back()

    def take_in(
        self, sources: Sequence[Source], brand: str, *, progress: Progress = silent
    ) -> Cycle:
        """Collect from sources that are asked only once, for one brand, and triage page by page.

        What an earlier run left is triaged first, so that a killed import ends like one that ran
        through: every page is judged before the next is taken in.
        """
        triaged = self._triage.drain()

        def drain() -> None:
            nonlocal triaged
            triaged += self._triage.drain()

        collections = [
            collect(
                self._store,
                ReadAhead(source, lambda texts: self._triage.expect(brand, texts)),
                self._now,
                brand=brand,
                progress=progress,
                after_batch=drain,
                watched=False,
            )
            for source in sources
        ]
        return self._finish(collections, triaged)

    @property
    def _triage(self) -> Triage:
        """Made when a post waits, and again after a rest: it takes 40 MB before it has read one."""
        if self._triaging is None:
            self._triaging = Triage(self._store, self._config, self._now)
        return self._triaging

    def _built(self, settings: SourceSettings, stop: Callable[[], bool]) -> Source:
        if self._apart is None or self._plugins.source_types()[settings.type].bounded:
            return self._plugins.build(settings, Services(now=self._now))
        return self._apart.source(settings, stop)

    def _look_up(
        self, settings: SourceSettings, source: Source, stop: Callable[[], bool]
    ) -> list[Verified]:
        """Look up again what is due of a source that is well."""
        with self._times.of("verify"):
            looked = self._verify.look(source, settings.budget.posts_per_day, stop)
        if looked is None:
            return []
        self._roster.asked(settings, looked.requests, looked.error)
        return [looked]

    def _finish(self, collections: Sequence[Collection], triaged: int) -> Cycle:
        with self._times.of("prioritise"):
            priced = prioritise(self._store, self._config, self._now())
        with self._times.of("watch"):
            alarms = self._watch.look()
        self._nightly.tend()
        with self._times.of("notify"):
            self._notify.tend()
            send(self._store)
        return Cycle(tuple(collections), (), triaged, priced, alarms=len(alarms))
