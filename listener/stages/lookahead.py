"""Reading a few pages ahead of what is committed, so that their texts can be judged meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from sources.protocols import Batch, Check, Source

PAGES = 4


class ReadAhead:
    """A source that fetches the next pages before it yields one, and tells their texts.

    Pages, cursors and errors stay as they were: an error is raised when its place in the order
    comes. Nothing is lost when the pages ahead are never used, since their cursors go with them.
    """

    def __init__(self, source: Source, tell: Callable[[Sequence[str]], None]) -> None:
        """`tell` is called once with the texts of every page, up to four pages before its turn."""
        self.name = source.name
        self.kind = source.kind
        self._source = source
        self._tell = tell

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """What the source yields, in its order."""
        pages = self._source.collect(cursor)
        ahead: deque[Batch] = deque()
        error: Exception | None = None
        more = True
        while more or ahead:
            while more and len(ahead) <= PAGES:
                try:
                    page = next(pages, None)
                except Exception as raised:  # noqa: BLE001  raised again, in its place
                    page, error = None, raised
                if page is None:
                    more = False
                else:
                    self._tell([mention.full_text for mention in page.mentions])
                    ahead.append(page)
            if ahead:
                yield ahead.popleft()
        if error is not None:
            raise error

    def check(self) -> Check:
        """What the source says of itself."""
        return self._source.check()
