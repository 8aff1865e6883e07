"""Every platform through everything that may happen on it, and through every trouble of its server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from html import escape
from itertools import count
from typing import TYPE_CHECKING

import pytest

import sources.http.fetch
import sources.http.session
from sources.appstore.settings import AppStoreSettings
from sources.appstore.source import AppStoreSource
from sources.bluesky.settings import BlueskySettings
from sources.bluesky.source import BlueskySource
from sources.bluesky.stream import Bounds
from sources.discourse.settings import DiscourseSettings
from sources.discourse.source import DiscourseSource
from sources.hackernews.settings import HackerNewsSettings
from sources.hackernews.source import HackerNewsSource
from sources.http.fetch import Limits
from sources.imap.settings import ImapSettings
from sources.imap.source import ImapSource
from sources.lemmy.settings import LemmySettings
from sources.lemmy.source import LemmySource
from sources.mastodon.settings import MastodonSettings
from sources.mastodon.source import MastodonSource
from sources.reddit.settings import RedditSettings
from sources.reddit.source import RedditSource
from sources.rss.settings import RssSettings
from sources.rss.source import RssSource
from sources.stackexchange.settings import StackExchangeSettings
from sources.stackexchange.source import StackExchangeSource
from sources.testing.appstore import FakeAppStore, Review
from sources.testing.bluesky import FakeJetstream
from sources.testing.bluesky_search import FakeBluesky
from sources.testing.clock import Clock
from sources.testing.discourse import FakeDiscourse, Written
from sources.testing.hackernews import FakeHackerNews
from sources.testing.imap import FakeImap, Stored
from sources.testing.lemmy import FakeLemmy, Said
from sources.testing.mastodon import FakeMastodon
from sources.testing.reddit import FakeReddit
from sources.testing.stackexchange import Asking, FakeStackExchange
from sources.testing.troubles import check_troubles
from sources.testing.web import Answer, Asked, FakeWeb
from sources.testing.world import World, check_world
from sources.testing.x import FakeX
from sources.testing.youtube import FakeYouTube
from sources.x.settings import XSettings
from sources.x.source import XSource
from sources.youtube.settings import YouTubeSettings
from sources.youtube.source import YouTubeSource

if TYPE_CHECKING:
    pass

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
VIDEO = "dQw4w9WgXcQ"


@contextmanager
def rss() -> Iterator[World]:
    """A feed of the fifty newest."""
    clock, posts, numbers = Clock(NOON), dict[str, tuple[str, datetime]](), count(1)

    def say(text: str, at: datetime) -> str:
        name = str(next(numbers))
        posts[name] = (text, at)
        return name

    def edit(name: str, text: str) -> None:
        posts[name] = (text, posts[name][1])

    def withdraw(name: str) -> None:
        del posts[name]

    def feed(_: Asked) -> Answer:
        newest = sorted(posts.items(), key=lambda one: (one[1][1], int(one[0])), reverse=True)
        items = (
            f"<item><guid isPermaLink='false'>urn:x:{name}</guid><title>Post</title>"
            f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate>"
            f"<description>{escape(text)}</description></item>"
            for name, (text, at) in newest[:50]
        )
        body = f"<rss version='2.0'><channel><title>B</title>{''.join(items)}</channel></rss>"
        return Answer(body.encode())

    with FakeWeb({"/feed": feed}) as web:
        own = RssSettings.model_validate(
            {"name": "blog", "url": web.url("/feed"), "allow_private": True}
        )
        yield World(
            lambda: RssSource(own, clock), clock, say, withdraw, edit, page=20, depth=50, web=web
        )


@contextmanager
def reddit(mode: str = "api") -> Iterator[World]:
    clock = Clock(NOON)
    with FakeReddit() as fake:
        plain: dict[str, object] = {
            "name": "reddit",
            "mode": mode,
            "subreddits": ["banking"],
            "comments": False,
            "base_url": fake.url(""),
            "allow_private": True,
            **({"client_id": "reader", "client_secret": "sesame"} if mode == "api" else {}),
        }
        own = RedditSettings.model_validate(plain)
        yield World(
            lambda: RedditSource(own, clock),
            clock,
            lambda text, at: fake.post("banking", at, "Post", text),
            fake.delete,
            fake.edit,
            page=100 if mode == "api" else 30,
            depth=1_000 if mode == "api" else 100,
            web=fake,
        )


@contextmanager
def x() -> Iterator[World]:
    clock = Clock(NOON)
    with FakeX(clock) as fake:
        own = XSettings.model_validate(
            {
                "name": "x",
                "query": "acme",
                "bearer_token": "sesame",
                "base_url": fake.url(""),
                "allow_private": True,
            }
        )
        yield World(
            lambda: XSource(own, clock),
            clock,
            lambda text, at: str(fake.post(at, text)),
            lambda name: fake.delete(int(name)),
            lambda name, text: _ignore(fake.edit(int(name), clock.moment, text)),
            page=100,
            web=fake,
            dates_ahead=False,
        )


@contextmanager
def bluesky_search() -> Iterator[World]:
    clock = Clock(NOON)
    with FakeBluesky(clock) as fake:
        own = BlueskySettings.model_validate(
            {
                "name": "sky",
                "mode": "search",
                "terms": ["acme"],
                "handle": "acme.bsky.social",
                "app_password": "abcd-efgh",
                "base_url": fake.address,
                "lookup_url": fake.address,
                "allow_private": True,
                "history": "1d",
            }
        )
        yield World(
            lambda: BlueskySource(own, clock),
            clock,
            lambda text, at: fake.post(text, at=at, indexed=min(at, NOON)),
            fake.delete,
            None,
            page=100,
            web=fake.web,
        )


@contextmanager
def bluesky_stream() -> Iterator[World]:
    clock = Clock(NOON)
    with FakeBluesky(clock) as lookups, FakeJetstream(clock) as fake:
        own = BlueskySettings.model_validate(
            {
                "name": "sky",
                "terms": ["acme"],
                "base_url": fake.address,
                "lookup_url": lookups.address,
                "allow_private": True,
                "history": "1d",
            }
        )
        yield World(
            lambda: BlueskySource(own, clock, Bounds(silence=2.0, events_a_batch=40)),
            clock,
            lambda text, at: fake.post(text, at=at),
            fake.delete,
            None,
            page=40,
            looks_up=False,
        )


@contextmanager
def mastodon(*, search: bool = False) -> Iterator[World]:
    clock = Clock(NOON)
    with FakeMastodon(clock) as fake:
        what = {"search": ["acme"], "token": fake.token} if search else {"hashtags": ["acme"]}
        own = MastodonSettings.model_validate(
            {"name": "fedi", "instances": [fake.address], "allow_private": True, **what}
        )
        yield World(
            lambda: MastodonSource(own, clock),
            clock,
            lambda text, at: fake.post(f"<p>{escape(text)}</p>", tags=("acme",), at=at),
            fake.delete,
            lambda name, text: fake.edit(name, text),
            page=40,
            web=fake.web,
        )


@contextmanager
def hackernews() -> Iterator[World]:
    clock = Clock(NOON)
    with FakeHackerNews(clock, most_hits=50) as fake:
        own = HackerNewsSettings.model_validate(
            {"name": "hn", "search": ["acme"], "base_url": fake.address, "allow_private": True}
        )
        yield World(
            lambda: HackerNewsSource(own, clock, most_hits=50),
            clock,
            lambda text, at: fake.comment(escape(text), at=at),
            fake.delete,
            None,
            page=50,
            web=fake.web,
        )


@contextmanager
def lemmy() -> Iterator[World]:
    clock, numbers = Clock(NOON), count(1)
    with FakeLemmy() as fake:
        own = LemmySettings.model_validate(
            {"name": "fedi", "url": fake.address, "allow_private": True, "comments": False}
        )

        def say(text: str, at: datetime) -> str:
            fake.said.append(Said(next(numbers), text, at, title="Post"))
            return str(fake.said[-1].number)

        def changed(name: str, **what: object) -> None:
            fake.said = [
                replace(one, **what) if str(one.number) == name else one  # type: ignore[arg-type]
                for one in fake.said
            ]

        yield World(
            lambda: LemmySource(own, clock),
            clock,
            say,
            partial(changed, deleted=True),
            lambda name, text: changed(name, text=text),
            page=50,
            web=fake.web,
            looks_up=False,
        )


@contextmanager
def youtube() -> Iterator[World]:
    clock = Clock(NOON)
    with FakeYouTube() as fake:
        own = YouTubeSettings.model_validate(
            {
                "name": "videos",
                "videos": [VIDEO],
                "api_key": "sesame",
                "base_url": fake.url(""),
                "allow_private": True,
            }
        )

        def edit(name: str, text: str) -> None:
            fake.thread(name).text = text

        fake.videos.add(VIDEO)
        yield World(
            lambda: YouTubeSource(own, clock),
            clock,
            lambda text, at: fake.comment(VIDEO, at, text),
            fake.delete,
            edit,
            page=100,
            web=fake,
        )


@contextmanager
def discourse(*, query: str = "", windowed: bool = False) -> Iterator[World]:
    clock, numbers = Clock(NOON), count(1)
    with FakeDiscourse(windowed=windowed) as fake:
        own = DiscourseSettings.model_validate(
            {
                "name": "forum",
                "url": "https://talk.example",
                "base_url": fake.address,
                "query": query,
                "allow_private": True,
            }
        )

        def named(name: str) -> Written:
            return next(one for one in fake.posts if str(one.id) == name)

        def say(text: str, at: datetime) -> str:
            number = next(numbers)
            fake.write(Written(number, f"<p>{escape(text)}</p>", at, topic=9, number=number))
            return str(number)

        def edit(name: str, text: str) -> None:
            named(name).cooked = f"<p>{text}</p>"

        yield World(
            lambda: DiscourseSource(own, clock),
            clock,
            say,
            lambda name: fake.delete(named(name)),
            None if query else edit,
            page=50,
            depth=500 if query else 0,
            web=fake.web,
        )


@contextmanager
def stackexchange() -> Iterator[World]:
    clock, numbers = Clock(NOON), count(1)
    with FakeStackExchange() as fake:
        fake.quota = 10_000
        own = StackExchangeSettings.model_validate(
            {"name": "so", "tags": ["acme"], "base_url": fake.address, "allow_private": True}
        )

        def named(name: str) -> Asking:
            return next(one for one in fake.questions if str(one.id) == name)

        def say(text: str, at: datetime) -> str:
            number = next(numbers)
            body = f"<p>{escape(text)}</p>"
            fake.questions.append(Asking(number, "Question", int(at.timestamp()), body))
            return str(number)

        def edit(name: str, text: str) -> None:
            named(name).body, named(name).touched = f"<p>{text}</p>", int(clock.moment.timestamp())

        yield World(
            lambda: StackExchangeSource(own, clock),
            clock,
            say,
            lambda name: fake.questions.remove(named(name)),
            edit,
            page=100,
            web=fake.web,
        )


@contextmanager
def appstore() -> Iterator[World]:
    clock, numbers = Clock(NOON), count(1)
    with FakeAppStore() as fake:
        own = AppStoreSettings.model_validate(
            {
                "name": "app",
                "app": 310633997,
                "countries": ["us"],
                "base_url": fake.address,
                "allow_private": True,
            }
        )

        def named(name: str) -> Review:
            return next(one for one in fake.reviews if str(one.id) == name)

        def say(text: str, at: datetime) -> str:
            fake.reviews.append(Review(next(numbers), text, at))
            return str(fake.reviews[-1].id)

        def edit(name: str, text: str) -> None:
            named(name).text = text

        yield World(
            lambda: AppStoreSource(own, clock),
            clock,
            say,
            lambda name: fake.reviews.remove(named(name)),
            edit,
            page=50,
            depth=500,
            web=fake.web,
        )


@contextmanager
def imap() -> Iterator[World]:
    clock, numbers = Clock(NOON), count(1)
    with FakeImap() as fake:
        own = ImapSettings.model_validate(
            {
                "name": "mail",
                "host": "127.0.0.1",
                "port": fake.port,
                "security": "none",
                "username": "desk@acme.example",
                "password": 'sesame "street"',
                "allow_private": True,
            }
        )

        def say(text: str, at: datetime) -> str:
            raw = (
                f"Message-ID: <{next(numbers)}@mail.example>\r\nFrom: ada@mail.example\r\n"
                f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\r\n"
                f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
            )
            return str(fake.deliver(raw.encode(), at))

        def withdraw(name: str) -> None:
            fake.letters = [one for one in fake.letters if _uid(one) != name]

        yield World(lambda: ImapSource(own, clock), clock, say, withdraw, None, page=50)


def _uid(stored: Stored) -> str:
    return str(stored.uid)


def _ignore(_: object) -> None:
    """For what returns something nobody needs."""


WORLDS: dict[str, Callable[[], AbstractContextManager[World]]] = {
    "rss": rss,
    "reddit": reddit,
    "reddit feeds": partial(reddit, "rss"),
    "x": x,
    "bluesky stream": bluesky_stream,
    "bluesky search": bluesky_search,
    "mastodon": mastodon,
    "mastodon search": partial(mastodon, search=True),
    "hackernews": hackernews,
    "lemmy": lemmy,
    "youtube": youtube,
    "discourse": discourse,
    "discourse of old": partial(discourse, windowed=True),
    "discourse search": partial(discourse, query="acme"),
    "stackexchange": stackexchange,
    "appstore": appstore,
    "imap": imap,
}
ON_THE_WEB = [name for name in WORLDS if name not in ("bluesky stream", "imap")]


@pytest.mark.parametrize("name", WORLDS)
def test_nothing_that_happens_is_missed_without_a_word(name: str) -> None:
    check_world(WORLDS[name])


@pytest.mark.parametrize("name", WORLDS)
def test_check_names_a_setting_when_nobody_is_there(name: str) -> None:
    with WORLDS[name]() as world:
        source = world.source()
        assert source.check().ok or name in ("appstore", "bluesky stream")  # empty, and silent
    answer = source.check()
    assert not answer.ok
    assert answer.message
    assert answer.setting in type(vars(source)["_settings"]).model_fields


@pytest.mark.parametrize("name", ON_THE_WEB)
def test_no_trouble_of_a_server_passes_for_no_news(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def hurried() -> Iterator[None]:
        with monkeypatch.context() as patch:
            short = partial(Limits, seconds=0.5, step_seconds=0.3)
            patch.setattr(sources.http.fetch, "Limits", short)
            patch.setattr(sources.http.session, "Limits", short)
            yield

    with WORLDS[name]() as world:
        # These two ask again and again for each post, or to cut a window: a page of them is enough.
        posts = 10 if name in ("hackernews", "discourse search") else world.page + 20
        world.said(0, min(posts, world.depth or posts))
        assert world.web is not None
        check_troubles(world.source, world.web, NOON, hurried=hurried)
