"""Plain text as every source hands it on: readable characters only, in one normal form.

Posts are hostile. Everything here is linear in the length of the text and never raises.
"""

from __future__ import annotations

import re
import unicodedata

from sources.markup import markup_text

MOST_MARKS = 30  # on one letter: the limit of Unicode's stream-safe text (UAX 15)

# Line ends other than \n, tidied before anything else is looked at.
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")

# What a reader cannot see and a writer uses to hide words from search and judgement: control
# characters (C0, C1, DEL), soft hyphen, zero-width space, word joiner, invisible operators, byte
# order mark, marks and overrides of writing direction, annotation anchors, noncharacters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
# The same above the first plane, apart because `re` looks at astral classes one range at a time:
# musical controls, tag characters, further variation selectors.
_UNSEEN_ASTRAL = re.compile("[\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")

# Joiners shape Persian, Indic scripts and emoji families, and split Latin words unseen.
_LONE_JOINER = re.compile(
    "(?<![\u0600-\u1fff\u2030-\U0010ffff])[\u200c\u200d]"
    "|[\u200c\u200d](?![\u0600-\u1fff\u2030-\U0010ffff])"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDE_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")

# Where combining marks live (a test holds this against Unicode), without the CJK ideographs.
_MARKS = (
    "\u0300-\u1dff\u20d0-\u20ff\u2cef-\u2dff\u302a-\u302f\u3099\u309a\ua66f-\ua6f1\ua806-\ua9ff"
    "\uaaaa-\uabed\ufb1e\ufe20-\ufe2f\U000101fd-\U0001e94a"
)
_LONG_RUN = re.compile(f"[{_MARKS}]{{{MOST_MARKS + 1},}}")
_CRAMMED_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def clean(text: str) -> str:
    r"""Return plain text as it is stored: NFC, no control, zero-width or direction characters.

    Lone surrogates become U+FFFD, every kind of space a plain one and every line end `\n`; tabs
    stay. At most two line ends follow each other, none stand at the ends, and no letter carries
    more than 30 marks. Joiners stay where a script or an emoji needs them. Words are never changed.
    Cleaning clean text changes nothing.
    """
    text = _LINE_END.sub("\n", text)
    text = _UNSEEN.sub("", text)
    if not text.isascii():
        text = _clean_unicode(text)
    return _CRAMMED_LINES.sub("\n\n", text).strip()


def clean_line(text: str, longest: int = 500) -> str:
    """Return plain text in one line, for names and titles, cut at `longest` characters."""
    line = " ".join(clean(text[: 4 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def html_text(html: str) -> str:
    """Return the words of a piece of HTML as clean text: see `markup_text`, then `clean`."""
    return clean(markup_text(html))


def _clean_unicode(text: str) -> str:
    text = _SURROGATE.sub("\ufffd", text)
    text = _UNSEEN_ASTRAL.sub("", text)
    text = _WIDE_SPACE.sub(" ", text)
    text = _composed(text)
    if "\u200c" in text or "\u200d" in text:
        text = _composed(_LONE_JOINER.sub("", text))
    return text


def _composed(text: str) -> str:
    """NFC; runs of marks are cut first, because putting marks in order is quadratic in a run."""
    text = unicodedata.normalize("NFC", _LONG_RUN.sub(_cut_marks, text))
    return _LONG_RUN.sub(_cut_marks, text)


def _cut_marks(run: re.Match[str]) -> str:
    kept = []
    marks = 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
