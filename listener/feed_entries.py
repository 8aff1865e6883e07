"""Feeds as entries of a configuration: unique names, quoted for YAML, checked by loading them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from listener.config.document import read_document
from listener.config.mistakes import Mistaken
from listener.config.secrets import Unresolved, expand
from sources.http.link import host_of, shown
from sources.rss.settings import RssSettings
from sources.settings import SourceSettings

LONGEST_NAME = 60  # leaves room for a number within the 80 characters a name may have


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One feed as it stands under `sources`."""

    name: str
    url: str
    allow_private: bool = False

    def settings(self) -> dict[str, object]:
        """The entry as plain data; what has its default is left out."""
        own: dict[str, object] = {"name": self.name, "type": "rss", "url": self.url}
        return {**own, "allow_private": True} if self.allow_private else own

    def yaml(self) -> str:
        """The entry on one line of YAML, without the dash."""
        private = ", allow_private: true" if self.allow_private else ""
        return f"{{name: {_quoted(self.name)}, type: rss, url: {_quoted(self.url)}{private}}}"


class FeedEntries:
    """Collects entries that can be added to a configuration that holds `taken` already.

    `known` names the sources that read a feed already, `rejected` says what cannot be an entry.
    """

    def __init__(self, taken: Iterable[SourceSettings] = ()) -> None:
        """Begin with the names and feeds there are."""
        self.entries: list[FeedEntry] = []
        self.known: list[str] = []
        self.rejected: list[str] = []
        self._names: set[str] = set()
        self._numbers: dict[str, int] = {}  # the last number given to a name
        self._feeds: dict[str, str] = {}
        for own in taken:
            self._names.add(own.name)
            if isinstance(own, RssSettings):
                self._feeds[own.url] = own.name

    def add(self, url: str, title: str, *, allow_private: bool = False) -> None:
        """Take one feed in, under its title or else its host; a repeat is left out."""
        if url in self._feeds:
            self.known.append(self._feeds[url])
            return
        entry = FeedEntry(self._name(title, url), url, allow_private)
        wrong = _wrong(entry)
        if wrong:
            self.rejected.append(f"{shown(url)}: {wrong}")
            return
        self._names.add(entry.name)
        self._feeds[url] = entry.name
        self.entries.append(entry)

    def _name(self, title: str, url: str) -> str:
        printable = "".join(letter for letter in title if letter.isprintable())
        name = " ".join(printable.split())[:LONGEST_NAME].strip() or host_of(url) or "feed"
        name = tried = name[:LONGEST_NAME]
        while tried in self._names:
            self._numbers[name] = self._numbers.get(name, 1) + 1
            tried = f"{name} {self._numbers[name]}"
        return tried


def _wrong(entry: FeedEntry) -> str:
    """Read an entry as a configuration is read; what is wrong, empty when it comes back as it was."""
    try:
        data = read_document(f"sources:\n  - {entry.yaml()}\n".encode("utf-8", "replace")).data
        sources = data["sources"]
        read = sources[0] if isinstance(sources, list) else None
        if not isinstance(read, dict):
            return "cannot be written as YAML"
        plain = {
            key: expand(value, {}).text if isinstance(value, str) else value
            for key, value in read.items()
        }
        loaded = RssSettings.model_validate(plain)
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)[0]["msg"]
    except (Mistaken, Unresolved):
        return "cannot be written as YAML"
    same = (loaded.name, loaded.url) == (entry.name, entry.url)
    return "" if same else "the address has characters that no address has"


def _quoted(text: str) -> str:
    """A YAML scalar that reads back as itself: `${` is no variable in it."""
    return json.dumps(text.replace("${", "$${"), ensure_ascii=False)
