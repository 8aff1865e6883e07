"""The settings of Mastodon, apart from the source so that listing the types stays fast."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, Self

from pydantic import ConfigDict, Field, SecretStr, field_validator, model_validator

from sources.duration import Duration
from sources.http.link import host_of
from sources.settings import SourceSettings


class MastodonSettings(SourceSettings):
    """Posts on servers that speak Mastodon's interface: hashtags and timelines, or their search."""

    model_config = ConfigDict(hide_input_in_errors=True)

    type: str = Field(default="mastodon", description="Always `mastodon`.")
    every: Duration = Field(
        default=timedelta(minutes=5), description="How often the daemon collects from it."
    )
    instances: tuple[str, ...] = Field(
        min_length=1, description="The servers to ask, such as mastodon.social."
    )
    hashtags: tuple[str, ...] = Field(
        default=(), description="Hashtags to follow on every server, without the #."
    )
    timelines: tuple[Literal["local", "public"], ...] = Field(
        default=(),
        description="`local`: all posts of a server's own people; `public`: all it has heard of.",
    )
    terms: tuple[str, ...] = Field(
        default=(), description="Keep only posts of `timelines` with one of these words."
    )
    search: tuple[str, ...] = Field(
        default=(),
        description="What to search for; needs `token` and a server with full-text search.",
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        description="An access token of your account (read:statuses, read:search); one server only.",
    )
    history: Duration = Field(
        default=timedelta(days=1), description="How far back the first run goes."
    )

    @field_validator("instances")
    @classmethod
    def _are_servers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        addresses = []
        for one in value:
            address = one.strip().rstrip("/")
            address = address if "://" in address else f"https://{address}"
            if not host_of(address):
                raise ValueError(f"expected a server such as mastodon.social, not {one[:80]!r}")
            addresses.append(address)
        return tuple(dict.fromkeys(addresses))

    @field_validator("hashtags")
    @classmethod
    def _are_tags(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        tags = [tag.strip().lstrip("#").casefold() for tag in value]
        if any(not tag or any(map(str.isspace, tag)) for tag in tags):
            raise ValueError("a hashtag is one word, such as acmebank")
        return tuple(dict.fromkeys(tags))

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        token = self.token.get_secret_value()
        if not (self.hashtags or self.timelines or self.search):
            raise ValueError("set `hashtags`, `timelines` or `search`, or nothing is listened to")
        if self.search and not token:
            raise ValueError("`search` needs `token`: servers search for their members only")
        if len(self.instances) > 1 and (token or self.base_url):
            raise ValueError("`token` and `base_url` go with one server: make a source of each")
        return self

    def hosts_asked(self) -> tuple[str, ...]:
        """All its servers, or the one in their place."""
        return super().hosts_asked() or tuple(dict.fromkeys(map(host_of, self.instances)))
