"""Verify: look stored posts up again at their platform, so that what was deleted there goes here too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import structlog

from listener.stages.asking import ids_a_request
from listener.stages.backoff import retry_at
from listener.stages.bounds import midnight, never
from listener.store.protocol import Store
from listener.store.verification import Due, LookedUp
from sources.errors import SourceError
from sources.mention import Mention
from sources.protocols import CanVerify, Source, Verification

log = structlog.get_logger(__name__)

REQUESTS_A_RUN = 10
SHARE = 4  # at most one in so many of a day's budget; the rest is for what is new


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of looking up one source's posts; `error` ended it before all that were due."""

    source: str
    asked: int = 0
    deleted: int = 0
    edited: int = 0
    unknown: int = 0
    requests: int = 0
    error: SourceError | None = None


@dataclass(frozen=True, slots=True)
class _Rest:
    """How long a source is not asked after failing so often."""

    failures: int
    pause: timedelta
    until: datetime


class Verify:
    """Looks posts up at certain ages (since they were first seen), each post once at each age.

    *Deleted* erases as a tombstone does; a changed text is an edit; *unknown*, and a source that
    fails, change nothing. At most ten requests a run, a quarter of the source's budget of the day, and
    no more than reading has left of it.
    The oldest age comes first: when there is more than can be asked, every post is asked for once.
    One thread; killed anywhere, it asks again for one request's posts at most.
    """

    def __init__(
        self, store: Store, ages: Sequence[timedelta], now: Callable[[], datetime]
    ) -> None:
        """Ask nobody yet; `ages` ascend."""
        self._store = store
        # Each age with the one after it, the last first.
        self._ages = list(pairwise([*ages, None]))[::-1]
        self._now = now
        self._rests: dict[str, _Rest] = {}

    def look(
        self,
        source: Source,
        posts_per_day: int | None = None,
        ending: Callable[[], bool] = never,
    ) -> Verified | None:
        """Look up what is due of a source that has just been collected from.

        None when there is nothing to do: the source can't, nothing is due, or it is left alone.
        Errors of the source end up in the result, those of the store are raised.
        """
        rest = self._rests.get(source.name)
        if not isinstance(source, CanVerify) or (rest and rest.until > self._now()):
            return None
        done = Verified(source.name)
        try:
            for due in self._due(source, posts_per_day, ending):
                done = self._ask(source, due, done)
                if done.requests >= REQUESTS_A_RUN or ending():
                    break
        except SourceError as error:
            self._leave_alone(source.name, error)
            return replace(done, requests=done.requests + 1, error=error)
        self._rests.pop(source.name, None)
        return done if done.asked else None

    def _due(
        self, source: Source, posts_per_day: int | None, ending: Callable[[], bool]
    ) -> Iterator[Due]:
        """What is due, a page at a time; a page is asked for when the one before it is written."""
        most = max(ids_a_request(source), REQUESTS_A_RUN)
        for age, later in self._ages:
            assert age is not None
            while True:
                limit = min(most, self._room(source.name, posts_per_day))
                if limit <= 0:
                    return
                due = self._store.to_verify(
                    source.name, source.kind, age, later, self._now(), limit
                )
                if due.ids:
                    yield due
                elif due.through > due.after and not ending():
                    self._store.verified(LookedUp(due, self._now()))
                else:
                    break

    def _room(self, name: str, posts_per_day: int | None) -> int:
        if posts_per_day is None:
            return 1 << 30
        at = self._now()
        looked_up, brought = (
            self._store.looked_up(name, at),
            self._store.brought(name, midnight(at)),
        )
        share = max(posts_per_day // SHARE, 1)
        return min(share - looked_up, posts_per_day - brought - looked_up)

    def _ask(self, source: CanVerify, due: Due, before: Verified) -> Verified:
        found = _answer(source, due)
        deleted = [id for id in due.ids if found.get(id) is Verification.DELETED]
        present = [now for id in due.ids if (now := self._now_says(due.kind, id, found.get(id)))]
        counted = self._store.verified(LookedUp(due, self._now(), deleted, present))
        known = sum(
            isinstance(one, Mention) or one is Verification.PRESENT for one in found.values()
        )
        return Verified(
            before.source,
            before.asked + len(due.ids),
            before.deleted + counted.erased,
            before.edited + counted.edited,
            before.unknown + len(due.ids) - len(deleted) - known,
            before.requests - (-len(due.ids) // ids_a_request(source)),
        )

    def _now_says(self, kind: str, id: str, said: Verification | Mention | None) -> Mention | None:
        """The stored mention with the words of now; who, when and where stay as first seen.

        A look-up may know less of a post than the list that it stood in.
        """
        if not isinstance(said, Mention) or (stored := self._store.mention(kind, id)) is None:
            return None
        title, before = said.title or stored.mention.title, stored.mention
        if (title, said.text) == (before.title, before.text):
            return None
        return replace(before, title=title, text=said.text)

    def _leave_alone(self, name: str, error: SourceError) -> None:
        before = self._rests.get(name) or _Rest(0, timedelta(), self._now())
        failures, at = before.failures + 1, self._now()
        until = retry_at(error, name, failures, before.pause, at)
        self._rests[name] = _Rest(failures, until - at, until)
        log.warning("posts could not be looked up again", source=name, error=str(error))


def _answer(source: CanVerify, due: Due) -> Mapping[str, Verification | Mention]:
    """What the source says of them; its own code's trouble is a SourceError too."""
    try:
        found = source.verify(due.ids)
    except SourceError:
        raise
    except Exception as error:
        log.exception("source raised what it should not", source=due.source)
        said = f"{type(error).__name__} in the source's own code: {error}"
        raise SourceError(said) from error
    return {id: found[id] for id in due.ids if id in found}
