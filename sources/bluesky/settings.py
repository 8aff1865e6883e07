"""The settings of Bluesky, apart from the source so that listing the types stays fast."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import ClassVar, Literal, Self

from pydantic import ConfigDict, Field, SecretStr, field_validator, model_validator

from sources.duration import Duration
from sources.http.link import host_of
from sources.settings import SourceSettings, WebAddress

SHORTEST_SEARCH = timedelta(minutes=5)


class BlueskySettings(SourceSettings):
    """Posts of Bluesky: the whole stream without a key, or its search with an app password."""

    model_config = ConfigDict(hide_input_in_errors=True)  # an address may hold a password

    platform: ClassVar[str] = "bsky.social"

    type: str = Field(default="bluesky", description="Always `bluesky`.")
    every: Duration = Field(
        default=timedelta(minutes=5), description="How often the daemon collects from it."
    )
    mode: Literal["jetstream", "search"] = Field(
        default="jetstream",
        description="`jetstream`: every public post, no key; `search`: with `app_password`.",
    )
    terms: tuple[str, ...] = Field(
        min_length=1,
        description="Words or phrases to listen for; a post with one of them is taken in.",
    )
    history: Duration = Field(
        default=timedelta(minutes=15),
        description="How far back the first run goes; Jetstream keeps 36 hours.",
    )
    seconds: int = Field(
        default=60, ge=1, le=3600, description="How long one run may read the stream."
    )
    lookup_url: WebAddress = Field(
        default="https://public.api.bsky.app",
        min_length=1,
        description="Where authors and deleted posts are looked up, without a key.",
    )
    handle: str = Field(default="", description="Your account, for `search`: acme.bsky.social.")
    app_password: SecretStr = Field(
        default=SecretStr(""), description="An app password of that account, for `search`."
    )

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not host_of(re.sub(r"^ws(s?)://", r"http\1://", value)):
            raise ValueError("expected an address such as wss://jetstream.us-west.bsky.network")
        return value.strip().rstrip("/")

    @field_validator("terms")
    @classmethod
    def _have_words(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(term.strip()) < 2 for term in value):
            raise ValueError("each term needs two characters or more")
        return value

    @model_validator(mode="after")
    def _can_search(self) -> Self:
        if self.mode == "search":
            if not self.handle or not self.app_password.get_secret_value():
                raise ValueError("mode `search` needs `handle` and `app_password`")
            if self.every < SHORTEST_SEARCH:
                raise ValueError(
                    "mode `search` signs in at every run, and Bluesky allows 300 sign-ins a day: "
                    "set `every` to 5m or more"
                )
        return self

    def hosts_asked(self) -> tuple[str, ...]:
        """The server that searches. A stream is one request, however much it brings."""
        return super().hosts_asked() if self.mode == "search" else ()
