"""What one worker does: the stages of the daemon as jobs that can be done anywhere, and twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from time import monotonic

import structlog

from listener.app import App
from listener.fleet.elsewhere import ReadElsewhere
from listener.fleet.spelling import Stamps, spelled
from listener.fleet.writers import Writer, writers
from listener.stages.apart import Apart
from listener.stages.brand import Hearing, rooms
from listener.stages.cycle import Listening
from listener.stages.judging_learnt import JudgingLearnt
from listener.stages.triage import Triage
from listener.store.postgres.fleet import database_of
from listener.store.postgres.leases import Lease, Leases
from listener.store.postgres.readings import Reading, Readings
from listener.store.rows import Pending
from sources.closing import Closing

log = structlog.get_logger(__name__)

SHARE = 500  # mentions a job judges
MOST_JUDGING = 32  # jobs that may wait at a time
AT_IT = 20.0  # seconds a writer writes before the worker looks whether there is something else
Wish = Callable[[str, str], object]


class Shift(Closing):
    """The stages of one worker over one store, in one thread.

    A job is a wish that somebody look, never an order: what is to be done the store says. So a job
    that comes twice finds nothing left to do, and one that is lost is wished for again by `look`.
    """

    def __init__(self, app: App, wish: Wish, stop: Callable[[], bool]) -> None:
        """`wish(kind, name)` asks for a job unless one waits already; `stop` says that we are to end."""
        self._app = app
        self._wish = wish
        self._stop = stop
        db = database_of(app.store)
        self.leases = Leases(db)
        self.readings = Readings(db)
        self.worker = 0  # the number under which the others know us
        self._listening = Listening(app.store, app.config, app.plugins, app.now, Apart(app.now))
        self._rooms = rooms(app.config.brands)
        self._contexts = {name: room.context for name, room in self._rooms.items()}
        self._hearing = Hearing(self._rooms, app.config.sources)
        self._reading = JudgingLearnt(app.store, self._contexts, helpers=0)
        self._writers = {one.name: one for one in writers(app.config)}
        self._triages: dict[str, Triage] = {}

    def close(self) -> None:
        """End what helps."""
        self._listening.close()
        self._reading.close()
        for triage in self._triages.values():
            triage.close()

    # the jobs

    def look(self, name: str = "") -> int:
        """Wish for all that is to be done now; returns how many wishes that were."""
        wishes = self._to_do()
        for kind, of in wishes:
            self._wish(kind, of)
        return len(wishes)

    def left(self, kinds: Collection[str] = ()) -> int:
        """How much there is to do of these kinds, or of all, by us or by others who are at it."""
        return sum(not kinds or kind in kinds for kind, _ in self._to_do())

    def _to_do(self) -> list[tuple[str, str]]:
        wishes = [("collect", source.name) for source in self._listening.roster.due()]
        wishes += [("judge", str(n)) for n in range(self._judgings())]
        wishes += [("group", one.name) for one in self._writers.values() if self._ready(one)]
        return wishes

    def collect(self, name: str) -> None:
        """Run one source if it is due, under its lease and those of the hosts it asks."""
        roster = self._listening.roster
        settings = next((one for one in roster.due() if one.name == name), None)
        if settings is None:
            return
        hosts = settings.hosts_asked()
        with ExitStack() as stack:
            held = [stack.enter_context(self._turn(f"host:{host}")) for host in hosts]
            source = stack.enter_context(self._turn(f"source:{name}"))
            if source is None or None in held:
                return
            for host, lease in zip(hosts, held, strict=True):
                roster.politeness.hear(host, lease.kept if lease else "")
            gathered = self._listening.gather(
                (name,), stop=self._stop, after_batch=self._ask_for_judging
            )
            for one in gathered.collections:
                log.info("collected", source=name, new=one.counted.new, health=str(one.health))

    def judge(self, name: str = "") -> int:
        """Judge some mentions that nobody judges; returns how many. Needs no turn: claims exclude."""
        self._reading.refresh()
        with self.readings.claim(SHARE) as claim:
            found = list(self._read(claim.waiting))
            if found:
                claim.keep(found)
        if not claim.waiting:
            return 0
        for writer in self._writers.values():
            if self._ready(writer):
                self._wish("group", writer.name)
        if len(claim.waiting) == SHARE:
            self._wish("judge", name)
        return len(claim.waiting)

    def group(self, name: str) -> int:
        """Group and queue what was read of one writer's line, in its order; returns how many mentions."""
        writer = self._writers.get(name)
        if writer is None:
            return 0
        with self._turn(f"group:{name}") as lease:
            if lease is None:
                return 0
            until = monotonic() + AT_IT
            done = self._triage(writer).drain(stop=lambda: self._stop() or monotonic() > until)
        if done and self._ready(writer):
            self._wish("group", name)
        return done

    def upkeep(self, name: str = "") -> None:
        """What time alone asks for: forgetting, priorities, alarms."""
        with self._turn("upkeep") as lease:
            if lease is not None:
                self._listening.upkeep(self._stop)
                self._wish("send", "")

    def send(self, name: str = "") -> int:
        """Send what waits in the outbox; every message is taken by one worker, once."""
        return self._listening.deliver()

    # their parts

    @contextmanager
    def _turn(self, name: str) -> Iterator[Lease | None]:
        """A lease, under which all that is written is written; None when somebody else has it."""
        lease = self.leases.take(name, self.worker)
        if lease is None:
            yield None
            return
        try:
            with self.leases.held(lease):
                yield lease
        finally:
            kind, _, of = name.partition(":")
            told = self._listening.roster.politeness.told(of) if kind == "host" else ""
            self.leases.give_back(lease, told)

    def _judgings(self) -> int:
        return -(-self.readings.unread(MOST_JUDGING * SHARE) // SHARE)

    def _ask_for_judging(self) -> None:
        for n in range(self._judgings()):
            self._wish("judge", str(n))

    def _ready(self, writer: Writer) -> bool:
        return self.readings.ready(writer.share)

    def _triage(self, writer: Writer) -> Triage:
        if writer.name not in self._triages:
            app = self._app
            reads = ReadElsewhere(app.store, self._contexts, self.readings, writer)
            self._triages[writer.name] = Triage(
                app.store, app.config, app.now, reads=reads, line=reads.line
            )
        return self._triages[writer.name]

    def _read(self, waiting: Sequence[Pending]) -> Iterator[Reading]:
        """The readings of mentions for every brand that is named in them.

        Who goes on talking without naming the brand is known to the ordered writer alone.
        """
        by_brand: dict[str, list[Pending]] = defaultdict(list)
        for one in waiting:
            brands = [name for name in self._brands(one) if name in self._contexts]
            for brand in brands:
                by_brand[brand].append(one)
            if not brands:
                yield Reading(one.id, "")
        stamps = Stamps(self._contexts, self._reading.versions())
        for brand, rows in by_brand.items():
            texts = [one.mention.full_text for one in rows]
            for one, text, (verdict, vector) in zip(
                rows, texts, self._reading.read(brand, texts), strict=True
            ):
                stamp = stamps.of(brand, text)
                yield Reading(one.id, brand, stamp, spelled(verdict), vector)

    def _brands(self, one: Pending) -> list[str]:
        if one.brand in self._rooms:
            return [one.brand]
        return [brand for brand, _ in self._hearing.brands(one.mention, one.source)]
