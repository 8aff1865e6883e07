"""Examines an installation: what it runs on, what it is made of, and what it works with."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import sqlite3
import zoneinfo
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from listener.config import Config, load
from listener.errors import ConfigError, StoreBusy, StoreError
from listener.health import blindness, silence
from listener.store import open_store, run_lock
from listener.store.address import is_postgres, store_name, store_path
from listener.unasked import unasked
from sources.protocols import Health

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from listener.plugins import Plugins
    from listener.store.protocol import Store

DISTRIBUTION = "complaint-listener"
IMPORT_NAMES = ("listener", "triage", "sources")
OLDEST_SQLITE = (3, 35, 0)  # RETURNING
REINSTALL = "install again: pip install --force-reinstall complaint-listener"
LEAST_FREE_BYTES = 1 << 30
NEWEST_RUN_AHEAD = timedelta(minutes=5)


class State(StrEnum):
    """How a finding is: `ok`, a `note` that needs nothing done, or `wrong`."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `advice` says what to do when it is not ok."""

    about: str
    state: State
    message: str
    advice: str = ""


def examine(
    config_path: Path | None, plugins: Plugins, now: Callable[[], datetime]
) -> Iterator[Finding]:
    """Look at everything, one finding at a time; changes nothing, raises nothing."""
    yield _python()
    yield _sqlite()
    yield from _libraries()
    yield from _import_names()
    yield _time_zones()
    yield _judging()
    yield from _plugins(plugins)
    try:
        config = load(config_path, plugins.source_settings())
    except ConfigError as error:
        for line in str(error).splitlines():
            yield Finding("configuration", State.WRONG, line, error.hint)
        return
    count = len(config.sources)
    yield Finding("configuration", State.OK, f"{len(config.brands)} brand(s), {count} source(s)")
    yield from _store(config, now())


def _python() -> Finding:
    version = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding("python", State.OK, version)


def _sqlite() -> Finding:
    version = f"SQLite {sqlite3.sqlite_version}"
    advice = "use a Python whose SQLite is newer than 3.35 and has full-text search (FTS5)"
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return Finding("sqlite", State.WRONG, f"{version} is too old", advice)
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    except sqlite3.OperationalError:
        return Finding("sqlite", State.WRONG, f"{version} has no full-text search", advice)
    finally:
        connection.close()
    return Finding("sqlite", State.OK, version)


def _libraries() -> Iterator[Finding]:
    """Every library that we require is there, in a version that we know."""
    try:
        required = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding("libraries", State.WRONG, f"{DISTRIBUTION} is not installed", REINSTALL)
        return
    wrong = False
    count = 0
    for requirement in required:
        if "extra ==" in requirement:
            continue
        found = re.match(r"([A-Za-z0-9._-]+)(.*)", requirement)
        assert found is not None, requirement
        count += 1
        problem = _version_problem(found[1], found[2])
        if problem:
            wrong = True
            yield Finding("libraries", State.WRONG, problem, REINSTALL)
    if not wrong:
        version = importlib.metadata.version(DISTRIBUTION)
        yield Finding("libraries", State.OK, f"{DISTRIBUTION} {version} with {count} libraries")


def _version_problem(name: str, wanted: str) -> str:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return f"{name} is missing"
    for relation, bound in re.findall(r"(>=|==|<)\s*([0-9][0-9.]*)", wanted):
        have, need = _numbers(version), _numbers(bound)
        width = max(len(have), len(need))
        have, need = _padded(have, width), _padded(need, width)
        fits = (
            have >= need if relation == ">=" else have == need if relation == "==" else have < need
        )
        if not fits:
            return f"{name} is {version}, needed is {relation}{bound}"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.split("+")[0])[:4])


def _padded(numbers: tuple[int, ...], width: int) -> tuple[int, ...]:
    return numbers + (0,) * (width - len(numbers))


def _import_names() -> Iterator[Finding]:
    """Our import names also exist in other distributions, which may have overwritten ours."""
    advice = (
        "install into an environment of its own: pipx install complaint-listener, or uv tool "
        "install complaint-listener"
    )
    owners = importlib.metadata.packages_distributions()
    home = Path(__file__).resolve().parent.parent
    wrong = False
    for name in IMPORT_NAMES:
        others = sorted({owner for owner in owners.get(name, ()) if owner != DISTRIBUTION})
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if others:
            wrong = True
            said = f"{', '.join(others)} also installs a package called {name!r}"
            yield Finding("import names", State.WRONG, said, advice)
        elif origin is None or origin.parent.parent != home:
            wrong = True
            said = f"the package {name!r} comes from {origin or 'nowhere'}, not from {home}"
            yield Finding("import names", State.WRONG, said, advice)
    if not wrong:
        yield Finding("import names", State.OK, f"{', '.join(IMPORT_NAMES)} are ours alone")


def _time_zones() -> Finding:
    if zoneinfo.available_timezones():
        return Finding("time zones", State.OK, "known")
    said = "this machine has no time-zone data; working hours need it"
    return Finding("time zones", State.WRONG, said, "pip install tzdata")


def _judging() -> Finding:
    """The models are whole (their checksums are compared when they are loaded) and they judge."""
    from triage.embedding import StaticEmbedder
    from triage.encoder import PostEncoder, installed
    from triage.judge import Judge
    from triage.protocols import BrandContext

    try:
        model = StaticEmbedder().model
        if installed():
            model += f" and {PostEncoder().model}"
        version = Judge(BrandContext()).version
    except Exception as error:  # noqa: BLE001  whatever a damaged file makes it raise
        said = f"the models cannot be loaded: {type(error).__name__}: {error}"
        return Finding("models", State.WRONG, said, REINSTALL)
    return Finding("models", State.OK, f"whole: {model}; judging is version {version}")


def _plugins(plugins: Plugins) -> Iterator[Finding]:
    for problem in plugins.problems:
        advice = f"pip install --upgrade {problem.distribution}, or pip uninstall it"
        yield Finding("plug-ins", State.WRONG, str(problem), advice)
    if not plugins.problems:
        names = ", ".join(plugins.source_types())
        yield Finding("plug-ins", State.OK, f"types of source: {names}")


def _store(config: Config, now: datetime) -> Iterator[Finding]:
    if not is_postgres(config.store):
        path = store_path(config.store)
        yield from _disk(path)
        if not path.exists():
            if os.access(path.parent, os.W_OK):
                said = f"{path} does not exist yet; the first run makes it"
                yield Finding("store", State.NOTE, said, "listener run")
            else:
                said = f"{path.parent} cannot be written"
                yield Finding("store", State.WRONG, said, f"ls -ld {path.parent}")
            return
    try:
        name = store_name(config.store)
        with open_store(config.store) as store:
            totals = store.totals()
            runs = store.runs(limit=1)
            seen = [*_sources(config, store, now), *_messages(store), *_vectors(config, store)]
    except StoreError as error:
        yield Finding("store", State.WRONG, str(error), error.hint)
        return
    said = f"{name}: {totals.mentions:,} mentions, {totals.pending:,} waiting to be judged"
    yield Finding("store", State.OK, said)
    yield from seen
    yield from _lock(config)
    if runs and runs[0].started_at > now + NEWEST_RUN_AHEAD:
        said = (
            f"now is {now:%Y-%m-%d %H:%M}, the last run began {runs[0].started_at:%Y-%m-%d %H:%M}"
        )
        yield Finding("clock", State.WRONG, said, "set the clock: timedatectl status")
    else:
        yield Finding("clock", State.OK, f"{now:%Y-%m-%d %H:%M} UTC")


def _sources(config: Config, store: Store, now: datetime) -> Iterator[Finding]:
    """Whether every configured source could see when it was last asked, and is asked at all."""
    states = {state.source: state for state in store.health()}
    seeing = 0
    for settings in config.sources:
        state = states.get(settings.name)
        if state is None:
            said = f"{settings.name} has not been asked yet"
            yield Finding("sources", State.NOTE, said, f"listener run --once {settings.name}")
        elif state.health is Health.BLIND:
            advice = f"listener sources check {settings.name}"
            yield Finding("sources", State.WRONG, blindness(state), advice)
        elif state.quiet_since is not None:
            said = silence(state, state.quiet_since)
            yield Finding("sources", State.NOTE, said, f"listener sources check {settings.name}")
        else:
            seeing += 1
    for one in unasked(store, {settings.name for settings in config.sources}, now):
        yield Finding("sources", State.WRONG, one.said, "is it running? systemctl status listener")
    if seeing:
        yield Finding("sources", State.OK, f"{seeing} of {len(config.sources)} see")


def _messages(store: Store) -> Iterator[Finding]:
    """Messages to people that did not arrive, or nobody knows whether."""
    lost = [row for state in ("failed", "in doubt") for row in store.deliveries(state)]
    if lost:
        said = f"{len(lost)} did not arrive or are in doubt, the latest to {lost[0].target}"
        advice = "listener notify list; send one again: listener notify retry NUMBER"
        yield Finding("messages", State.NOTE, said, advice)


def _vectors(config: Config, store: Store) -> Iterator[Finding]:
    """Posts that attract no new ones, since another model made their vectors."""
    from listener.tiers import spaces

    silent = {
        brand: store.count_foreign_vectors(brand, space.model)
        for brand, space in spaces(config.brands).items()
    }
    if any(silent.values()):
        told = ", ".join(f"{brand} {count:,}" for brand, count in silent.items() if count)
        said = f"placed by another model or tier, so that no new posts join them: {told}"
        yield Finding("vectors", State.NOTE, said, "listener issues migrate")


def _disk(path: Path) -> Iterator[Finding]:
    folder = path.parent
    if not folder.is_dir():
        said = f"the folder {folder} does not exist"
        yield Finding("disk", State.WRONG, said, f"mkdir -p {folder}")
        return
    free = shutil.disk_usage(folder).free
    size = path.stat().st_size if path.exists() else 0
    said = f"{free / 1e9:,.1f} GB free where the store is, the store takes {size / 1e9:,.1f} GB"
    if free < max(LEAST_FREE_BYTES, size):
        advice = "make room: a backup needs as much as the store, and a full disk stops collecting"
        yield Finding("disk", State.WRONG, said, advice)
    else:
        yield Finding("disk", State.OK, said)


def _lock(config: Config) -> Iterator[Finding]:
    try:
        with run_lock(config.store):
            yield Finding("lock", State.OK, "no run is at work")
    except StoreBusy as error:
        yield Finding("lock", State.NOTE, str(error), error.hint)
    except StoreError as error:
        yield Finding("lock", State.WRONG, str(error), error.hint)
