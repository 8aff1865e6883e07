"""Trouble of our own that an operator is told of: blind sources, a full disk, messages that stick."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from listener.config import Config
from listener.health import blindness, silence
from listener.stages.targets import Targets
from listener.store.address import store_path
from listener.store.alarms import DeliveryRow, NewAlarm
from listener.store.protocol import Store
from sources.protocols import Health

LEAST_FREE = 1 << 30  # bytes
STUCK_AFTER = 3  # attempts


def troubles(store: Store, config: Config, at: datetime, targets: Targets) -> Iterator[NewAlarm]:
    """What is wrong now that somebody wants to be told of, each with the key of its occasion."""
    if targets.wanted("blind"):
        yield from _blind(store, config, at, targets)
    if targets.wanted("disk"):
        yield from _disk(config, at, targets)
    if targets.wanted("outbox"):
        yield from _outbox(store, at, targets)


def _blind(store: Store, config: Config, at: datetime, targets: Targets) -> Iterator[NewAlarm]:
    """Configured sources that cannot see, or are silent for longer than they ever are."""
    configured = {settings.name for settings in config.sources}
    told = targets.of("blind", "", at)
    for state in store.health():
        if state.source not in configured:
            continue
        if state.health is Health.BLIND:
            key = f"blind:{state.source}:{state.since:%Y-%m-%dT%H:%M:%S}"
            said = blindness(state)
        elif state.quiet_since is not None:
            key = f"quiet:{state.source}:{state.quiet_since:%Y-%m-%dT%H:%M:%S}"
            said = silence(state, state.quiet_since)
        else:
            continue
        hint = f"listener sources check {state.source}"
        yield NewAlarm(key, "blind", "", (said, hint), targets=told)


def _disk(config: Config, at: datetime, targets: Targets) -> Iterator[NewAlarm]:
    """Less than a gigabyte left where the store lies; once a day while it lasts."""
    if not config.store.startswith("sqlite"):
        return
    folder = store_path(config.store).absolute().parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError:  # whatever is wrong there, writing will say so
        return
    if free < LEAST_FREE:
        said = f"{free / 1e6:,.0f} MB are left on the disk of {folder}"
        told = targets.of("disk", "", at)
        yield NewAlarm(f"disk:{at:%Y-%m-%d}", "disk", "", (said,), targets=told)


def _outbox(store: Store, at: datetime, targets: Targets) -> Iterator[NewAlarm]:
    """Targets that cannot be reached, or nobody knows whether; once a day each."""
    stuck: dict[str, list[DeliveryRow]] = defaultdict(list)
    for state in ("waiting", "failed", "in doubt"):
        for row in store.deliveries(state):
            lasting = state != "waiting" or row.attempts >= STUCK_AFTER
            if lasting and row.alarm.what != "outbox" and (at - row.alarm.at).days < 1:
                stuck[row.target].append(row)
    for target, rows in sorted(stuck.items()):
        said = f"{len(rows)} messages to {target} are {rows[0].state}: {rows[0].answer}"
        told = [one for one in targets.of("outbox", "", at) if one[0] != target]
        key = f"outbox:{target}:{at:%Y-%m-%d}"
        yield NewAlarm(key, "outbox", "", (said, "listener notify list"), targets=told)
