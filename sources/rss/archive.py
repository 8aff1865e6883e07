"""Going back through a feed's older pages for what has fallen out of it between two visits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sources.errors import RateLimited, SourceError
from sources.protocols import Batch, Filled, Health
from sources.walks.bookmark import Bookmark, fingerprint

if TYPE_CHECKING:
    from sources.feeds.entry import Entry, Feed
    from sources.mention import Mention

MOST_PAGES = 20  # of one visit
MOST_TRIES = 5  # visits; what has not been found by then stays a gap


class Archive:
    """The older pages a feed names: `prev-archive` and `next` (RFC 5005), `next_url` (JSON Feed).

    `look` fetches and reads one page, `read` makes a mention of an entry at a moment.
    """

    def __init__(
        self, look: Callable[[str], Feed], read: Callable[[Entry, datetime], Mention]
    ) -> None:
        """Fetch nothing yet."""
        self._look = look
        self._read = read

    def filled(self, older: str, before: Bookmark) -> Iterator[Batch]:
        """Go back from the page at `older` to where the owed stretch begins, one batch a page.

        The last batch closes the gaps of the stretch when its beginning was reached, and only then;
        else it counts the try. Raises RateLimited, for which a visit is no try; what else goes
        wrong is a note.
        """
        start, end = before.owed()
        found, trouble, asked = 0, "", set[str]()
        while older and older not in asked and len(asked) < MOST_PAGES:
            asked.add(older)
            try:
                page = self._look(older)
            except RateLimited:
                raise
            except SourceError as error:
                trouble = str(error)
                break
            dated = [entry for entry in page.entries if entry.published is not None]
            missed = [
                mention
                for entry in dated
                if entry.published and start < entry.published <= end
                if (mention := self._mention(entry, entry.published)) is not None
                if fingerprint(mention.external_id) not in before.seen
            ]
            found += len(missed)
            reached = any(entry.published and entry.published <= start for entry in dated)
            if reached and not (page.truncated or page.rejected):
                note = f"went back {len(asked)} pages of the feed: {found} missed entries are there"
                paid = replace(before, owed_from="", owed_to="", tries=0)
                done = Filled(start, end, found)
                yield Batch(mentions=missed, cursor=paid.write(), filled=done, note=note)
                return
            yield Batch(mentions=missed, note=page.note, rejected=page.rejected)
            older = page.older
        why = trouble or "they do not reach back to the last visit"
        tried = replace(before, tries=before.tries + 1)
        note = f"the older pages of the feed did not close the gap: {why}"
        yield Batch(cursor=tried.write(), health=Health.DEGRADED, note=note)

    def _mention(self, entry: Entry, published: datetime) -> Mention | None:
        return self._read(entry, published) if entry.text or entry.title else None
