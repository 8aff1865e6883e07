"""Reads a configuration file into the model: overrides, resolves, checks, tells all mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from listener.config.document import Data, Document, read_document
from listener.config.environment import overrides, variable, variables
from listener.config.fields import is_path, is_secret
from listener.config.mistakes import Mistaken, did_you_mean
from listener.config.mistakes import Path as Setting
from listener.config.secrets import Unresolved, expand, read_secret
from listener.config.validation import Checked
from listener.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sources.settings import SourceSettings

DEFAULT_FILE = Path("config.yaml")
SQLITE = "sqlite:///"

Whole = TypeVar("Whole", bound=BaseModel)


def read_config(
    model: type[Whole], path: Path, source_settings: Mapping[str, type[SourceSettings]]
) -> Whole:
    """Read `path` into `model`, the entries of `sources` each into the settings of its type.

    Raises ConfigError: the file cannot be read, or one line per mistake.
    """
    raw = _bytes(path)
    try:
        document = read_document(raw)
        reading = _Reading(document, path.absolute().parent, model, source_settings, overrides())
        return reading.build(model)
    except Mistaken as mistaken:
        lines = [mistake.line(str(path)) for mistake in mistaken.mistakes]
        hint = "listener check" if path == DEFAULT_FILE else f"listener --config {path} check"
        raise ConfigError("\n".join(lines), hint) from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        where = "" if path == DEFAULT_FILE else f" --path {path}"
        raise ConfigError(f"there is no {path}", f"listener init --brand NAME{where}") from None
    except OSError as error:
        said = f"{path} cannot be read: {error.strerror}"
        raise ConfigError(said, "listener --config FILE check") from None


class _Reading:
    """One file on its way into the model."""

    def __init__(
        self,
        document: Document,
        folder: Path,
        model: type[BaseModel],
        known: Mapping[str, type[SourceSettings]],
        above: Mapping[Setting, str],
    ) -> None:
        self._folder = folder
        self._variables = variables()
        self._model = model
        self._hidden: dict[Setting, str] = {}
        origins = {path: variable(path) for path in above}
        self._checked = Checked(document, origins, self._hidden)
        self._data = {"store": model.model_fields["store"].default, **document.data}
        for path, value in above.items():
            _put(self._data, path, value)
        self._types = dict(self._known_types(known))

    def build(self, model: type[Whole]) -> Whole:
        """The whole model; raises Mistaken with everything that was found on the way."""
        data = {
            name: self._resolve(value, (name,))
            for name, value in self._data.items()
            if value is not None
        }
        self._cross_check(data)
        sources = data.pop("sources", None)
        whole = self._checked.build(model, data, ())
        built = [
            self._checked.build(kind, _item(sources, index), ("sources", index))
            for index, kind in self._types.items()
        ]
        self._cross_check_built(data, built)
        if self._checked.mistakes or whole is None:
            raise Mistaken(self._checked.mistakes)
        return whole.model_copy(update={"sources": tuple(built)})

    def _known_types(
        self, known: Mapping[str, type[SourceSettings]]
    ) -> Iterator[tuple[int, type[SourceSettings]]]:
        """The settings class of every source whose type is known; the others are mistakes."""
        sources = self._data.get("sources")
        if sources is not None and not isinstance(sources, list):
            self._checked.refuse(("sources",), "a list is needed here: - {name: …, type: …}")
            return
        for index, entry in enumerate(sources or []):
            path: Setting = ("sources", index)
            kind = entry.get("type") if isinstance(entry, dict) else None
            if not isinstance(entry, dict):
                self._checked.refuse(path, "a map of settings is needed here: {name: …, type: …}")
            elif not isinstance(kind, str):
                self._checked.refuse((*path, "type"), f"is missing{did_you_mean('', known)}")
            elif kind not in known:
                said = f"no such type of source{did_you_mean(kind, known)}"
                self._checked.refuse((*path, "type"), said)
            else:
                yield index, known[kind]

    def _resolve(self, value: Data, path: Setting) -> Data:
        """Expand every text; what is empty in a map counts as not set."""
        if isinstance(value, dict):
            return {
                name: self._resolve(inner, (*path, name))
                for name, inner in value.items()
                if inner is not None
            }
        if isinstance(value, list):
            return [self._resolve(inner, (*path, index)) for index, inner in enumerate(value)]
        return None if value is None else self._text(value, path)

    def _text(self, value: str, path: Setting) -> str:
        root, inner = self._root(path)
        try:
            expanded = expand(value, self._variables)
            text = expanded.text
            if expanded.names:
                self._hidden[path] = text
            if is_secret(root, inner):
                self._hidden[path] = text = read_secret(text, self._folder)
        except Unresolved as error:
            self._checked.refuse(path, str(error))
            return value
        if is_path(root, inner):
            return str(self._folder / Path(text).expanduser())
        if path == ("store",) and text.startswith(SQLITE) and text != SQLITE:
            return SQLITE + str(self._folder / Path(text.removeprefix(SQLITE)).expanduser())
        return text

    def _root(self, path: Setting) -> tuple[object, Setting]:
        """The model that holds a setting, and the setting's path inside it."""
        if len(path) > 2 and path[0] == "sources" and isinstance(path[1], int):
            return self._types.get(path[1]), path[2:]
        return self._model, path

    def _cross_check(self, data: Mapping[str, Data]) -> None:
        """What no single setting can know: names are unique, and brands that are named exist."""
        brands = dict.fromkeys(self._names(data.get("brands"), "brands"))
        for _ in self._names(data.get("sources"), "sources"):
            pass
        for index in self._types:
            source = _item(data.get("sources"), index)
            named = source.get("brands") if isinstance(source, dict) else None
            for number, name in enumerate(named if isinstance(named, list) else []):
                if isinstance(name, str) and name not in brands:
                    said = f"there is no brand of this name{did_you_mean(name, brands)}"
                    self._checked.refuse(("sources", index, "brands", number), said)

    def _cross_check_built(
        self, data: Mapping[str, Data], sources: Sequence[BaseModel | None]
    ) -> None:
        """What a source asks of other sections: hubs push only to an address they can reach."""
        web = data.get("web")
        if isinstance(web, dict) and web.get("public_url"):
            return
        for index, source in zip(self._types, sources, strict=True):
            if getattr(source, "websub", None):
                said = "needs web.public_url, the https address at which hubs reach this server"
                self._checked.refuse(("sources", index, "websub"), said)

    def _names(self, entries: Data, section: str) -> Iterator[str]:
        """The names in a section; a second entry of the same name is a mistake."""
        first: dict[str, int] = {}
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            name = entry.get("name") if isinstance(entry, dict) else None
            if not isinstance(name, str):
                continue
            if name in first:
                said = f"{section}.{first[name]} has this name already; names are unique"
                self._checked.refuse((section, index, "name"), said)
            first.setdefault(name, index)
            yield name


def _item(entries: Data, index: int) -> Data:
    return entries[index] if isinstance(entries, list) else None


def _put(data: dict[str, Data], path: Setting, value: str) -> None:
    """Set one value deep inside, without changing the maps of the document."""
    name = str(path[0])
    if len(path) == 1:
        data[name] = value
        return
    inner = data.get(name)
    data[name] = copy = dict(inner) if isinstance(inner, dict) else {}
    _put(copy, path[1:], value)
