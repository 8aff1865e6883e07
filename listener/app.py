"""Puts the parts together for one process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from listener.config import Config, load
from listener.config.secrets import secret_values
from listener.desk import Desk
from listener.logs import hide
from listener.plugins import Plugins, load_plugins
from listener.store import open_store, store_secrets
from listener.store.protocol import Store

# The standard library's, so that without any set-up a warning still goes to stderr.
log = logging.getLogger(__name__)


def system_clock() -> datetime:
    """The time now, aware, in UTC: the one place where the program asks."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """The parts of one running program. One thread uses its store."""

    config: Config
    plugins: Plugins
    store: Store
    desk: Desk
    now: Callable[[], datetime]


@contextmanager
def open_app(
    config_path: Path | None = None, *, now: Callable[[], datetime] = system_clock
) -> Iterator[App]:
    """Read the configuration, load the plug-ins and open the store; closes the store at the end.

    Raises ConfigError and StoreError.
    """
    plugins = load_plugins()
    for problem in plugins.problems:
        log.warning("left out a broken plug-in; see: listener doctor (%s)", problem)
    config = _read(config_path, plugins)
    with open_store(config.store) as store:
        yield App(config, plugins, store, Desk(store, config, now), now)


def read_configuration(config_path: Path | None = None) -> Config:
    """The configuration alone, with nothing opened. Raises ConfigError."""
    return _read(config_path, load_plugins())


def _read(config_path: Path | None, plugins: Plugins) -> Config:
    config = load(config_path, plugins.source_settings())
    hide(secret_values(config) | store_secrets(config.store))
    return config
