"""The types of source that come with the program, offered through the same hook as anybody's.

Each `build` imports its source late: listing the types loads no client library.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from pkgutil import resolve_name
from typing import Literal, cast

from pydantic import Field

from listener.hookspecs import hookimpl
from listener.source_type import Services, SourceType
from sources.appstore.settings import AppStoreSettings
from sources.bluesky.settings import BlueskySettings
from sources.discourse.settings import DiscourseSettings
from sources.duration import Duration
from sources.hackernews.settings import HackerNewsSettings
from sources.imap.settings import ImapSettings
from sources.lemmy.settings import LemmySettings
from sources.mastodon.settings import MastodonSettings
from sources.protocols import Source
from sources.reddit.settings import RedditSettings
from sources.rss.settings import RssSettings
from sources.settings import SourceSettings
from sources.stackexchange.settings import StackExchangeSettings
from sources.webhook.settings import WebhookSettings
from sources.x.settings import XSettings
from sources.youtube.settings import YouTubeSettings


class FilesSettings(SourceSettings):
    """Files of posts on this machine."""

    paths: tuple[Path, ...] = Field(
        min_length=1,
        description="Files, folders or patterns such as `inbox/*.jsonl`; plain or gzipped.",
    )
    format: Literal["", "jsonl", "csv", "twcs"] = Field(
        default="", description="Their format; told by the first line without it."
    )


class SampleSettings(SourceSettings):
    """600 invented posts of Northgate Bank, a bank that does not exist."""

    every: Duration = Field(
        default=timedelta(days=1), description="They come once; nothing changes."
    )


def _late(source: str) -> Callable[[SourceSettings, Services], Source]:
    """Build from checked settings the source at `module:class`, imported when the first is built."""

    def build(settings: SourceSettings, services: Services) -> Source:
        made: Source = resolve_name(source)(settings, services.now)
        return made

    return build


def _files(settings: SourceSettings, services: Services) -> Source:
    from sources.files.watched import WatchedFilesSource

    own = cast("FilesSettings", settings)
    return WatchedFilesSource(own.name, own.paths, own.format, services.now)


def _sample(settings: SourceSettings, services: Services) -> Source:
    from sources.sample import SampleSource

    return SampleSource(settings.name, services.now)


def _social() -> list[SourceType]:
    """The networks people talk on."""
    return [
        SourceType(
            "reddit",
            "Posts and comments of subreddits, searches and an account's mentions.",
            RedditSettings,
            _late("sources.reddit.source:RedditSource"),
            needs_key=True,
            can_answer=True,
            cost="free for uses Reddit has approved; commercial use needs a contract",
        ),
        SourceType(
            "x",
            "Posts that X's recent search finds, and the conversations around them.",
            XSettings,
            _late("sources.x.source:XSource"),
            needs_key=True,
            can_answer=True,
            cost="about $0.005 for each post read; capped by budget.posts_per_day",
        ),
        SourceType(
            "bluesky",
            "Posts of Bluesky: its whole stream without a key, or its search with an account.",
            BlueskySettings,
            _late("sources.bluesky.source:BlueskySource"),
            can_answer=True,
        ),
        SourceType(
            "mastodon",
            "Hashtags, timelines and search of servers of the Fediverse.",
            MastodonSettings,
            _late("sources.mastodon.source:MastodonSource"),
            can_answer=True,
            bounded=True,
        ),
    ]


def _communities() -> list[SourceType]:
    """Places people meet around a subject."""
    return [
        SourceType(
            "hackernews",
            "Stories and comments of Hacker News, by its public search.",
            HackerNewsSettings,
            _late("sources.hackernews.source:HackerNewsSource"),
            can_answer=True,
            bounded=True,
        ),
        SourceType(
            "lemmy",
            "Posts and comments that a Lemmy instance knows.",
            LemmySettings,
            _late("sources.lemmy.source:LemmySource"),
            can_answer=True,
            bounded=True,
        ),
        SourceType(
            "youtube",
            "Comments under videos and on everything a channel has published.",
            YouTubeSettings,
            _late("sources.youtube.source:YouTubeSource"),
            needs_key=True,
            can_answer=True,
            cost="free up to 10,000 units of quota a day; a page of comments is one",
            bounded=True,
        ),
    ]


def _places() -> list[SourceType]:
    """Forums, sites and stores."""
    return [
        SourceType(
            "discourse",
            "Public posts of a Discourse forum, or what its search finds.",
            DiscourseSettings,
            _late("sources.discourse.source:DiscourseSource"),
            can_answer=True,
            bounded=True,
        ),
        SourceType(
            "stackexchange",
            "Questions of a Stack Exchange site, by words and tags.",
            StackExchangeSettings,
            _late("sources.stackexchange.source:StackExchangeSource"),
            can_answer=True,
            cost="free: 300 requests a day, 10,000 with a key",
            bounded=True,
        ),
        SourceType(
            "appstore",
            "Customer reviews of an app in the App Store.",
            AppStoreSettings,
            _late("sources.appstore.source:AppStoreSource"),
            can_answer=True,
            bounded=True,
        ),
    ]


@hookimpl
def listener_sources() -> list[SourceType]:
    """Offer the built-in types."""
    return [
        SourceType(
            "rss",
            "Entries of a feed: RSS, Atom or JSON Feed.",
            RssSettings,
            _late("sources.rss.source:RssSource"),
            can_answer=True,
            bounded=True,
        ),
        *_social(),
        *_communities(),
        *_places(),
        SourceType(
            "webhook",
            "Mentions another program sends, signed (Standard Webhooks).",
            WebhookSettings,
            _late("sources.webhook.source:WebhookSource"),
            needs_key=True,
            bounded=True,
        ),
        SourceType(
            "imap",
            "Messages of a mailbox, read by IMAP and left as they are.",
            ImapSettings,
            _late("sources.imap.source:ImapSource"),
            needs_key=True,
            can_answer=True,
        ),
        SourceType(
            "files",
            "Posts from files and watched folders: JSON lines, CSV, twcs.",
            FilesSettings,
            _files,
            bounded=True,
        ),
        SourceType(
            "sample",
            "Invented posts of a bank, to look around.",
            SampleSettings,
            _sample,
            bounded=True,
        ),
    ]
