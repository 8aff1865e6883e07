"""OPML, the format feed readers hand their lists of feeds around in."""

from __future__ import annotations

from dataclasses import dataclass
from xml.parsers import expat

from sources.errors import Unreadable
from sources.feeds.wellformed import decoded
from sources.http.link import safe_link
from sources.text import clean_line

LARGEST = 10 << 20
MOST_FEEDS = 20_000
MOST_ELEMENTS = 100_000
MOST_DEPTH = 100
MOST_ATTRIBUTES = 100
LONGEST_ATTRIBUTE = 10_000


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed of a list: where it is, what it is called, the page it belongs to, its folders."""

    url: str
    title: str = ""
    page: str = ""
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """A list of feeds in its own order, each address once; `rejected` names what is none."""

    title: str
    feeds: tuple[Subscription, ...]
    rejected: tuple[str, ...] = ()


def read_opml(body: bytes) -> Subscriptions:
    """Read an OPML file of any version, in any encoding a feed may have.

    Documents that declare entities are refused before one is expanded, so that no entity bomb and
    no local file gets in. Raises Unreadable, with the line, for what is no OPML, larger than
    10 MiB, or built to tire its reader (100,000 elements, 100 deep).
    """
    if len(body) > LARGEST:
        raise Unreadable(f"the list is larger than {LARGEST:,} bytes")
    text = decoded(body)
    start = text.find("<")
    if start < 0:
        raise Unreadable("an OPML file was expected; there is no XML in this one")
    reader = _Reader()
    reader.read(text[start:], text.count("\n", 0, start))
    return Subscriptions(reader.title, tuple(reader.feeds.values()), tuple(reader.rejected))


class _Reader:
    """Walks an OPML document once with expat, which is linear."""

    def __init__(self) -> None:
        self.title = ""
        self.feeds: dict[str, Subscription] = {}
        self.rejected: list[str] = []
        self._folders: list[str] = []
        self._open: list[str] = []
        self._elements = 0
        self._in_title: list[str] | None = None
        # The text is handed over as UTF-8 whatever its declaration says.
        self._parser = expat.ParserCreate(encoding="utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._words
        self._parser.EntityDeclHandler = self._entity
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def read(self, text: str, lines_before: int) -> None:
        try:
            self._parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            where = error.lineno + lines_before
            why = expat.ErrorString(error.code)
            raise Unreadable(f"line {where}: this is not well-formed XML: {why}") from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        line = self._parser.CurrentLineNumber
        if self._elements > MOST_ELEMENTS or len(self._open) >= MOST_DEPTH:
            raise Unreadable(f"line {line}: too many elements, or nested too deep, for a list")
        if len(attributes) > MOST_ATTRIBUTES:
            raise Unreadable(f"line {line}: an element with over {MOST_ATTRIBUTES} attributes")
        tag = name.lower()
        if not self._open and tag != "opml":
            raise Unreadable(
                f"line {line}: an OPML file was expected; this one begins with <{tag}>"
            )
        self._open.append(tag)
        if tag == "outline":
            self._outline(attributes, line)
        elif tag == "title" and self._open == ["opml", "head", "title"]:
            self._in_title = []

    def _outline(self, attributes: dict[str, str], line: int) -> None:
        """Take a feed, or a folder: both are outlines, a feed has an address."""
        own = {name.lower(): value[:LONGEST_ATTRIBUTE] for name, value in attributes.items()}
        title = clean_line(own.get("title") or own.get("text") or "", 200)
        self._folders.append(title)
        if "xmlurl" not in own:
            return
        url = safe_link(own["xmlurl"].replace("feed://", "http://", 1))
        if not url:
            named = f" {title!r}" if title else ""
            self.rejected.append(f"line {line}: the feed{named} has no http or https address")
        elif len(self.feeds) >= MOST_FEEDS:
            raise Unreadable(f"line {line}: more than {MOST_FEEDS:,} feeds in one list")
        else:
            folders = tuple(folder for folder in self._folders[:-1] if folder)
            page = safe_link(own.get("htmlurl", ""))
            self.feeds.setdefault(url, Subscription(url, title, page, folders))

    def _end(self, name: str) -> None:
        tag = self._open.pop()
        if tag == "outline":
            self._folders.pop()
        elif tag == "title" and self._in_title is not None:
            self.title = clean_line("".join(self._in_title), 200)
            self._in_title = None

    def _words(self, data: str) -> None:
        if self._in_title is not None and len(self._in_title) < 1_000:
            self._in_title.append(data[:LONGEST_ATTRIBUTE])

    def _entity(self, *declaration: object) -> None:
        line = self._parser.CurrentLineNumber
        raise Unreadable(f"line {line}: the list declares entities; that is refused")
