"""Mentions from Hacker News, found by Algolia's search in windows of time small enough to be whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sources.errors import Blocked, SourceError, Unreadable
from sources.http.endpoint import Endpoint
from sources.http.fetch import Fetcher, utc_now
from sources.http.json_answer import metrics, read_object
from sources.http.link import safe_link, shown
from sources.http.loosejson import Json
from sources.marks import read_marks, write_marks
from sources.mention import Author, Mention, Thread
from sources.moments import moment
from sources.protocols import Batch, Check, Gap, Health, Verification
from sources.text import clean_line, html_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sources.hackernews.settings import HackerNewsSettings

SEARCH = "https://hn.algolia.com"
ITEMS = "https://hacker-news.firebaseio.com"
PAGE = "https://news.ycombinator.com/item?id="
MOST_HITS = 1_000  # the search shows no more of a window, whatever page is asked for
MOST_PARTS = 64
OVERLAP = timedelta(hours=2)  # so long may a comment be edited, and the index lag behind
AHEAD = timedelta(hours=1)  # our clock may be behind the platform's
TAGS = {"story": "story,poll", "comment": "comment"}


@dataclass(frozen=True, slots=True)
class Window:
    """From second `start` to before second `end`."""

    start: int
    end: int

    def cut(self, parts: int) -> list[Window]:
        """Cut it into about so many parts of a second or more, the earliest first."""
        step = max(1, -(-(self.end - self.start) // parts))
        starts = range(self.start, self.end, step)
        return [Window(start, min(start + step, self.end)) for start in starts]


class HackerNewsSource:
    """Searches stories and comments by date, each query for itself.

    A window with more than 1,000 posts is cut until every part is whole; parts come oldest first
    and the mark of a query is its newest post, so that a stalled index loses nothing. The last two
    hours are read again at every visit for edits and for what came late; who edits later is not
    seen. `now` is the clock, `most_hits` the platform's limit for a window.
    """

    kind = "hackernews"

    def __init__(
        self,
        settings: HackerNewsSettings,
        now: Callable[[], datetime] = utc_now,
        most_hits: int = MOST_HITS,
    ) -> None:
        """Nothing is asked before `collect`, `check` or `verify`."""
        self.name = settings.name
        self._settings = settings
        self._now = now
        self._most_hits = most_hits

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new since `cursor`, or for the time of `history` without it.

        Raises the errors of the fetcher, and Unreadable for what is no search result.
        """
        marks = _read(cursor)
        now = self._now()
        begin = int((now - self._settings.history).timestamp())
        end = int((now + AHEAD).timestamp())
        marks = {query: marks.get(query, begin) for query in self._settings.search}
        with self._fetcher() as fetcher:
            for query, mark in marks.items():
                start = mark - int(OVERLAP.total_seconds())
                whole = Window(start, max(end, mark + 1))
                for batch, newest in self._windows(fetcher, query, whole, mark):
                    marks[query] = max(newest, marks[query])
                    yield replace(batch, cursor=write_marks(marks))

    def check(self) -> Check:
        """Search the last 30 days once for every query; say how much there is."""
        end = self._now() + AHEAD
        window = Window(int((end - timedelta(days=30)).timestamp()), int(end.timestamp()))
        try:
            with self._fetcher() as fetcher:
                found = [
                    f"{query}: {self._ask(fetcher, query, window, 1)[1]:,}"
                    for query in self._settings.search
                ]
        except Blocked as error:
            return Check(False, str(error), error.to_mend("base_url"))
        except SourceError as error:
            return Check(False, str(error), "base_url")
        return Check(True, f"posts of the last 30 days: {'; '.join(found)}")

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification]:
        """Look every item up; deleted by its author or killed by the site counts as deleted.

        An item the site does not know is unknown. Raises the errors of the fetcher.
        """
        found = dict.fromkeys(ids, Verification.UNKNOWN)
        with self._fetcher() as fetcher:
            site = Endpoint(fetcher, self._settings.base_url or ITEMS)
            for one in found:
                if one.isascii() and one.isdigit():
                    answer = site.ask(f"v0/item/{one}.json")
                    if answer.body.strip() == b"null":
                        continue
                    item = Json(read_object(answer))
                    if item.flag("deleted") or item.flag("dead"):
                        found[one] = Verification.DELETED
                    elif item.name("id") == one:
                        found[one] = Verification.PRESENT
        return found

    def reply_link(self, mention: Mention) -> str:
        """Return the page of the item, where a person can answer."""
        return mention.url

    def _fetcher(self) -> Fetcher:
        return Fetcher(allow_private=self._settings.allow_private, now=self._now)

    def _windows(
        self, fetcher: Fetcher, query: str, whole: Window, mark: int
    ) -> Iterator[tuple[Batch, int]]:
        """Read a window in parts that are whole, oldest first, each with its newest second."""
        waiting = [whole]
        while waiting:
            window = waiting.pop()
            hits, count = self._ask(fetcher, query, window, self._most_hits)
            more = count > len(hits) or len(hits) >= self._most_hits
            if more and window.end - window.start > 1:
                parts = min(max(2, 2 * count // self._most_hits), MOST_PARTS)
                waiting += reversed(window.cut(parts))
                continue
            batch, newest = _batch(hits, mark)
            if more and count > len(hits):
                batch = _with_gap(batch, window, count - len(hits))
            if hits or not waiting:
                yield batch, newest

    def _ask(
        self, fetcher: Fetcher, query: str, window: Window, hits: int
    ) -> tuple[list[Json], int]:
        """Return the posts of a window, at most `hits`, and how many there are."""
        search = Endpoint(fetcher, self._settings.base_url or SEARCH)
        tags = ",".join(TAGS[kind] for kind in dict.fromkeys(self._settings.kinds))
        response = search.ask(
            "api/v1/search_by_date",
            {
                "query": query,
                "tags": f"({tags})",
                "numericFilters": f"created_at_i>={window.start},created_at_i<{window.end}",
                "hitsPerPage": hits,
                "advancedSyntax": "true",
                "typoTolerance": "false",
            },
        )
        answer = Json(read_object(response))
        count = answer.whole("nbHits")
        if count is None or not answer.is_list("hits"):
            raise Unreadable(f"{shown(response.url)} answered without `hits` and `nbHits`")
        return list(answer.each("hits")), count


def _batch(hits: Sequence[Json], mark: int) -> tuple[Batch, int]:
    mentions: dict[str, Mention] = {}
    rejected = []
    newest = 0
    for hit in hits:
        name, created = hit.name("objectID"), _created(hit)
        if not (name.isascii() and name.isdigit()) or created is None:
            rejected.append(f"a post has no usable id or date: {name[:40]!r}")
            continue
        newest = max(newest, int(created.timestamp()))
        mention = _mention(hit, name, created)
        if mention is not None:
            mentions[name] = mention
    found = sorted(mentions.values(), key=lambda mention: mention.created_at)
    calm = Health.HEALTHY if newest > mark else Health.QUIET
    batch = Batch(
        mentions=found,
        health=Health.DEGRADED if rejected else calm,
        note=f"{len(rejected)} posts could not be read" if rejected else "",
        rejected=rejected,
    )
    return batch, newest


def _mention(hit: Json, name: str, created: datetime) -> Mention | None:
    """Make a mention of a hit; None when there are no words."""
    is_comment = bool(hit.text("comment_text"))
    title = "" if is_comment else clean_line(hit.text("title"))
    text = html_text(hit.text("comment_text") or hit.text("story_text"))
    if not text and not is_comment:
        text = safe_link(hit.text("url"))
    if not text and not title:
        return None
    author = clean_line(hit.text("author"))
    return Mention(
        kind=HackerNewsSource.kind,
        external_id=name,
        text=text,
        title=title,
        created_at=created,
        author=Author(id=author, handle=author, name=author),
        url=f"{PAGE}{name}",
        thread=Thread(hit.name("story_id"), hit.name("parent_id")) if is_comment else Thread(),
        metrics=metrics(points=hit.whole("points"), replies=hit.whole("num_comments")),
    )


def _created(hit: Json) -> datetime | None:
    seconds = hit.whole("created_at_i")
    return moment(seconds if seconds is not None else hit.text("created_at"))


def _with_gap(batch: Batch, window: Window, count: int) -> Batch:
    start, end = (datetime.fromtimestamp(second, UTC) for second in (window.start, window.end))
    gap = Gap(f"the search does not show {count:,} more posts of one second", start, end)
    return replace(batch, gap=gap, health=Health.DEGRADED, note=gap.reason)


def _read(cursor: str | None) -> dict[str, int]:
    """Read the marks of a cursor, seconds since 1970; what is none of ours is the beginning."""
    marks = {query: Json(mark).whole() for query, mark in read_marks(cursor).items()}
    return {query: mark for query, mark in marks.items() if mark is not None}
