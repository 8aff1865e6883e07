"""One e-mail as it came over the wire, turned into a mention."""

from __future__ import annotations

import hashlib
import re
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage, MIMEPart
from email.utils import parseaddr
from typing import TYPE_CHECKING

from sources.mention import Author, Mention, Thread
from sources.moments import moment
from sources.text import clean, clean_line, html_text

if TYPE_CHECKING:
    from datetime import datetime

KIND = "email"
LONGEST_WORDS = 200_000
LONGEST_HEADER = 50_000
MOST_PARTS = 200  # the library takes half a millisecond for each; words come in the first ones
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")


def read_mail(raw: bytes, arrived: datetime, now: datetime) -> Mention | None:
    """Read a message (RFC 5322, its end may be missing); None when nothing can be read in it.

    The id is its Message-ID, else a hash of its bytes. The words are those of the plain part, else
    of the HTML part; attachments are left out. A date that is missing or ahead is `arrived`.
    Never raises for what a message holds.
    """
    try:
        message = message_from_bytes(_start(raw), _class=EmailMessage, policy=policy.default)
        text = _words(message)
    except RecursionError:  # parts within parts within parts
        return None
    written = _headers(message)
    named = _ids(written.get("message-id", ""))
    title = clean_line(_read(written.get("subject", "")))
    if not text and not title:
        return None
    sent = moment(written.get("date", ""))
    sender, address = parseaddr(written.get("from", ""))
    address = clean_line(address, 320).casefold()
    answered = _ids(written.get("in-reply-to", ""))
    before = _ids(written.get("references", "")) or answered
    return Mention(
        kind=KIND,
        external_id=named[0] if named else f"sha256:{hashlib.sha256(raw).hexdigest()}",
        text=text,
        title=title,
        created_at=min(sent or arrived, arrived, now),
        author=Author(id=address, handle=address, name=clean_line(_read(sender), 200)),
        thread=Thread(before[0] if before else "", answered[-1] if answered else ""),
    )


def _start(raw: bytes) -> bytes:
    """Cut a message off where its parts become too many."""
    at = 0
    for _ in range(MOST_PARTS):
        at = raw.find(b"\n--", at + 1)
        if at < 0:
            return raw
    return raw[:at]


def _words(message: EmailMessage) -> str:
    """Return the words of the plain part; of the HTML part when there is none or it is empty."""
    for wanted in ("plain", "html"):
        try:
            part = message.get_body((wanted,))
        except (AttributeError, KeyError, ValueError):  # multiparts that contradict themselves
            part = None
        if part is None:
            continue
        words = _decoded(part)[:LONGEST_WORDS]
        text = html_text(words) if wanted == "html" else clean(words)
        if text:
            return text
    return ""


def _decoded(part: MIMEPart) -> str:
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes):
        return ""
    try:
        return body.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _headers(message: EmailMessage) -> dict[str, str]:
    """Return the headers as written, in one line each; the first of each name counts.

    The policy's own reading of headers takes milliseconds, and some headers make it raise.
    """
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), " ".join(str(value)[:LONGEST_HEADER].split()))
    return found


def _read(header: str) -> str:
    """Return a header with its encoded words (RFC 2047) read; as written when they cannot be."""
    try:
        return str(make_header(decode_header(header)))
    except (ValueError, LookupError, HeaderParseError):
        return header


def _ids(header: str) -> list[str]:
    return [clean_line(found, 900) for found in _MESSAGE_ID.findall(header)]
