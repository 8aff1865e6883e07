"""Which entry is which: ids that stay, and never meet those of another feed by accident."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sources.http.link import host_of, safe_link

if TYPE_CHECKING:
    from sources.feeds.entry import Entry

LONGEST_ID = 300
_WORLDWIDE = re.compile(r"(?:https?://|tag:|urn:|at://|[a-z][a-z0-9+.-]{1,20}://)\S", re.IGNORECASE)
_LONG_ENOUGH = 16
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|ref_src", re.IGNORECASE)


class FeedIdentity:
    """Names the entries of one feed, told by its configured address.

    An id that is unique in the world (an address, `tag:`, `urn:`) is taken as it is, so that one
    post met in two feeds is one mention. Any other long id is scoped with the feed's host, a short
    one ("1") with the whole address, because one host may serve many feeds that count from 1.
    """

    def __init__(self, url: str) -> None:
        """Take the address from the configuration: it stays when the feed moves."""
        parts = urlsplit(url)
        self.host = host_of(url)
        place = f"{parts.path.rstrip('/')}?{parts.query}"
        self._feed = f"{self.host}/{_digest(place)[:8]}"

    def external_id(self, entry: Entry) -> str:
        """Return the entry's id; without one its link, without a link a hash of what it says."""
        if entry.id:
            return self.scoped(entry.id)
        if entry.link:
            return canonical_link(entry.link)
        date = entry.published.isoformat() if entry.published else ""
        words = entry.title or entry.text
        return f"{self._feed}#{_digest(chr(31).join((date, entry.author, words)))[:24]}"

    def scoped(self, identity: str) -> str:
        """Return an id as given by this feed so that it means the same entry anywhere."""
        if len(identity) > LONGEST_ID:
            identity = f"{identity[:100]}…{_digest(identity)}"
        if _WORLDWIDE.match(identity):
            return identity
        scope = self.host if len(identity) >= _LONG_ENOUGH else self._feed
        return f"{scope}#{identity}"


def canonical_link(link: str) -> str:
    """Return a link without its fragment and without the marks campaigns add to it."""
    parts = urlsplit(safe_link(link))
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.fullmatch(name)
    ]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
