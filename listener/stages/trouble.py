"""Trouble of our own that an operator is told of, once when it begins and once when it is over.

Blind sources, a full disk, messages that stick, a queue beyond what was promised. What is told is in
the store: run twice, killed anywhere or run by turns from cron and a daemon, each begins and ends once.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from listener.ages import span
from listener.config import Config
from listener.health import blindness, silence
from listener.stages.targets import Targets
from listener.store.address import store_path
from listener.store.alarms import OVER, AlarmRow, DeliveryRow, NewAlarm
from listener.store.protocol import Store
from listener.unasked import unasked
from sources.protocols import Health

LEAST_FREE = 1 << 30  # bytes
ENOUGH_FREE = LEAST_FREE + LEAST_FREE // 4
STUCK_AFTER = 3  # attempts
STUCK_FOR = timedelta(days=1)
MANY_LATE, FEW_LATE = 10, 5  # cases: it begins with the first number, and ends below the second
LATE_FOR = timedelta(days=30)  # what waits for longer has been given up
REMEMBERED = timedelta(minutes=10)  # what another process has told is known after that
MOST_LASTING = 200


class _Wrong(NamedTuple):
    """Something is wrong now. `key` names the occasion; trouble of the same `place` is the same."""

    place: str
    key: str
    said: tuple[str, ...]


class Troubles:
    """Looks for trouble for one process; asks the store for what it told before as seldom as it can."""

    def __init__(self, store: Store, config: Config, targets: Targets) -> None:
        """Nothing is looked at yet."""
        self._store = store
        self._config = config
        self._targets = targets
        self._lasting: dict[str, dict[str, AlarmRow]] = {}
        self._asked: dict[str, datetime] = {}
        self._kinds: Mapping[str, Callable[[datetime, Mapping[str, AlarmRow]], Found]] = {
            "blind": self._blind,
            "disk": self._disk,
            "outbox": self._outbox,
            "queue": self._queue,
        }

    def look(self, at: datetime) -> Iterator[NewAlarm]:
        """What begins and what is over, of the kinds that somebody wants to be told of."""
        for what, find in self._kinds.items():
            if self._targets.wanted(what):
                told = list(self._changes(what, at, find))
                if told:  # the store decides which of it is new
                    self._asked.pop(what, None)
                yield from told

    def _changes(
        self, what: str, at: datetime, find: Callable[[datetime, Mapping[str, AlarmRow]], Found]
    ) -> Iterator[NewAlarm]:
        lasting = self._told(what, at)
        wrong, over = find(at, {_place(key): row for key, row in lasting.items()})
        for one in wrong:
            if one.key not in lasting:
                yield self._alarm(what, one.place, one.key, one.said, at)
        for key, row in lasting.items():
            ended = over.get(_place(key))
            if ended is not None and key not in {one.key for one in wrong}:
                length = at - row.at
                after = "less than a minute" if length < timedelta(minutes=1) else span(length)
                said = (f"{ended}, after {after}",)
                yield self._alarm(what, _place(key), f"{OVER}{key}", said, at)

    def _told(self, what: str, at: datetime) -> dict[str, AlarmRow]:
        """What was told to begin and not to be over, by key."""
        asked = self._asked.get(what)
        if asked is None or not timedelta() <= at - asked < REMEMBERED:
            rows = self._store.alarms(what, limit=MOST_LASTING)
            ended = {row.key.removeprefix(OVER) for row in rows if row.over}
            self._lasting[what] = {
                row.key: row for row in rows if not row.over and row.key not in ended
            }
            self._asked[what] = at
        return self._lasting[what]

    def _alarm(
        self, what: str, place: str, key: str, said: tuple[str, ...], at: datetime
    ) -> NewAlarm:
        told = self._targets.of(what, "", at)
        if what == "outbox":  # whoever cannot be reached is not told of it
            told = [one for one in told if one[0] != place.removeprefix("outbox:")]
        return NewAlarm(key, what, "", said, targets=told)

    def _blind(self, at: datetime, lasting: Mapping[str, AlarmRow]) -> Found:
        """Configured sources that cannot see, are silent for longer than ever, or not asked."""
        configured = {settings.name for settings in self._config.sources}
        wrong: list[_Wrong] = []
        over = {
            place: f"{_named(place)} is no longer configured"
            for place in lasting
            if _named(place) not in configured
        }
        for state in self._store.health():
            if state.source not in configured:
                continue
            hint = f"listener sources check {state.source}"
            blind, quiet = f"blind:{state.source}", f"quiet:{state.source}"
            if state.health is Health.BLIND:
                key = f"{blind}:{state.since:%Y-%m-%dT%H:%M:%S}"
                wrong.append(_Wrong(blind, key, (blindness(state), hint)))
                over[blind] = f"{state.source} could see in between"  # an occasion before this one
            else:
                over[blind] = f"{state.source} sees again"
                over[quiet] = f"{state.source} brings posts again"
            over[f"unasked:{state.source}"] = f"{state.source} is asked again"
            if state.health is not Health.BLIND and state.quiet_since is not None:
                key = f"{quiet}:{state.quiet_since:%Y-%m-%dT%H:%M:%S}"
                wrong.append(_Wrong(quiet, key, (silence(state, state.quiet_since), hint)))
        for one in unasked(self._store, configured, at):
            place = f"unasked:{one.source}"
            del over[place]
            wrong.append(_Wrong(place, f"{place}:{one.since:%Y-%m-%dT%H:%M:%S}", (one.said,)))
        return wrong, over

    def _disk(self, at: datetime, lasting: Mapping[str, AlarmRow]) -> Found:
        """Less than a gigabyte left where the store lies."""
        if not self._config.store.startswith("sqlite"):
            return [], {}
        folder = store_path(self._config.store).absolute().parent
        try:
            free = shutil.disk_usage(folder).free
        except OSError:  # whatever is wrong there, writing will say so
            return [], {}
        said = f"{free / 1e6:,.0f} MB are left on the disk of {folder}"
        if free >= ENOUGH_FREE:
            return [], {"disk": said}
        if free >= LEAST_FREE or "disk" in lasting:
            return [], {}
        hint = "make room: with a full disk nothing more is taken in"
        return [_Wrong("disk", _occasion("disk", at), (said, hint))], {}

    def _outbox(self, at: datetime, lasting: Mapping[str, AlarmRow]) -> Found:
        """Targets that cannot be reached, or nobody knows whether."""
        stuck: dict[str, list[DeliveryRow]] = defaultdict(list)
        for state in ("waiting", "failed", "in doubt"):
            for row in self._store.deliveries(state):
                stays = state != "waiting" or row.attempts >= STUCK_AFTER
                if stays and row.alarm.what != "outbox" and at - row.alarm.at < STUCK_FOR:
                    stuck[f"outbox:{row.target}"].append(row)
        wrong = []
        for place, rows in sorted(stuck.items()):
            count = f"{len(rows)} message{'s are' if len(rows) > 1 else ' is'}"
            said = f"{count} not delivered to {rows[0].target}: {rows[0].state}, {rows[0].answer}"
            if place not in lasting:
                wrong.append(_Wrong(place, _occasion(place, at), (said, "listener notify list")))
        over = {
            place: f"nothing more sticks on its way to {_named(place)}"
            for place in lasting
            if place not in stuck
        }
        return wrong, over

    def _queue(self, at: datetime, lasting: Mapping[str, AlarmRow]) -> Found:
        """Many cases wait for longer than was promised."""
        late = len(self._store.overdue(at - LATE_FOR, at))
        said = f"{late:,} cases wait for longer than was promised"
        if late < FEW_LATE:
            return [], {"queue": said.replace("1 cases wait", "1 case waits")}
        if late < MANY_LATE or "queue" in lasting:
            return [], {}
        return [_Wrong("queue", _occasion("queue", at), (said, "listener queue list"))], {}


# What is wrong now, and by place what can be said of trouble that is over.
Found = tuple[list[_Wrong], dict[str, str]]


def _occasion(place: str, at: datetime) -> str:
    return f"{place}:{at:%Y-%m-%dT%H:%M:%S}"


def _place(key: str) -> str:
    """The place in a key: all but the moment behind it, which holds two colons."""
    return key.rsplit(":", 3)[0]


def _named(place: str) -> str:
    return place.partition(":")[2]
