"""A YAML document as plain data that remembers where everything stands.

Nothing is built but maps, lists, text and None: no tags, no objects, no dates. Every plain scalar
stays text (`no` is Norwegian, `1.10` keeps its zero); the settings' own types decide what it means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import yaml

from listener.config.mistakes import Mistake, Mistaken, Path, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 262_144
MAX_NODES = 50_000
MAX_DEPTH = 32

Data = dict[str, "Data"] | list["Data"] | str | None

# `${NAME}` may stand bare inside { … }, where YAML would read its braces: they are hidden from the
# parser behind two private characters of the same width, so that all columns stay right.
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*(?::-[^{}\n]*)?)\}")
_HIDDEN = re.compile("\\$\ue0f0([^\ue0f1]*)\ue0f1")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
)


@dataclass(frozen=True, slots=True)
class Document:
    """The data with the places of its keys and values, by path."""

    data: dict[str, Data]
    keys: Mapping[Path, Place] = field(default_factory=dict)
    values: Mapping[Path, Place] = field(default_factory=dict)
    texts: Mapping[Path, str] = field(default_factory=dict)

    def place(self, path: Path) -> Place:
        """Where a setting stands: its value, or the nearest thing around it that exists."""
        while path not in self.values and path:
            path = path[:-1]
        return self.values.get(path, Place())

    def key_place(self, path: Path) -> Place:
        """Where a setting's name stands."""
        return self.keys.get(path) or self.place(path)

    def inside(self, path: Path, offset: int) -> Place:
        """Where a character of a text stands; the text's beginning when it spans lines."""
        start = self.place(path)
        raw = self.texts.get(path, "")
        opening = 1 if raw[:1] in {"'", '"'} else 0
        value = self._value(path)
        written = raw[opening : opening + offset]
        if "\n" not in written and isinstance(value, str) and written == value[:offset]:
            return Place(start.line, start.column + opening + offset)
        return start

    def _value(self, path: Path) -> Data:
        found: Data = self.data
        for part in path:
            if isinstance(found, dict) and isinstance(part, str):
                found = found.get(part)
            elif isinstance(found, list) and isinstance(part, int) and part < len(found):
                found = found[part]
            else:
                return None
        return found


def read_document(raw: bytes) -> Document:
    """Read a YAML map from bytes; raises Mistaken with every mistake that can be found at once.

    Bounded in size, depth and the number of values after anchors are followed: no file, however it
    is made, takes more than a moment or a few megabytes.
    """
    text = _decode(raw)
    hidden = _VARIABLE.sub("$\ue0f0\\1\ue0f1", text)
    try:
        _refuse_depth(hidden)
        root = yaml.compose(hidden, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        message = f"the character U+{int(error.character):04X} cannot stand in a configuration"
        raise Mistaken([Mistake(message, place=_place_of(text, error.position))]) from None
    except yaml.MarkedYAMLError as error:
        raise Mistaken([_of_yaml(error)]) from None
    if root is None or (isinstance(root, yaml.ScalarNode) and root.value in _NULL):
        raise Mistaken([Mistake("the file is empty; it needs at least one brand", place=Place())])
    if not isinstance(root, yaml.MappingNode):
        kind = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
        message = f"this is {kind}, but a configuration is a map of settings, such as brands: …"
        raise Mistaken([Mistake(message, place=_place(root.start_mark))])
    reader = _Reader(hidden)
    data = reader.map(root, ())
    if reader.mistakes:
        raise Mistaken(reader.mistakes)
    return Document(data, reader.keys, reader.values, reader.texts)


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise Mistaken(
            [
                Mistake(
                    f"{len(raw):,} bytes are too many for a configuration (at most {MAX_BYTES:,})"
                )
            ]
        )
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise Mistaken([Mistake("this is UTF-16; save the file as UTF-8", place=Place())])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise Mistaken([Mistake(message, place=Place(line, column))]) from None


def _refuse_depth(text: str) -> None:
    """Look at the events first: the composer is recursive, the parser is not."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                message = f"nested more than {MAX_DEPTH} levels deep"
                raise Mistaken([Mistake(message, place=_place(event.start_mark))])
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _place(mark: _Mark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place()


def _place_of(text: str, index: int) -> Place:
    start = text.rfind("\n", 0, index) + 1
    return Place(text.count("\n", 0, index) + 1, index - start + 1)


def _of_yaml(error: yaml.MarkedYAMLError) -> Mistake:
    """Say in plain words what the YAML parser did not like."""
    mark = error.problem_mark or error.context_mark
    place = _place(mark)
    problem = error.problem or "this is not YAML"
    if "'\\t'" in problem:
        return Mistake("a tab; indent with spaces", place=place)
    if "mapping values are not allowed" in problem:
        problem = (
            "a ':' where none can stand; is the line before indented rightly, or a quote missing?"
        )
    if "another document" in problem:
        problem = "a second document ('---'); one file holds one configuration"
    return Mistake(f"not valid YAML: {problem}", place=place)


class _Mark(Protocol):
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class _Reader:
    """Walks the nodes once, builds the data and notes the places; the first note stays."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.texts: dict[Path, str] = {}
        self.mistakes: list[Mistake] = []
        self._nodes = 0
        self._depth = 0

    def map(self, node: yaml.MappingNode, path: Path) -> dict[str, Data]:
        self.values.setdefault(path, _place(node.start_mark))
        data: dict[str, Data] = {}
        merges: list[yaml.Node] = []
        first: dict[str, Place] = {}
        for key, value in node.value:
            place = _place(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                self.mistakes.append(Mistake("a setting's name must be plain text", path, place))
                continue
            if key.tag.endswith(":merge"):
                merges.append(value)
                continue
            name = _shown(key.value)
            if name in first:
                message = f"'{name}' is set twice; the first is in line {first[name].line}"
                self.mistakes.append(Mistake(message, (*path, name), place))
                continue
            first[name] = place
            self.keys.setdefault((*path, name), place)
            data[name] = self.value(value, (*path, name))
        for merge in merges:  # last: a map's own settings come before what it takes over
            data = self._merged(merge, path) | data
        return data

    def _merged(self, node: yaml.Node, path: Path) -> dict[str, Data]:
        """What `<<: *anchor` takes over from one map or a list of maps; of these the first wins."""
        data: dict[str, Data] = {}
        for part in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if not isinstance(part, yaml.MappingNode):
                message = "'<<' takes a map or a list of maps"
                self.mistakes.append(Mistake(message, path, _place(part.start_mark)))
            elif self._enter(part, path):
                data = self.map(part, path) | data
                self._depth -= 1
        return data

    def value(self, node: yaml.Node, path: Path) -> Data:
        self.values.setdefault(path, _place(node.start_mark))
        if not self._enter(node, path):
            return None
        data: Data = None
        if node.tag not in _PLAIN_TAGS:
            message = f"the tag '{node.tag.removeprefix('tag:yaml.org,2002:')}' has no meaning here"
            self.mistakes.append(Mistake(message, path, _place(node.start_mark)))
        elif isinstance(node, yaml.MappingNode):
            data = self.map(node, path)
        elif isinstance(node, yaml.SequenceNode):
            data = [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        elif isinstance(node, yaml.ScalarNode) and (node.style or node.value not in _NULL):
            data = _shown(node.value)
            raw = self.text[node.start_mark.index : node.end_mark.index]
            self.texts.setdefault(path, _shown(raw))
        self._depth -= 1
        return data

    def _enter(self, node: yaml.Node, path: Path) -> bool:
        """Stop a bomb: anchors are followed, a small file could unfold into billions of values."""
        if self._nodes > MAX_NODES:
            return False
        self._nodes += 1
        if self._nodes > MAX_NODES or self._depth > MAX_DEPTH:
            message = "anchors unfold into too much; write the values out"
            self.mistakes.append(Mistake(message, path[:3], _place(node.start_mark)))
            self._nodes = MAX_NODES + 1
            return False
        self._depth += 1
        return True


def _shown(text: str) -> str:
    return _HIDDEN.sub(r"${\1}", text)
