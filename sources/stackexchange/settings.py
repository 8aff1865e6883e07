"""The settings of a Stack Exchange site, apart from the source so that listing stays fast."""

from datetime import timedelta
from typing import Annotated, ClassVar, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator

from sources.duration import Duration
from sources.settings import SourceSettings

Tag = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\s;]{1,35}$")]


class StackExchangeSettings(SourceSettings):
    """Questions of one Stack Exchange site."""

    platform: ClassVar[str] = "api.stackexchange.com"

    type: str = Field(default="stackexchange", description="Always `stackexchange`.")
    site: str = Field(
        default="stackoverflow",
        pattern=r"^[a-z0-9.-]{1,60}$",
        description="The site's short name: `stackoverflow`, `superuser`, `money`.",
    )
    query: str = Field(default="", max_length=200, description="Words a question must hold.")
    tags: tuple[Tag, ...] = Field(
        default=(), max_length=20, description="Tags of which a question must have one."
    )
    key: SecretStr | None = Field(
        default=None, description="An app's key: 10,000 requests a day instead of 300; optional."
    )
    every: Duration = Field(
        default=timedelta(minutes=30), description="How often the daemon collects from it."
    )
    history: Duration = Field(
        default=timedelta(days=7), description="How far back the first run looks."
    )

    @model_validator(mode="after")
    def _looks_for_something(self) -> Self:
        if not self.query.strip() and not self.tags:
            raise ValueError("neither query nor tags: every question of the site would come")
        return self
