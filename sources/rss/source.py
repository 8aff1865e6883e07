"""Mentions from feeds: RSS, Atom and JSON Feed, fetched politely and read with suspicion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from sources.errors import Blocked, RateLimited, SourceError, Transient, Unreadable
from sources.feeds.feed import read_feed
from sources.feeds.identity import FeedIdentity
from sources.feeds.websub import offered
from sources.http.fetch import Fetcher, Response, utc_now
from sources.http.link import host_of, shown
from sources.http.visitor import Visitor
from sources.mention import NOTHING, Author, Mention, Thread
from sources.protocols import Batch, Check, Gap, Health
from sources.rss.archive import MOST_TRIES, Archive
from sources.rss.settings import RssSettings
from sources.walks.bookmark import MOST_SEEN, Bookmark, fingerprint, validator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sources.feeds.entry import Entry, Feed
    from sources.feeds.websub import Offer

MENTIONS_A_BATCH = 200
MOST_REJECTED_NAMED = 100
_TURNED_OVER = "the newest entries of the last visit are gone from the feed: some may be missed"


class RssSource(Visitor[RssSettings]):
    """Reads one feed: RSS 0.9 to 2.0, RDF, Atom, JSON Feed.

    Yields entries that are new or whose words have changed, oldest first, at most 200 a batch. The
    cursor moves with the last batch only, so a run that dies in between repeats and never skips.
    Whatever is not a whole feed is an error or `degraded`, never "no news". `now` is the clock;
    `fetcher` makes the fetcher of one visit. `offer` is who pushes the feed, as the last `collect`
    or `check` found it; None when it could not tell (nothing had changed, or it failed).
    """

    kind = "rss"

    def __init__(
        self,
        settings: RssSettings,
        now: Callable[[], datetime] = utc_now,
        fetcher: Callable[[], Fetcher] | None = None,
    ) -> None:
        """Nothing is fetched before `collect` or `check`."""
        super().__init__(settings, now, fetcher)
        self._identity = FeedIdentity(settings.url)
        self.offer: Offer | None = None
        self._hub_wanted = False

    def want_hub(self) -> None:
        """Let the next `collect` fill `offer`: the whole feed is asked for unless it has no hub."""
        self._hub_wanted = True

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new in the feed since `cursor`; one `quiet` batch when nothing is.

        Raises Unreadable for what is no feed, and the errors of the fetcher, naming the address.
        """
        before = Bookmark.read(cursor, self._settings.url)
        response, feed = self._visit(before)
        if feed is None:
            yield Batch(health=Health.QUIET, note="not modified (304)")
        else:
            self.offer = offered(response.headers, feed, response.url)
            findings = self._findings(before, feed)
            after = self._after(before, response, findings)
            if findings.missed and feed.older and findings.gap and findings.gap.start:
                after = after.owing(findings.gap.start, findings.gap.end or self._now())
            yield from _batches(findings, after)
            if feed.older and after.owed_from and after.tries < MOST_TRIES:
                yield from self._filled(feed.older, after)

    def pushed(self, body: bytes, content_type: str, found_at: str) -> Batch:
        """Read what a hub has pushed as the feed itself is read: same ids, so a visit adds nothing.

        `found_at` is where the feed was found. The batch moves no cursor and reports no gap: what a
        hub left out is seen by the next visit, which compares with the last one. Raises Unreadable.
        """
        feed = _feed(body, content_type, found_at)
        found = self._findings(Bookmark.read(None, self._settings.url), feed)
        return Batch(mentions=found.new, note=found.note, rejected=found.rejected)

    def check(self) -> Check:
        """Fetch the feed once and say what is there, or which setting to mend."""
        try:
            with self._fetcher() as fetcher:
                response, feed = self._look(fetcher, self._address())
        except Blocked as error:
            return Check(False, str(error), error.to_mend("url"))
        except SourceError as error:
            return Check(False, str(error), "url")
        title = f"{feed.title!r}, " if feed.title else ""
        trouble = f"; {feed.note}" if feed.note else ""
        moved = response.permanent_url
        advice = f"; it has moved for good to {shown(moved)}" if moved != self._address() else ""
        ok = not (feed.truncated or feed.rejected)
        self.offer = offered(response.headers, feed, response.url)
        hub = f"; {host_of(self.offer.hub)} offers to push it" if self.offer.hub else ""
        found = f"{title}{len(feed.entries)} entries{trouble}{advice}{hub}"
        return Check(ok, found, "" if ok else "url")

    def reply_link(self, mention: Mention) -> str:
        """Return the page of the entry, where a person can answer; empty when the feed has none."""
        return mention.url

    def _address(self) -> str:
        """Where to ask: the address of the feed, with its host replaced when `base_url` is set."""
        return self._through(self._settings.url)

    def _through(self, url: str) -> str:
        """The address to ask for `url`; only what is on the host of the feed is at `base_url` too."""
        if not self._settings.base_url or host_of(url) != host_of(self._settings.url):
            return url
        base, parts = urlsplit(self._settings.base_url), urlsplit(url)
        path = base.path.rstrip("/") + parts.path
        return urlunsplit((base.scheme, base.netloc, path, parts.query, ""))

    def _visit(self, before: Bookmark) -> tuple[Response, Feed | None]:
        """Fetch and read the feed where it has moved to; if that fails, where it was.

        None instead of a feed means that nothing has changed since `before`.
        """
        looking = self._hub_wanted and not before.hubless
        looking |= bool(before.owed_from) and before.tries < MOST_TRIES
        asking = before.may_ask_conditionally(self._now()) and not looking
        etag, modified = (before.etag, before.modified) if asking else ("", "")
        with self._fetcher() as fetcher:
            if before.moved:
                try:
                    return self._look_again(fetcher, before.moved, etag, modified)
                except RateLimited:
                    raise
                except SourceError:
                    return self._look(fetcher, self._address())
            return self._look_again(fetcher, self._address(), etag, modified)

    def _look_again(
        self, fetcher: Fetcher, address: str, etag: str, modified: str
    ) -> tuple[Response, Feed | None]:
        response = fetcher.get(address, etag=etag, last_modified=modified)
        if response.not_modified and (etag or modified):
            return response, None
        return response, _read(response)

    def _look(self, fetcher: Fetcher, address: str) -> tuple[Response, Feed]:
        response = fetcher.get(address)
        return response, _read(response)

    def _filled(self, older: str, after: Bookmark) -> Iterator[Batch]:
        """Look for what was missed on the feed's older pages."""
        with self._fetcher() as fetcher:
            archive = Archive(
                lambda address: self._look(fetcher, self._through(address))[1], self._mention
            )
            yield from archive.filled(older, after)

    def _findings(self, before: Bookmark, feed: Feed) -> _Findings:
        """Compare what the feed holds now with what it held before."""
        now = self._now()
        latest: dict[str, Mention] = {}
        dates: list[datetime] = []
        top = _Top()
        rejected = list(feed.rejected)
        future = 0
        for entry in reversed(feed.entries):  # feeds list the newest first; of two alike it counts
            if not entry.text and not entry.title:
                rejected.append(f"entry {entry.place} has neither title nor text")
                continue
            moment = entry.published or min(feed.updated or now, now)
            future += moment > now
            mention = self._mention(entry, min(moment, now))
            latest[mention.external_id] = mention
            if entry.published and entry.published <= now:
                dates.append(mention.created_at)
            top = top.or_later(mention.external_id, entry.published, now)
        if len(rejected) > MOST_REJECTED_NAMED:
            rejected[MOST_REJECTED_NAMED:] = [f"and {len(rejected) - MOST_REJECTED_NAMED} more"]
        contents = {name: _content_of(mention) for name, mention in latest.items()}
        seen = {fingerprint(name): content for name, content in contents.items()}
        new = [
            mention
            for name, mention in latest.items()
            if before.seen.get(fingerprint(name)) != contents[name]
        ]
        new.sort(key=lambda mention: mention.created_at)
        notes = [feed.note] if feed.note else []
        if future:
            notes.append(f"dates in the future, read as now: {future}")
        found = _Findings(new, seen, dates, rejected, top)
        return _judged(found, before, feed, notes, now)

    def _mention(self, entry: Entry, moment: datetime) -> Mention:
        handle = entry.author_link or (
            f"{self._identity.host}/{entry.author}" if entry.author else ""
        )
        parent = self._identity.scoped(entry.parent) if entry.parent else ""
        return Mention(
            kind=self.kind,
            external_id=self._identity.external_id(entry),
            text=entry.text,
            title=entry.title,
            created_at=moment,
            author=Author(id=handle, name=entry.author),
            url=entry.link,
            lang=entry.language,
            thread=Thread(parent=parent),
            metrics=NOTHING if entry.replies is None else {"replies": float(entry.replies)},
        )

    def _after(self, before: Bookmark, response: Response, found: _Findings) -> Bookmark:
        """Return the next bookmark; only a whole answer may be asked about conditionally."""
        moved = "" if response.permanent_url == self._address() else response.permanent_url
        newest = max((moment.isoformat() for moment in found.dates), default=before.newest)
        seen = found.seen if found.whole else {**before.seen, **found.seen}
        return replace(
            before,
            moved=moved if not self._settings.base_url else "",
            etag=validator(response.headers.get("etag", "")) if found.whole else "",
            modified=validator(response.headers.get("last-modified", "")) if found.whole else "",
            full=self._now().isoformat() if found.whole else before.full,
            count=len(found.seen) if found.whole else before.count,
            newest=max(newest, before.newest),
            top=_top_after(before, found),
            hubless=not (self.offer and self.offer.hub) if found.whole else before.hubless,
            seen=dict(list(seen.items())[-MOST_SEEN:]),
        )


def _batches(findings: _Findings, after: Bookmark) -> Iterator[Batch]:
    """Turn what was found into batches; what was wrong goes with all, the cursor with the last."""
    new = findings.new
    starts = range(0, max(len(new), 1), MENTIONS_A_BATCH)
    for start in starts:
        page = new[start : start + MENTIONS_A_BATCH]
        last = start == starts[-1]
        yield Batch(
            mentions=page,
            cursor=after.write() if last else None,
            gap=findings.gap if last else None,
            health=findings.health,
            note=findings.note,
            rejected=findings.rejected if last else (),
            done=start + len(page),
            total=len(new),
        )


def _read(response: Response) -> Feed:
    """Read what came; Unreadable names where it came from."""
    if response.not_modified:
        where = shown(response.url)
        raise Unreadable(f"{where} says 'not modified' without having been asked")
    return _feed(response.body, response.headers.get("content-type", ""), response.url)


def _feed(body: bytes, content_type: str, url: str) -> Feed:
    try:
        return read_feed(body, content_type, url)
    except (Unreadable, Transient) as error:
        raise type(error)(f"{shown(url)}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Top:
    """The newest entry of a feed by its date; without any date the uppermost one."""

    name: str = ""
    at: datetime | None = None

    def or_later(self, name: str, published: datetime | None, now: datetime) -> _Top:
        """Return the newer of this and another entry that stands above it.

        A date in the future says nothing of an entry's age: an announced event stays for weeks.
        """
        at = published if published is not None and published <= now else None
        if at is None and self.at is not None:
            return self
        return self if at is not None and self.at is not None and at < self.at else _Top(name, at)


@dataclass(frozen=True, slots=True)
class _Findings:
    """What one visit brought, and how well the source could see."""

    new: Sequence[Mention]
    seen: dict[str, str]
    dates: Sequence[datetime]  # in the reverse order of the feed
    rejected: Sequence[str]
    top: _Top
    health: Health = Health.HEALTHY
    note: str = ""
    gap: Gap | None = None
    whole: bool = True
    missed: bool = False


def _judged(
    found: _Findings, before: Bookmark, feed: Feed, notes: list[str], now: datetime
) -> _Findings:
    """Say how well the source could see: whole, cut off, or with entries missed in between."""
    gap = None
    whole = True
    lost = before.count > 0 and not _in_touch(found, before)
    if feed.truncated:
        whole = False
        gap = _cut_off(found, before, now)
    elif feed.rejected:
        whole = False
        reason = f"{len(feed.rejected)} entries of the feed could not be read"
        gap = Gap(reason, before.newest_moment(), now)
    elif lost and not found.seen:
        whole = False
        held = "1 entry" if before.count == 1 else f"{before.count} entries"
        notes.append(f"the feed is empty; it held {held} before")
    elif lost:
        gap = _missed(_TURNED_OVER, found, before, now)
        notes.append(gap.reason)
    degraded = gap is not None or not whole
    calm = Health.HEALTHY if found.new else Health.QUIET
    return replace(
        found,
        health=Health.DEGRADED if degraded else calm,
        note="; ".join(notes),
        gap=gap,
        whole=whole,
        missed=gap is not None and gap.reason == _TURNED_OVER,
    )


def _top_after(before: Bookmark, found: _Findings) -> str:
    """Remember the newest entry; what is left of a feed that was cut off may not hold it."""
    newest, top = before.newest_moment(), found.top
    older = newest is not None and (top.at is None or top.at < newest)
    return before.top if not top.name or (older and not found.whole) else fingerprint(top.name)


def _in_touch(found: _Findings, before: Bookmark) -> bool:
    """Whether nothing can have passed between this visit and the last.

    A feed drops its oldest entries first, so what came after one that is still there is there too.
    That does not hold of an entry that is pinned; so it takes the newest one of the last visit, or,
    if that was withdrawn, more than half of what the feed held then.
    """
    kept = before.seen.keys() & found.seen.keys()
    if before.top:
        return before.top in kept or 2 * len(kept) > len(before.seen)
    return bool(kept)  # bookmarks of earlier versions do not know their newest entry


def _cut_off(found: _Findings, before: Bookmark, now: datetime) -> Gap | None:
    """Say what the missing end of a feed may hide.

    Nothing new, when the newest entries come first and go down to what was seen before.
    """
    reason = "the feed was cut off"
    newest_first = bool(found.dates) and found.dates[0] < found.dates[-1]
    if not newest_first:
        return Gap(reason, before.newest_moment(), now)
    return None if _in_touch(found, before) else _missed(reason, found, before, now)


def _missed(reason: str, found: _Findings, before: Bookmark, now: datetime) -> Gap:
    """From the newest entry of the last visit to the oldest one that came after it."""
    start = before.newest_moment()
    later = [one.created_at for one in found.new if start is None or one.created_at > start]
    return Gap(reason, start, min(later, default=now))


def _content_of(mention: Mention) -> str:
    """Fingerprint everything of a mention that a reader would call an edit."""
    words = "\x1f".join((mention.title, mention.text, mention.url, mention.author.name))
    return fingerprint(words)
