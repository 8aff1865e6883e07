"""The settings of Hacker News, apart from the source so that listing the types stays fast."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field, field_validator

from sources.duration import Duration
from sources.settings import SourceSettings


class HackerNewsSettings(SourceSettings):
    """Stories and comments of Hacker News, found by its public search."""

    model_config = ConfigDict(hide_input_in_errors=True)

    platform: ClassVar[str] = "hn.algolia.com"

    type: str = Field(default="hackernews", description="Always `hackernews`.")
    every: Duration = Field(
        default=timedelta(minutes=5), description="How often the daemon collects from it."
    )
    search: tuple[str, ...] = Field(
        min_length=1,
        description="What to search for, one search each; a phrase in double quotes.",
    )
    kinds: tuple[Literal["story", "comment"], ...] = Field(
        default=("story", "comment"), min_length=1, description="Which posts to take in."
    )
    history: Duration = Field(
        default=timedelta(days=1), description="How far back the first run goes."
    )

    @field_validator("search")
    @classmethod
    def _have_words(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not query.strip(' "') for query in value):
            raise ValueError("each query needs a word")
        return value
