"""Mentions from YouTube: comments under videos and on everything a channel has published."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from sources.errors import Blocked, CredentialsRejected, RateLimited, SourceError
from sources.http.fetch import Fetcher
from sources.http.json_answer import Fields, fields, identity, listed, read_object
from sources.http.visitor import Visitor
from sources.protocols import Batch, Check, Verification
from sources.walks.descent import Reach
from sources.walks.listing import Look, Page
from sources.walks.tour import tour
from sources.youtube.comment import KIND, read_threads, single_comment
from sources.youtube.settings import YouTubeSettings

if TYPE_CHECKING:
    from sources.mention import Mention

FORMAT = 1
HOME = "https://www.googleapis.com"
PAGE = 100
IDS_A_CALL = 50
PACIFIC = timedelta(hours=-8)  # quota begins anew at midnight there; in summer an hour before this
_SAID_IN_THE_BODY = (400, 401, 403, 404)


@dataclass(slots=True)
class _Units:
    """How many units of quota were used on one day, and when the next begins."""

    most: int
    now: Callable[[], datetime]
    day: str = ""
    used: int = 0

    def take(self) -> None:
        """Count one unit; raises RateLimited when none is left today."""
        today = (self.now() + PACIFIC).date().isoformat()
        if self.day != today:
            self.day, self.used = today, 0
        if self.used >= self.most:
            raise RateLimited(f"units_per_day ({self.most:,}) are used up", self.resets())
        self.used += 1

    def resets(self) -> datetime:
        """Return when a new day of quota begins."""
        today = (self.now().astimezone(UTC) + PACIFIC).date()
        return datetime.combine(today + timedelta(days=1), time(), UTC) - PACIFIC


class YouTubeSource(Visitor[YouTubeSettings]):
    """Reads comments through the YouTube Data API, newest first, down to what was read before.

    Each page of a hundred threads costs one unit of quota; the units used are counted in the
    cursor, and when they are used up the source waits for the next day. Answers come with the
    comment they answer, the newest five of each. `now` is the clock; `fetcher` makes the fetcher of
    one visit.
    """

    kind = KIND
    ids_a_request = IDS_A_CALL

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new since `cursor`; a video that fails does not hold up the others."""
        units, inner = self._read(cursor)
        reach = Reach(self._settings.history)
        with self._fetcher() as fetcher:
            looks = self._looks(fetcher, units)
            for batch in tour(self.kind, inner, looks, self._now(), reach=reach):
                yield replace(batch, cursor=_write(units, batch.cursor or ""))

    def check(self) -> Check:
        """Ask for the first page of every video and channel, and say which setting to mend."""
        setting = "api_key"
        found = 0
        try:
            with self._fetcher() as fetcher:
                for name, look in self._looks(fetcher, self._units()).items():
                    setting = name.partition(":")[0]
                    found += len(look("").items)
        except Blocked as error:
            return Check(False, str(error), error.to_mend("base_url"))
        except SourceError as error:
            wrong_key = isinstance(error, CredentialsRejected | RateLimited)
            return Check(False, str(error), "api_key" if wrong_key else setting)
        return Check(True, f"{found} comments on first pages")

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification | Mention]:
        """Look comments up, fifty a call; what YouTube leaves out of a whole answer is deleted."""
        found: dict[str, Verification | Mention] = dict.fromkeys(ids, Verification.UNKNOWN)
        names = list(found)
        with self._fetcher() as fetcher:
            for start in range(0, len(names), IDS_A_CALL):
                asked = names[start : start + IDS_A_CALL]
                named = quote(",".join(asked), safe=",.")
                address = f"{self._base()}/comments?part=snippet&textFormat=plainText&id={named}"
                answer = read_object(fetcher.get(address, headers=self._key()))
                there = [fields(one) for one in listed(answer, "items", self._base())]
                found.update(dict.fromkeys(asked, Verification.DELETED))
                found.update({identity(one, "id"): _said(one) for one in there})
        return found

    def reply_link(self, mention: Mention) -> str:
        """Return the video with the comment on top, where a person can answer."""
        return mention.url

    def _base(self) -> str:
        return f"{self._settings.base_url or HOME}/youtube/v3"

    def _key(self) -> Mapping[str, str]:
        """The key goes into a header: addresses end up in logs."""
        return {"x-goog-api-key": self._settings.api_key.get_secret_value()}

    def _units(self) -> _Units:
        return _Units(self._settings.units_per_day, self._now)

    def _looks(self, fetcher: Fetcher, units: _Units) -> dict[str, Look]:
        videos = {f"videos:{one}": f"videoId={one}" for one in self._settings.videos}
        channels = {
            f"channels:{one}": f"allThreadsRelatedToChannelId={one}"
            for one in self._settings.channels
        }
        return {
            name: partial(self._page, fetcher, units, which)
            for name, which in (videos | channels).items()
        }

    def _page(self, fetcher: Fetcher, units: _Units, which: str, after: str) -> Page:
        units.take()
        asked = f"part=snippet,replies&order=time&textFormat=plainText&maxResults={PAGE}&{which}"
        token = f"&pageToken={quote(after, safe='')}" if after else ""
        address = f"{self._base()}/commentThreads?{asked}{token}"
        response = fetcher.get(address, headers=self._key(), accept=_SAID_IN_THE_BODY)
        return read_threads(response, units.resets())

    def _read(self, cursor: str | None) -> tuple[_Units, str | None]:
        """Read the cursor: the units used, and the place in every listing."""
        units = self._units()
        try:
            data = json.loads(cursor or "")
            if data["format"] != FORMAT:
                return units, None
            units.day, units.used = str(data["day"]), max(int(data["used"]), 0)
            return units, str(data["tour"])
        except (ValueError, TypeError, KeyError):
            return units, None


def _write(units: _Units, inner: str) -> str:
    data = {"format": FORMAT, "day": units.day, "used": units.used, "tour": inner}
    return json.dumps(data, separators=(",", ":"))


def _said(comment: Fields) -> Verification | Mention:
    """What a comment says now; that it is there when its words cannot be read."""
    return single_comment(comment) or Verification.PRESENT
