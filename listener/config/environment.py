"""The environment, read here and nowhere else: overriding settings, variables, colours."""

import os
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TextIO

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from listener.config.mistakes import Path

PREFIX = "LISTENER_"
NESTED = "__"


class Environment(BaseSettings):
    """LISTENER_STORE, LISTENER_WEB__PORT, … override the file: the sections that may be overridden.

    Lists (brands, sources) stay in the file.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=NESTED, extra="ignore", frozen=True
    )

    store: str | None = None
    queue: dict[str, object] | None = None
    replies: dict[str, object] | None = None
    retention: dict[str, object] | None = None
    web: dict[str, object] | None = None


def overrides() -> dict[Path, str]:
    """The settings that the environment sets, by path, as text.

    A section may also be given whole, as JSON; what is no JSON is refused later, as no map.
    """
    return dict(_leaves(EnvSettingsSource(Environment)(), ()))


def variables() -> Mapping[str, str]:
    """All variables, for `${NAME}` in the configuration."""
    return MappingProxyType(dict(os.environ))


def wants_colour(stream: TextIO) -> bool:
    """Whether colours belong on this stream: a terminal, and NO_COLOR is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def service_manager() -> str:
    """The socket of the service manager that started us (systemd's NOTIFY_SOCKET), or nothing."""
    return os.environ.get("NOTIFY_SOCKET", "")


def variable(path: Path) -> str:
    """The name of the variable that overrides a setting: ("web", "port") is LISTENER_WEB__PORT."""
    return PREFIX + NESTED.join(str(part) for part in path).upper()


def _leaves(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif value is not None:
        yield path, str(value)
