"""The settings of Reddit, apart from the source so that listing the types stays fast."""

import re
from datetime import timedelta
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from sources.duration import Duration
from sources.settings import SourceSettings

_SUBREDDIT = re.compile(r"[A-Za-z0-9_]{2,50}", re.ASCII)


class RedditSettings(SourceSettings):
    """Posts and comments of subreddits, posts that a search finds, mentions of an account."""

    platform: ClassVar[str] = "oauth.reddit.com"

    type: str = Field(default="reddit", description="Always `reddit`.")
    every: Duration = Field(
        default=timedelta(minutes=2),
        description="How often the daemon collects from it; with `mode: rss` not under 15m.",
    )
    mode: Literal["api", "rss"] = Field(
        default="api",
        description="`api` needs an approved application; `rss` needs none and is best effort.",
    )
    subreddits: tuple[str, ...] = Field(
        default=(), description="Names of subreddits, without `r/`, whose posts are read."
    )
    comments: bool = Field(
        default=True, description="Read the comments of the subreddits, not only their posts."
    )
    search: tuple[str, ...] = Field(
        default=(), description="Searches over all of Reddit, in Reddit's own words; posts only."
    )
    mentions: bool = Field(
        default=False, description="Read the comments that name the account `username`."
    )
    client_id: SecretStr = Field(
        default=SecretStr(""), description="The id of the application at Reddit."
    )
    client_secret: SecretStr = Field(
        default=SecretStr(""), description="The secret of the application at Reddit."
    )
    username: str = Field(default="", description="The account that reads; needed for `mentions`.")
    password: SecretStr = Field(
        default=SecretStr(""), description="The password of the account; needed for `mentions`."
    )

    @field_validator("subreddits")
    @classmethod
    def _are_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        plain = tuple(
            name.strip().removeprefix("/").removeprefix("r/").rstrip("/") for name in names
        )
        for name in plain:
            if not _SUBREDDIT.fullmatch(name):
                raise ValueError(f"{name!r} is no subreddit; expected a name such as banking")
        return plain

    @field_validator("search")
    @classmethod
    def _are_words(cls, searches: tuple[str, ...]) -> tuple[str, ...]:
        if not all(words.strip() for words in searches):
            raise ValueError("expected words to search for")
        return searches

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if not (self.subreddits or self.search or self.mentions):
            raise ValueError("set subreddits, search or mentions: there is nothing to read")
        if self.mode == "rss":
            if self.mentions:
                raise ValueError("mentions needs mode: api")
            return self
        if not (self.client_id.get_secret_value() and self.client_secret.get_secret_value()):
            raise ValueError("set client_id and client_secret, or mode: rss for best effort")
        if self.mentions and not (self.username and self.password.get_secret_value()):
            raise ValueError("mentions needs username and password")
        return self

    def hosts_asked(self) -> tuple[str, ...]:
        """Reddit's interface has a host of its own; its feeds are on the one people visit."""
        feeds = self.mode == "rss" and not self.base_url
        return ("www.reddit.com",) if feeds else super().hosts_asked()
