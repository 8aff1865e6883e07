"""The posts of the sample brand, Northgate Bank: invented, and always fresh."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from sources.errors import Unreadable
from sources.mention import Author, Mention, Thread
from sources.protocols import Batch, Check, Health

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILE = "banking77.jsonl"
POSTS_A_BATCH = 200


class SampleSource:
    """Yields the sample posts once, with times that end at the moment of the first run.

    Every mention is marked as a sample, is of kind `sample`, and has the same id whenever it is
    read. The moment of the first run is kept in the cursor, so that a run that was stopped goes on
    with the same times. Texts are from Banking77 (CC BY 4.0) and our own: see samples/README.md.
    """

    kind = "sample"

    def __init__(
        self,
        name: str,
        clock: Callable[[], datetime],
        path: Path | None = None,
    ) -> None:
        """`path` is another file of the same form, for tests and for samples of one's own."""
        self.name = name
        self._clock = clock
        self._path = path or sample_file()

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield the posts behind `cursor`, oldest first; Unreadable when the file is missing."""
        lines = self._lines()
        anchor, begin = _read_cursor(cursor) or (self._clock().astimezone(UTC), 0)
        if begin >= len(lines):
            yield Batch(
                health=Health.QUIET,
                note="all sample posts have been read",
                done=len(lines),
                total=len(lines),
            )
        for start in range(begin, len(lines), POSTS_A_BATCH):
            page = lines[start : start + POSTS_A_BATCH]
            done = start + len(page)
            yield Batch(
                mentions=[self._mention(line, anchor) for line in page],
                cursor=json.dumps({"anchor": anchor.isoformat(), "posts": done}),
                done=done,
                total=len(lines),
            )

    def check(self) -> Check:
        """Look for the file."""
        try:
            return Check(True, f"{len(self._lines())} invented posts of Northgate Bank")
        except Unreadable as error:
            return Check(False, str(error))

    def _lines(self) -> list[bytes]:
        try:
            return self._path.read_bytes().splitlines()
        except OSError as error:
            raise Unreadable(
                f"{self._path}: {error.strerror}; the sample posts come with the program: "
                "install it again"
            ) from error

    def _mention(self, line: bytes, anchor: datetime) -> Mention:
        try:
            post = orjson.loads(line)
            author = post["author"]
            return Mention(
                kind=self.kind,
                external_id=post["id"],
                text=post["text"],
                created_at=anchor - timedelta(minutes=post["minutes"]),
                author=Author(
                    author["handle"], author["handle"], author["name"], author["followers"]
                ),
                url=post["url"],
                lang="en",
                thread=Thread(post.get("root", ""), post.get("parent", "")),
                sample=True,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"{self._path}: not a line of sample posts: {error!r}") from error


def sample_file() -> Path:
    """Where the posts lie: inside the installed package, or beside it in a checkout."""
    here = Path(__file__).parent
    inside = here / "samples" / FILE
    return inside if inside.exists() else here.parent / "samples" / FILE


def _read_cursor(cursor: str | None) -> tuple[datetime, int] | None:
    if not cursor:
        return None
    try:
        place = json.loads(cursor)
        anchor, posts = datetime.fromisoformat(place["anchor"]), int(place["posts"])
    except (ValueError, KeyError, TypeError):
        return None
    return (anchor, posts) if anchor.tzinfo and posts >= 0 else None
