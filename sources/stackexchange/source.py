"""Mentions from Stack Exchange: questions by words and tags, in the order they were last touched."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sources.errors import Blocked, CredentialsRejected, RateLimited, SourceError, Transient
from sources.http.endpoint import Endpoint, Parameters
from sources.http.json_answer import Fields, whole
from sources.http.visitor import Visitor
from sources.mention import Mention
from sources.moments import EPOCH
from sources.protocols import Batch, Check, Health, Verification
from sources.stackexchange.answer import (
    ERROR_STATUSES,
    KIND,
    Answered,
    question,
    read_answer,
)
from sources.stackexchange.settings import StackExchangeSettings
from sources.walks.bookmark import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


HOME = "https://api.stackexchange.com"
MOST_A_PAGE = 100
PAGES_A_RUN = 20
OVERLAP = timedelta(minutes=30)  # the search index follows with a delay
MOST_SEEN = 1_000
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far the questions have been read: up to the activity of second `since`.

    `until` is before when nothing may be asked, in seconds since 1970; `seen` maps fingerprints of
    ids to those of words for what was read last, newest last.
    """

    about: str
    since: int = 0
    until: int = 0
    seen: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str | None, about: str) -> Bookmark:
        """Read a cursor; one that is missing, foreign or about other settings starts afresh."""
        fresh = cls(fingerprint(about, 9))
        try:
            data = json.loads(cursor or "")
            if data.pop("format") != FORMAT:
                return fresh
            found = cls(**data)
            sound = isinstance(found.since + found.until, int) and all(
                isinstance(words, str) for words in found.seen.values()
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return fresh
        return found if sound and found.about == fresh.about else fresh

    def write(self) -> str:
        """Write the cursor: compact JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, separators=(",", ":"))


class StackExchangeSource(Visitor[StackExchangeSettings]):
    """Reads questions of one site, oldest activity first; no key needed, 300 requests a day without.

    Asking upwards from the last activity that was read loses nothing: a question that is edited or
    answered meanwhile moves ahead, never behind. The platform's `backoff` and daily quota are kept:
    they raise RateLimited. `now` is the clock; `fetcher` makes the fetcher of one visit.
    """

    kind = KIND
    ids_a_request = MOST_A_PAGE

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield questions that are new or edited since `cursor`, a page a batch."""
        own = self._settings
        about = f"{own.site}\n{own.query}\n{';'.join(own.tags)}"
        place = Bookmark.read(cursor, about)
        self._keep_patience(place)
        now = self._now()
        start = place.since - int(OVERLAP.total_seconds())
        low = start if place.since else int((now - own.history).timestamp())
        number, news = 1, 0
        with self._fetcher() as fetcher:
            endpoint = Endpoint(fetcher, own.base_url or HOME)
            for turn in range(1, PAGES_A_RUN + 1):
                answered = self._ask(endpoint, {"min": low, "page": number})
                batch, place, newest = self._batch(place, answered, now)
                news += len(batch.mentions)
                more = answered.more and bool(answered.items)
                calm = not news and not more and batch.health is Health.HEALTHY
                health = Health.QUIET if calm else batch.health
                yield replace(batch, cursor=place.write(), health=health)
                if not more or turn == PAGES_A_RUN:
                    return
                self._keep_patience(place)
                # A page full of one second is turned; any other moves the lower end up.
                low, number = (newest, 1) if newest > low else (low, number + 1)

    def check(self) -> Check:
        """Ask for one question and say how much of the day's quota is left."""
        own = self._settings
        try:
            with self._fetcher() as fetcher:
                answered = self._ask(Endpoint(fetcher, own.base_url or HOME), {"pagesize": 1})
        except CredentialsRejected as error:
            return Check(False, str(error), "key")
        except Blocked as error:
            return Check(False, str(error), error.to_mend("base_url"))
        except Transient as error:
            return Check(False, str(error), "base_url")
        except SourceError as error:
            return Check(False, str(error), "site" if "`site`" in str(error) else "query")
        left = "" if answered.quota is None else f"; {answered.quota} requests left today"
        found = "questions are found" if answered.items else "no question is found so far"
        return Check(True, f"{own.site}: {found}{left}")

    def reply_link(self, mention: Mention) -> str:
        """Return the page of the question, where a person with an account there answers."""
        return mention.url

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification | Mention]:
        """Look questions up, a hundred a request; what a whole answer leaves out is deleted."""
        prefix = f"{self._settings.site}/q/"
        own = {name: name.removeprefix(prefix) for name in ids if name.startswith(prefix)}
        numbers = {name: int(tail) for name, tail in own.items() if _is_number(tail)}
        became: dict[str, Verification | Mention] = dict.fromkeys(ids, Verification.UNKNOWN)
        wanted = list(numbers.items())
        with self._fetcher() as fetcher:
            endpoint = Endpoint(fetcher, self._settings.base_url or HOME)
            for start in range(0, len(wanted), MOST_A_PAGE):
                page = wanted[start : start + MOST_A_PAGE]
                answered = self._look_up(endpoint, [number for _, number in page])
                found = {whole(item, "question_id"): item for item in answered.items}
                for name, number in page:
                    became[name] = Verification.DELETED
                    if number in found:
                        said = question(found[number], self._settings.site)
                        became[name] = said or Verification.PRESENT
                if answered.until is not None and start + MOST_A_PAGE < len(wanted):
                    break
        return became

    def _ask(self, endpoint: Endpoint, place: Parameters) -> Answered:
        own = self._settings
        looking: Parameters = {
            "site": own.site,
            "sort": "activity",
            "order": "asc" if "min" in place else "desc",
            "filter": "withbody",
            "pagesize": MOST_A_PAGE,
            "q": own.query.strip(),
            "tagged": ";".join(own.tags),
            **self._key(),
            **place,
        }
        single = not own.query.strip() and len(own.tags) == 1
        path = "2.3/questions" if single else "2.3/search/advanced"
        return read_answer(endpoint.ask(path, looking, ERROR_STATUSES), self._now())

    def _look_up(self, endpoint: Endpoint, numbers: Sequence[int]) -> Answered:
        path = f"2.3/questions/{';'.join(map(str, numbers))}"
        asking: Parameters = {
            "site": self._settings.site,
            "filter": "withbody",
            "pagesize": MOST_A_PAGE,
            **self._key(),
        }
        return read_answer(endpoint.ask(path, asking, ERROR_STATUSES), self._now())

    def _key(self) -> dict[str, str]:
        key = self._settings.key
        return {"key": key.get_secret_value()} if key else {}

    def _keep_patience(self, place: Bookmark) -> None:
        until = EPOCH + timedelta(seconds=place.until)
        if self._now() < until:
            raise RateLimited(f"{HOME} asked to be left alone until {until:%H:%M:%S} UTC", until)

    def _batch(
        self, place: Bookmark, answered: Answered, now: datetime
    ) -> tuple[Batch, Bookmark, int]:
        """Take from a page what is new or edited; returns the newest activity on it too.

        That is where the next page begins. Not at the mark: more than a page may have come below it,
        late.
        """
        mentions: dict[str, Mention] = {}
        rejected = []
        newest = 0
        seen = dict(place.seen)
        for turn, item in enumerate(answered.items, 1):
            newest = max(newest, _activity(item, now))
            mention = question(item, self._settings.site)
            if mention is None:
                rejected.append(f"question {turn} of a page has no id, no date or no words")
                continue
            name = fingerprint(mention.external_id)
            words = fingerprint(mention.full_text, 3)
            if seen.pop(name, "") != words:
                mentions[mention.external_id] = replace(
                    mention, created_at=min(mention.created_at, now)
                )
            seen[name] = words
        until = int(answered.until.timestamp()) + 1 if answered.until else 0
        place = replace(
            place,
            since=max(newest, place.since),
            until=until,
            seen=dict(list(seen.items())[-MOST_SEEN:]),
        )
        note = f"{len(rejected)} questions could not be read" if rejected else ""
        batch = Batch(
            mentions=list(mentions.values()),
            rejected=rejected,
            health=Health.DEGRADED if rejected else Health.HEALTHY,
            note=note,
        )
        return batch, place, newest


def _activity(item: Fields, now: datetime) -> int:
    """Return when a question was last touched; never in the future, 0 when unknown."""
    moment = whole(item, "last_activity_date") or whole(item, "creation_date") or 0
    return min(max(moment, 0), int(now.astimezone(UTC).timestamp()))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 15
