"""Values from outside the configuration: `${NAME}` from the environment, `file:` secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_SECRET_BYTES = 65_536

_REFERENCE = re.compile(
    r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}|(?P<broken>\$\{[^}]*\}?)"
)


class Unresolved(ValueError):
    """A value refers to something that is not there; the message never holds a value."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text with its references replaced, and the names of the variables it took."""

    text: str
    names: tuple[str, ...] = ()


def expand(text: str, environ: Mapping[str, str]) -> Expanded:
    """Replace `${NAME}` and `${NAME:-default}` (used when NAME is unset or empty); `$${` is `${`.

    A replaced value is never expanded again. Raises Unresolved naming every variable that is not
    set, or the piece that is not a reference.
    """
    names: list[str] = []
    missing: list[str] = []

    def replace(found: re.Match[str]) -> str:
        if found["broken"]:
            raise Unresolved(
                "'${' begins a variable: write ${NAME} or ${NAME:-default}, or $${ for itself"
            )
        name = found["name"]
        if name is None:
            return "${"
        names.append(name)
        value = environ.get(name)
        if found["default"] is not None:
            return value or found["default"]
        if value is None:
            missing.append(name)
        return value or ""

    expanded = _REFERENCE.sub(replace, text)
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise Unresolved(f"{' and '.join(missing)} {verb} not set in the environment")
    return Expanded(expanded, tuple(names))


def read_secret(text: str, folder: Path) -> str:
    """Follow `file:/path` (relative to the configuration's folder); any other text is the secret.

    One trailing line end goes, since editors add it. Raises Unresolved when the file cannot serve.
    """
    if not text.startswith("file:"):
        return text
    path = folder / text.removeprefix("file:")
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_SECRET_BYTES + 1)
        secret = raw.decode()
    except OSError as error:
        raise Unresolved(f"cannot read the secret in {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Unresolved(f"the secret in {path} is not UTF-8 text") from None
    if len(raw) > MAX_SECRET_BYTES:
        raise Unresolved(f"the secret in {path} is longer than {MAX_SECRET_BYTES:,} bytes")
    return secret.removesuffix("\n").removesuffix("\r")


def secret_values(model: object) -> frozenset[str]:
    """Every secret inside a model, so that the log can mask it wherever it turns up."""
    return frozenset(secret for secret in _secrets(model) if secret)


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _secrets(item)
