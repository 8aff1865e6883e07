"""Reading one page ahead of what is committed, so that its texts can be judged meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sources.protocols import Batch, Check, Source


class ReadAhead:
    """A source that fetches the next page before it yields this one, and tells its texts.

    Pages, cursors and errors stay as they were: an error is raised when its place in the order
    comes. Nothing is lost when the page ahead is never used, since its cursor goes with it.
    """

    def __init__(self, source: Source, tell: Callable[[Sequence[str]], None]) -> None:
        """`tell` is called with the texts of every page before the page before it is yielded."""
        self.name = source.name
        self.kind = source.kind
        self._source = source
        self._tell = tell

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """What the source yields, in its order."""
        pages = self._source.collect(cursor)
        page = next(pages, None)
        while page is not None:
            following, error = None, None
            try:
                following = next(pages, None)
            except Exception as raised:  # noqa: BLE001  raised again, in its place
                error = raised
            if following is not None:
                self._tell([mention.full_text for mention in following.mentions])
            yield page
            if error is not None:
                raise error
            page = following

    def check(self) -> Check:
        """What the source says of itself."""
        return self._source.check()
