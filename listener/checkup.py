"""Tries every configured source without storing anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.config.mistakes import unknown_source
from listener.subscribed import subscribed
from sources.protocols import Check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from listener.config import Config
    from listener.plugins import Plugins, Services


@dataclass(frozen=True, slots=True)
class Checkup:
    """What trying one source found; `setting` is the path of the setting to mend."""

    source: str
    type: str
    ok: bool
    message: str
    setting: str = ""


def check_notify(config: Config) -> Iterator[Checkup]:
    """Look at every entry of `notify`, in order; nothing is sent."""
    from listener.config.notify import names_of
    from listener.notifiers import missing

    for index, (name, rule) in enumerate(names_of(config.notify).items()):
        problem = missing(rule)
        kind = "webhook" if rule.webhook else "apprise"
        signed = "" if rule.secret is not None or not rule.webhook else ", unsigned"
        said = (
            problem or f"tells of {', '.join(rule.when)}{signed}; try: listener notify test {name}"
        )
        setting = f"notify.{index}.url" if problem else ""
        yield Checkup(name, kind, not problem, said, setting)


def check_sources(
    config: Config, plugins: Plugins, services: Services, names: Sequence[str] = ()
) -> Iterator[Checkup]:
    """Try the named sources, all without names, in the order of the configuration, one by one.

    A source that raises is a source that failed its check. Raises UsageError for an unknown name,
    before anything is tried.
    """
    known = {settings.name: index for index, settings in enumerate(config.sources)}
    for name in names:
        if name not in known:
            raise unknown_source(name, known)
    pushes = subscribed(config, services.now())
    for name in names or known:
        settings = config.sources[known[name]]
        try:
            check = plugins.build(settings, services).check()
        except Exception as error:  # noqa: BLE001  one source never stops the others
            check = Check(False, f"{type(error).__name__}: {error}")
        setting = f"sources.{known[name]}.{check.setting}" if check.setting else ""
        message = f"{check.message}; {pushes[name].about}" if name in pushes else check.message
        yield Checkup(name, settings.type, check.ok, message, "" if check.ok else setting)
