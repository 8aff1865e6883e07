"""The settings of YouTube, apart from the source so that listing the types stays fast."""

import re
from datetime import timedelta
from typing import ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from sources.duration import Duration
from sources.settings import SourceSettings

_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}", re.ASCII)


class YouTubeSettings(SourceSettings):
    """Comments under videos and on everything a channel has published."""

    platform: ClassVar[str] = "www.googleapis.com"

    type: str = Field(default="youtube", description="Always `youtube`.")
    api_key: SecretStr = Field(description="A key of the YouTube Data API, version 3.")
    videos: tuple[str, ...] = Field(
        default=(), description="Ids of videos, the 11 characters behind `v=`."
    )
    channels: tuple[str, ...] = Field(
        default=(), description="Ids of channels, beginning with `UC`: all their videos are read."
    )
    units_per_day: int = Field(
        default=10_000,
        ge=1,
        description="Units of quota this source may use a day (Pacific time); a page costs one.",
    )
    history: Duration = Field(
        default=timedelta(days=7), description="How far back the first run looks."
    )

    @field_validator("api_key")
    @classmethod
    def _is_key(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value().strip()
        if not secret or not secret.isascii() or not secret.isprintable():
            raise ValueError("expected a key of the YouTube Data API")
        return SecretStr(secret)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        for video in self.videos:
            if not _VIDEO.fullmatch(video):
                raise ValueError(f"{video!r} is no video; expected the 11 characters behind v=")
        for channel in self.channels:
            if not _CHANNEL.fullmatch(channel):
                raise ValueError(f"{channel!r} is no channel; expected an id that begins with UC")
        if not (self.videos or self.channels):
            raise ValueError("set videos or channels: there is nothing to read")
        return self
