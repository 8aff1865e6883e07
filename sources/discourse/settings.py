"""The settings of a Discourse forum, apart from the source so that listing the types stays fast."""

from datetime import timedelta

from pydantic import Field, field_validator

from sources.duration import Duration
from sources.settings import SourceSettings, WebAddress


class DiscourseSettings(SourceSettings):
    """Public posts of a Discourse forum."""

    type: str = Field(default="discourse", description="Always `discourse`.")
    url: WebAddress = Field(description="The forum, such as https://community.example.org.")
    query: str = Field(
        default="",
        max_length=300,
        description="A search in Discourse's own language (`acme #support`); every post without it.",
    )
    history: Duration = Field(
        default=timedelta(days=7), description="How far back the first run looks."
    )

    @field_validator("url")
    @classmethod
    def _is_there(cls, value: str) -> str:
        if not value:
            raise ValueError("expected a forum, such as https://community.example.org")
        return value
