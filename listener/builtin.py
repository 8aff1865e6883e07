"""The types of source that come with the program, offered through the same hook as anybody's.

Each `build` imports its source late: listing the types loads no client library.
"""

from datetime import timedelta
from pathlib import Path
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


def _rss(settings: SourceSettings, services: Services) -> Source:
    from sources.rss.source import RssSource

    return RssSource(cast("RssSettings", settings), services.now)


def _files(settings: SourceSettings, services: Services) -> Source:
    from sources.files.watched import WatchedFilesSource

    own = cast("FilesSettings", settings)
    return WatchedFilesSource(own.name, own.paths, own.format, services.now)


def _sample(settings: SourceSettings, services: Services) -> Source:
    from sources.sample import SampleSource

    return SampleSource(settings.name, services.now)


def _reddit(settings: SourceSettings, services: Services) -> Source:
    from sources.reddit.source import RedditSource

    return RedditSource(cast("RedditSettings", settings), services.now)


def _x(settings: SourceSettings, services: Services) -> Source:
    from sources.x.source import XSource

    return XSource(cast("XSettings", settings), services.now)


def _discourse(settings: SourceSettings, services: Services) -> Source:
    from sources.discourse.source import DiscourseSource

    return DiscourseSource(cast("DiscourseSettings", settings), services.now)


def _lemmy(settings: SourceSettings, services: Services) -> Source:
    from sources.lemmy.source import LemmySource

    return LemmySource(cast("LemmySettings", settings), services.now)


def _stackexchange(settings: SourceSettings, services: Services) -> Source:
    from sources.stackexchange.source import StackExchangeSource

    return StackExchangeSource(cast("StackExchangeSettings", settings), services.now)


def _appstore(settings: SourceSettings, services: Services) -> Source:
    from sources.appstore.source import AppStoreSource

    return AppStoreSource(cast("AppStoreSettings", settings), services.now)


def _webhook(settings: SourceSettings, services: Services) -> Source:
    from sources.webhook.source import WebhookSource

    return WebhookSource(cast("WebhookSettings", settings), services.now)


def _bluesky(settings: SourceSettings, services: Services) -> Source:
    from sources.bluesky.source import BlueskySource

    return BlueskySource(cast("BlueskySettings", settings), services.now)


def _mastodon(settings: SourceSettings, services: Services) -> Source:
    from sources.mastodon.source import MastodonSource

    return MastodonSource(cast("MastodonSettings", settings), services.now)


def _hackernews(settings: SourceSettings, services: Services) -> Source:
    from sources.hackernews.source import HackerNewsSource

    return HackerNewsSource(cast("HackerNewsSettings", settings), services.now)


def _youtube(settings: SourceSettings, services: Services) -> Source:
    from sources.youtube.source import YouTubeSource

    return YouTubeSource(cast("YouTubeSettings", settings), services.now)


def _social() -> list[SourceType]:
    """The networks people talk on."""
    return [
        SourceType(
            "reddit",
            "Posts and comments of subreddits, searches and an account's mentions.",
            RedditSettings,
            _reddit,
            needs_key=True,
            can_answer=True,
            cost="free for uses Reddit has approved; commercial use needs a contract",
        ),
        SourceType(
            "x",
            "Posts that X's recent search finds, and the conversations around them.",
            XSettings,
            _x,
            needs_key=True,
            can_answer=True,
            cost="about $0.005 for each post read; capped by budget.posts_per_day",
        ),
        SourceType(
            "bluesky",
            "Posts of Bluesky: its whole stream without a key, or its search with an account.",
            BlueskySettings,
            _bluesky,
            can_answer=True,
        ),
        SourceType(
            "mastodon",
            "Hashtags, timelines and search of servers of the Fediverse.",
            MastodonSettings,
            _mastodon,
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
            _hackernews,
            can_answer=True,
            bounded=True,
        ),
        SourceType(
            "lemmy",
            "Posts and comments that a Lemmy instance knows.",
            LemmySettings,
            _lemmy,
            can_answer=True,
            bounded=True,
        ),
        SourceType(
            "youtube",
            "Comments under videos and on everything a channel has published.",
            YouTubeSettings,
            _youtube,
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
            _discourse,
            can_answer=True,
            bounded=True,
        ),
        SourceType(
            "stackexchange",
            "Questions of a Stack Exchange site, by words and tags.",
            StackExchangeSettings,
            _stackexchange,
            can_answer=True,
            cost="free: 300 requests a day, 10,000 with a key",
            bounded=True,
        ),
        SourceType(
            "appstore",
            "Customer reviews of an app in the App Store.",
            AppStoreSettings,
            _appstore,
            can_answer=True,
            bounded=True,
        ),
    ]


def _imap(settings: SourceSettings, services: Services) -> Source:
    from sources.imap.source import ImapSource

    return ImapSource(cast("ImapSettings", settings), services.now)


@hookimpl
def listener_sources() -> list[SourceType]:
    """Offer the built-in types."""
    return [
        SourceType(
            "rss",
            "Entries of a feed: RSS, Atom or JSON Feed.",
            RssSettings,
            _rss,
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
            _webhook,
            needs_key=True,
            bounded=True,
        ),
        SourceType(
            "imap",
            "Messages of a mailbox, read by IMAP and left as they are.",
            ImapSettings,
            _imap,
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
