"""HTML to the words a reader would see, in one pass.

Parsers that build a tree are quadratic in the depth of hostile input, and Python's own tokeniser is
quadratic for unclosed comments before 3.13.6. Words need no tree: tags are read one after the
other, every search either moves forward or is remembered as hopeless, so the cost is linear in the
length whatever the text holds.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import NamedTuple

# What stands inside these is never meant for a reader.
# fmt: off
_DROPPED = frozenset((
    "script", "style", "template", "iframe", "noframes", "noembed", "svg", "math", "title",
))
_TO_THE_END = frozenset({"script", "style"})  # unclosed, these swallow the rest, as in a browser
_PARAGRAPH = frozenset((
    "p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "hr",
    "article", "section", "figure", "form",
))
_LINE = frozenset((
    "div", "li", "dt", "dd", "tr", "address", "aside", "details", "fieldset", "figcaption",
    "footer", "header", "main", "nav", "summary", "option", "caption", "legend",
))
_CELL = frozenset({"td", "th"})
# fmt: on

_OPENING = re.compile(r"<(?=[A-Za-z!?]|/[A-Za-z])")
_NAME = re.compile(r"</?([A-Za-z][^\s/<>]*+)")
_TO_TAG_END = re.compile(r"((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_ALT = re.compile(r"\salt\s*=\s*(?:\"([^\"]*+)\"|'([^']*+)')", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9a-fA-F]{7,}+);?")
_SET_APART = re.compile(r"[@#]|https?://|www\.", re.IGNORECASE)


def markup_text(markup: str) -> str:
    """Return the visible words of HTML: blocks become lines, entities are resolved once.

    Scripts, styles, comments and embedded documents are dropped; a picture counts when its `alt` is
    an emoji; linked @names, #tags and addresses are kept apart from the words around them. A `<`
    that opens no tag is text. Never raises; the result still has to go through `text.clean`.
    """
    words = _Words()
    tags = _Tags(markup)
    position = 0
    while opening := _OPENING.search(markup, position):
        tag = tags.read(opening.start())
        if tag is None:  # no tag ends any more: all that is left is text
            break
        words.write(markup[position : opening.start()])
        if tag.name:
            words.element(tag)
        position = tag.end
    words.write(markup[position:])
    return words.joined()


class _Tag(NamedTuple):
    """What begins at a `<`: an element's tag, or (without a name) something without words."""

    end: int
    name: str = ""
    closing: bool = False
    attributes: str = ""


@dataclass(slots=True)
class _Tags:
    """Reads tags; remembers which searches are known to find nothing further on."""

    markup: str
    _hopeless: set[str] = field(default_factory=set)

    def read(self, at: int) -> _Tag | None:
        """Read what begins with the `<` at `at`; None when nothing ends from there on."""
        markup = self.markup
        if markup.startswith("<!--", at):
            return _Tag(self._comment_end(at))
        if markup.startswith(("<!", "<?"), at):
            end = self._after(">", at)
            return _Tag(end) if end else None
        name = _NAME.match(markup, at)
        end, attributes = self._tag_end(name.end()) if name else (0, "")
        if not name or not end:
            return None
        tag = name[1].lower()
        closing = markup[at + 1] == "/"
        if tag in _DROPPED and not closing and not attributes.endswith("/"):
            return _Tag(self._element_end(tag, end))
        return _Tag(end, tag, closing, attributes)

    def _after(self, needle: str, start: int) -> int:
        """Return the position after the next `needle`, 0 when there is none."""
        if needle in self._hopeless:
            return 0
        found = self.markup.find(needle, start)
        if found < 0:
            self._hopeless.add(needle)
            return 0
        return found + len(needle)

    def _comment_end(self, at: int) -> int:
        if self.markup.startswith((">", "->"), at + 4):  # <!--> and <!---> are whole comments
            return self.markup.index(">", at) + 1
        return self._after("-->", at + 4) or len(self.markup)

    def _tag_end(self, start: int) -> tuple[int, str]:
        """Return where a tag ends and its attributes; 0 when it never does.

        A quote that is never closed makes quotes meaningless from there on: tags end at the next
        `>`.
        """
        if '"' not in self._hopeless:
            whole = _TO_TAG_END.match(self.markup, start)
            if whole:
                return whole.end(), whole[1]
            self._hopeless.add('"')
        return self._after(">", start), ""

    def _element_end(self, tag: str, start: int) -> int:
        """Return the position of the closing tag of a dropped element."""
        if tag not in self._hopeless:
            closing = re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE).search(self.markup, start)
            if closing:
                return closing.start()
            self._hopeless.add(tag)
        return len(self.markup) if tag in _TO_THE_END else start


@dataclass(slots=True)
class _Words:
    """The words so far, and the white space owed before the next one."""

    _parts: list[str] = field(default_factory=list)
    _breaks: int = 0
    _space: bool = False
    _verbatim: int = 0
    _link: str = ""  # "new" at its first word, "apart" when it is a name, tag or address
    _after_link: bool = False

    def write(self, raw: str) -> None:
        """Add the text between two tags."""
        if not raw:
            return
        text = _resolved(raw)
        if self._verbatim:
            self._put(text)
            return
        text = _SPACE.sub(" ", text)
        core = text.strip(" ")
        self._space |= text[0] == " "
        if core:
            self._put(core)
            self._space = text[-1] == " "

    def element(self, tag: _Tag) -> None:
        """Take note of what a tag means for the words around it."""
        name = tag.name
        if name in _PARAGRAPH:
            self._breaks = 2
        elif name in _LINE:
            self._breaks = max(self._breaks, 1)
        elif name == "br":
            self._breaks = min(self._breaks + 1, 2)
        elif name in _CELL:
            self._space = True
        elif name == "a":
            self._after_link = tag.closing and self._link == "apart"
            self._link = "" if tag.closing else "new"
        elif name == "img":
            self._picture(tag.attributes)
        if name == "pre":
            self._verbatim = max(0, self._verbatim + (-1 if tag.closing else 1))

    def joined(self) -> str:
        """Return all the words."""
        return "".join(self._parts)

    def _put(self, text: str) -> None:
        last = self._parts[-1][-1] if self._parts else ""
        if self._link == "new":
            apart = _SET_APART.match(text) is not None
            self._link = "apart" if apart else "plain"
            self._space |= apart and _is_word(last)
        if self._after_link:
            self._space |= _is_word(text[0])
            self._after_link = False
        if last and self._breaks:
            self._parts.append("\n" * self._breaks)
        elif last and self._space and last not in " \n":
            self._parts.append(" ")
        self._parts.append(text)
        self._breaks = 0
        self._space = False

    def _picture(self, attributes: str) -> None:
        alt = _ALT.search(attributes)
        text = _resolved((alt[1] or alt[2] or "").strip()) if alt else ""
        if 0 < len(text) <= 16 and not text.isascii() and not any(map(str.isalnum, text)):
            self._put(text)


def _resolved(raw: str) -> str:
    """Resolve entities once; numbers too long to be a character become U+FFFD."""
    return html.unescape(_LONG_NUMBER.sub("\ufffd", raw)) if "&" in raw else raw


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_@#"
