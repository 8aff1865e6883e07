"""Keeps feeds subscribed at their hubs (WebSub): asks, asks again, renews, and leaves.

What pushes bring comes in by the web server. Polling goes on whatever happens here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from listener.errors import StoreError
from listener.store import has_private
from listener.store.subscriptions import State, Subscription, Subscriptions, open_subscriptions
from sources.errors import RateLimited, SourceError, Transient
from sources.feeds.websub import Mode, Offer, trusted_hub
from sources.http.link import host_of
from sources.rss.settings import RssSettings

if TYPE_CHECKING:
    from listener.config import Config
    from sources.protocols import Source
    from sources.rss.source import RssSource
    from sources.settings import SourceSettings

log = structlog.get_logger(__name__)

PATH = "/websub/"  # of the callbacks, below `web.public_url`
FIRST_PATIENCE, LONGEST_PATIENCE = timedelta(minutes=10), timedelta(hours=12)
STEADY = timedelta(days=1)  # what a feed offers may change so often, and a denial lasts so long
SECONDS_FOR_A_HUB = 10.0
LONGEST_ROUND = timedelta(seconds=30)  # of asking, in one cycle: the sources wait meanwhile


def wants_pushes(config: Config, settings: SourceSettings) -> bool:
    """Whether a source is to be pushed by its hub, if it has one."""
    wanted = isinstance(settings, RssSettings) and settings.websub is not False
    return wanted and bool(config.web.public_url)


def renew_at(at: datetime, lease: timedelta) -> datetime:
    """When a lease that begins at `at` is renewed: with a third of it left to try again."""
    return at + max(lease * 2 / 3, timedelta(minutes=1))


class Subscribing:
    """The subscriptions of one process, as `web.public_url` and the feeds want them; for one thread.

    Nothing here raises: trouble with a hub is noted at the subscription, trouble with the file in
    the log, and both are tried again.
    """

    def __init__(self, config: Config, now: Callable[[], datetime]) -> None:
        """Open nothing before it is needed."""
        self._url = config.store
        self._base = config.web.public_url + PATH if config.web.public_url else ""
        self._feeds = {one.name for one in config.sources if wants_pushes(config, one)}
        self._now = now
        self._kept: Subscriptions | None = None

    def close(self) -> None:
        """Give the file back."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def expect(self, settings: SourceSettings, source: Source) -> None:
        """Before a feed is collected: have it look for a hub when no subscription is known."""
        feed = self._feed(settings, source)
        if feed is None:
            return
        try:
            if self._open().current(settings.name) is None:
                feed.want_hub()
        except StoreError as error:
            log.warning("subscriptions cannot be read", why=str(error))

    def notice(self, settings: SourceSettings, source: Source) -> None:
        """After a feed was collected: subscribe to what it offers, leave what it no longer does."""
        feed = self._feed(settings, source)
        if feed is None or feed.offer is None:
            return
        try:
            self._heed(self._open(), settings, feed.offer)
        except StoreError as error:
            log.warning("subscriptions cannot be written", why=str(error))

    def tend(self, stop: Callable[[], bool]) -> None:
        """Ask the hubs of subscriptions that are due, for half a minute or until `stop`.

        To be called in every cycle; those that are left come first in the next.
        """
        if not self._base or not (self._feeds or has_private(self._url)):
            return
        try:
            kept = self._open()
            end = self._now() + LONGEST_ROUND
            tired: set[str] = set()
            for one in kept.due(self._now()):
                if stop() or self._now() > end:
                    break
                if one.offer.hub not in tired and not self._ask(kept, one):
                    tired.add(one.offer.hub)
        except StoreError as error:
            log.warning("subscriptions cannot be written", why=str(error))

    def _feed(self, settings: SourceSettings, source: Source) -> RssSource | None:
        """The source as a feed that is to be pushed; None for any other, and one not built."""
        if settings.name not in self._feeds:
            return None
        # Imported late: a program without feeds that are pushed needs no reader of them.
        from sources.rss.source import RssSource

        return source if isinstance(source, RssSource) else None

    def _open(self) -> Subscriptions:
        if self._kept is None:
            kept = open_subscriptions(self._url)
            try:
                self._settle(kept)
            except BaseException:
                kept.close()
                raise
            self._kept = kept
        return self._kept

    def _settle(self, kept: Subscriptions) -> None:
        """Follow the configuration: feeds that want no pushes any more, another public address."""
        now = self._now()
        for one in kept.all():
            if one.state is State.LEAVING:
                continue
            if one.source not in self._feeds:
                kept.leave(one.source, now)
            elif one.callback != self._base + one.token:
                kept.move(one.token, self._base, now)

    def _heed(self, kept: Subscriptions, settings: SourceSettings, offer: Offer) -> None:
        now = self._now()
        known = kept.current(settings.name)
        if known is not None:
            same = (known.offer.hub, known.offer.topic) == (offer.hub, offer.topic)
            # Some feeds name this or that by turns; a hub is not to be asked at every visit.
            reach = known.private == settings.allow_private
            if reach and (same or now - known.since < STEADY):
                return
        if offer.hub:
            kept.add(settings.name, offer, self._base, now, private=settings.allow_private)
        elif known is not None:
            kept.leave(settings.name, now)

    def _ask(self, kept: Subscriptions, one: Subscription) -> bool:
        """Ask one hub; False when it has trouble of its own and should be left alone."""
        now = self._now()
        leaving = one.state is State.LEAVING
        if leaving and now - one.since >= STEADY:
            kept.drop(one.token)  # the hub does not care; its lease runs out
            return True
        again_at = now + _patience(one.failures)
        # Before the hub is asked: it may ask back before it answers.
        kept.asking(one.token, now, again_at)
        hub = trusted_hub(one.offer.hub, allow_private=one.private)
        if not hub:
            said = f"{host_of(one.offer.hub)} speaks no https, so its pushes could be forged"
            kept.refused(one.token, said, now + STEADY)
            return True
        try:
            self._send(hub, one, Mode.UNSUBSCRIBE if leaving else Mode.SUBSCRIBE)
        except SourceError as error:
            until = error.until if isinstance(error, RateLimited) else None
            kept.refused(one.token, str(error), max(until or again_at, again_at))
            log.warning("a hub did not take a request", source=one.source, why=str(error))
            if isinstance(error, Transient):
                kept.postpone(one.offer.hub, until or now + FIRST_PATIENCE)
                return False
        return True

    def _send(self, hub: str, one: Subscription, mode: Mode) -> None:
        from sources.feeds.hub import ask_hub
        from sources.http.fetch import Fetcher, Limits

        limits = Limits(100_000, 100_000, SECONDS_FOR_A_HUB, SECONDS_FOR_A_HUB)
        with Fetcher(allow_private=one.private, limits=limits, now=self._now) as fetcher:
            ask_hub(fetcher, hub, mode, one.offer.topic, one.callback, one.secret)


def _patience(failures: int) -> timedelta:
    """How long a hub has to settle what it was asked, after so many times that it did not."""
    return min(FIRST_PATIENCE * (1 << min(failures, 10)), LONGEST_PATIENCE)
