"""The types of source that come with the program, offered through the same hook as anybody's.

Each `build` imports its source late: listing the types loads no client library.
"""

from datetime import timedelta
from pathlib import Path
from typing import Literal, cast

from pydantic import Field

from listener.hookspecs import hookimpl
from listener.source_type import Services, SourceType
from sources.duration import Duration
from sources.protocols import Source
from sources.reddit_settings import RedditSettings
from sources.rss_settings import RssSettings
from sources.settings import SourceSettings
from sources.x_settings import XSettings


class FilesSettings(SourceSettings):
    """Files of posts on this machine."""

    paths: tuple[Path, ...] = Field(
        min_length=1,
        description="The files, plain or gzipped; relative to the configuration's folder.",
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
    from sources.rss import RssSource

    return RssSource(cast("RssSettings", settings), services.now)


def _files(settings: SourceSettings, services: Services) -> Source:
    from sources.files import FilesSource

    own = cast("FilesSettings", settings)
    return FilesSource(own.name, own.paths, own.format, services.now)


def _sample(settings: SourceSettings, services: Services) -> Source:
    from sources.sample import SampleSource

    return SampleSource(settings.name, services.now)


def _reddit(settings: SourceSettings, services: Services) -> Source:
    from sources.reddit import RedditSource

    return RedditSource(cast("RedditSettings", settings), services.now)


def _x(settings: SourceSettings, services: Services) -> Source:
    from sources.x import XSource

    return XSource(cast("XSettings", settings), services.now)


@hookimpl
def listener_sources() -> list[SourceType]:
    """Offer the built-in types."""
    return [
        SourceType("rss", "Entries of a feed: RSS, Atom or JSON Feed.", RssSettings, _rss),
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
        SourceType("files", "Posts from JSON lines, CSV or twcs files.", FilesSettings, _files),
        SourceType("sample", "Invented posts of a bank, to look around.", SampleSettings, _sample),
    ]
