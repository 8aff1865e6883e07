"""Feeds as they come made into XML that can be trusted to parse, or a clear refusal.

Most broken feeds are broken in four ways: a wrong encoding, a stray `&` or HTML entity, an
undeclared prefix, an end that is missing. Mending those first means that only the strict parser
ever runs, in linear time, and that what could not be read is named instead of guessed. No DTD
survives: a document starts at its root element, so entity bombs and external entities have nothing
to hold.
"""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass
from html.entities import html5
from xml.parsers import expat

from sources.errors import SourceError, Transient, Unreadable

MOST_ELEMENTS = 250_000
MOST_DEPTH = 200
MOST_ATTRIBUTES = 200
LONGEST_WRAPPER = 4_000
MOST_BROKEN_ENTRIES = 20_000
LATEST_ROOT = 64 << 10  # a feed may be preceded by warnings of the server's scripting language

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# Character sets that are one pass over the bytes; others Python knows (punycode, idna) are not.
_CHARSETS = re.compile(
    r"ascii|utf-(8|16|32)(-[lb]e)?|iso8859-\d+|cp125\d|cp(866|874|932|949|950)|koi8-[ru]|mac-roman|"
    r"shift_jis|euc_(jp|kr)|iso2022_(jp|kr)|gb(k|2312|18030)|big5(hkscs)?|tis-620"
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

_ROOT = re.compile(r"<((?:[A-Za-z_][\w.-]{0,40}:)?(?:rss|feed|RDF))(?=[\s>])", re.IGNORECASE)
_ENTRY = re.compile(r"<((?:[A-Za-z_][\w.-]{0,40}:)?(?:item|entry))(?=[\s>])", re.IGNORECASE)
_STRAY = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    r"|&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{0,31};)?",
    re.DOTALL,
)
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]{0,30}):[A-Za-z_]")
_XML_ENTITIES = frozenset({"lt;", "gt;", "amp;", "quot;", "apos;"})


@dataclass(frozen=True, slots=True)
class Document:
    """A feed as well-formed XML without DTD, and what it took.

    `note` says what was wrong in words, "" when nothing was. `truncated` means the end is missing;
    `rejected` names the entries left out, one sentence each.
    """

    xml: bytes
    note: str = ""
    truncated: bool = False
    rejected: tuple[str, ...] = ()


def decoded(body: bytes, content_type: str = "") -> str:
    """Return the text of a feed: by byte order mark, as UTF-8, as declared, else as windows-1252.

    Bytes that are valid UTF-8 are UTF-8 whatever a server says. Control characters that no XML may
    hold are left out. Never raises.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _ILLEGAL.sub("", body.decode(encoding, "replace").lstrip("\ufeff"))
    declared = _DECLARED.search(body[:400])
    served = _HTTP_CHARSET.search(content_type)
    names = [
        name
        for name in (
            served[1] if served else "",
            declared[1].decode("ascii") if declared else "",
        )
        if _is_charset(name)
    ]
    seven_bit = [name for name in names if codecs.lookup(name).name.startswith("iso2022")]
    for name in (*seven_bit, "utf-8", *names):
        try:
            return _ILLEGAL.sub("", body.decode(name))
        except UnicodeDecodeError:
            continue
    return _ILLEGAL.sub("", body.decode("windows-1252", "replace"))


def well_formed(text: str) -> Document | None:
    """Return the feed in `text` as well-formed XML, None when there is no feed in it.

    Raises Unreadable when it is a feed but not one entry can be saved, or when it is built to tire
    its reader (250,000 elements, 200 deep, 200 attributes).
    """
    root = _ROOT.search(text, 0, LATEST_ROOT)
    if root is None:
        return None
    text = text[root.start() :]
    trouble = _trouble(text)
    if not trouble:
        return Document(text.encode())
    mended = _declared_prefixes(_STRAY.sub(_mended, text), root[1])
    if not _trouble(mended):
        return Document(mended.encode(), note=f"the XML is not well-formed ({trouble}); mended")
    return _salvaged(mended, root[1], trouble)


def _is_charset(name: str) -> bool:
    try:
        return _CHARSETS.fullmatch(codecs.lookup(name).name) is not None
    except LookupError:
        return False


class _Survey:
    """Walks a document with expat alone, which is linear, before anything slower sees it."""

    def __init__(self) -> None:
        self._elements = 0
        self.open: list[tuple[str, int]] = []
        self._parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def trouble(self, text: str, *, final: bool = True) -> str:
        """Return what is wrong with the document in expat's words, "" when nothing is."""
        try:
            self._parser.Parse(text.encode(), final)
        except expat.ExpatError as error:
            return str(error)
        return ""

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self.open.append((name, self._parser.CurrentByteIndex))
        if self._elements > MOST_ELEMENTS:
            raise Unreadable(f"the feed has more than {MOST_ELEMENTS:,} elements")
        if len(self.open) > MOST_DEPTH:
            raise Unreadable(f"the feed nests elements more than {MOST_DEPTH} deep")
        if len(attributes) > MOST_ATTRIBUTES:
            raise Unreadable(f"the feed has an element with over {MOST_ATTRIBUTES} attributes")

    def _end(self, _: str) -> None:
        self.open.pop()


def _trouble(text: str) -> str:
    return _Survey().trouble(text)


def _mended(found: re.Match[str]) -> str:
    """Replace one stray `&` or HTML entity; CDATA and comments stay as they are."""
    whole, reference = found[0], found[1]
    if whole[0] == "<" or reference in _XML_ENTITIES:
        return whole
    if not reference:
        return "&amp;"
    if reference[0] == "#":
        character = html.unescape(whole)
        bad = not character or _ILLEGAL.match(character) or character == "\ufffd"
        return "\ufffd" if bad else whole
    if reference in html5:
        return html.escape(html5[reference])
    return f"&amp;{reference}"


def _declared_prefixes(text: str, root: str) -> str:
    """Declare the prefixes that are used but nowhere declared (at most 50)."""
    used = dict.fromkeys(match[1] for match in _PREFIX.finditer(text))
    missing = [
        prefix
        for prefix in list(used)[:500]
        if prefix not in ("xml", "xmlns") and f"xmlns:{prefix}" not in text
    ][:50]
    declarations = "".join(f' xmlns:{prefix}="urn:undeclared:{prefix}"' for prefix in missing)
    at = len(root) + 1
    return text[:at] + declarations + text[at:]


def _salvaged(text: str, root: str, trouble: str) -> Document:
    """Keep the entries that are well-formed each by itself; name the others."""
    truncated = f"</{root.lower()}" not in text[-200:].lower()
    openings = [match.start() for match in _ENTRY.finditer(text)]
    hopeless: SourceError = Unreadable(f"the feed cannot be read: {trouble}")
    if truncated and openings and trouble.startswith("no element found"):  # the parser met the end
        hopeless = Transient("the feed was cut off before its first entry was whole")
    if not 0 < len(openings) <= MOST_BROKEN_ENTRIES:
        raise hopeless
    head = text[: openings[0]]
    survey = _Survey()
    if survey.trouble(head, final=False):
        raise hopeless
    wrapper, closers = _wrapper(head, survey.open)
    kept, rejected = [], []
    for place, start in enumerate(openings, 1):
        last = place == len(openings)
        piece = _entry(text[start:] if last else text[start : openings[place]])
        wrong = _trouble(wrapper + piece + closers) if piece else "it is cut off"
        if wrong:
            rejected.append(f"entry {place} of {len(openings)} could not be read: {wrong}")
        else:
            kept.append(piece)
    if not kept:
        raise hopeless
    xml = head + "".join(kept) + closers
    if _trouble(xml):
        raise hopeless
    what = "the feed is cut off" if truncated else "the XML is broken"
    return Document(xml.encode(), f"{what} ({trouble})", truncated, tuple(rejected))


def _wrapper(head: str, opened: list[tuple[str, int]]) -> tuple[str, str]:
    """Return the opening tags around the entries, as written, and what closes them."""
    data = head.encode()
    opening, closers = "", ""
    for _, start in opened:
        end = data.find(b">", start) + 1
        tag = data[start:end].decode("utf-8", "replace")
        opening += tag
        name = re.match(r"<([^\s/>]+)", tag)
        closers = f"</{name[1]}>{closers}" if name else closers
    if len(opening) > LONGEST_WRAPPER:
        raise Unreadable("the feed cannot be read: its opening tags are too long to be real")
    return opening, closers


def _entry(segment: str) -> str:
    """Return the entry a segment begins with, up to its closing tag; "" when that is missing."""
    name = _ENTRY.match(segment)
    close = re.compile(rf"</{re.escape(name[1])}\s*>", re.IGNORECASE) if name else None
    end = close.search(segment) if close else None
    return segment[: end.end()] if end else ""
