"""The settings of X, apart from the source so that listing the types stays fast."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from sources.duration import Duration
from sources.settings import Budget, SourceSettings

LONGEST_QUERY = 4_096
SEARCHABLE = timedelta(days=7)


class XBudget(Budget):
    """How much X may cost: every post that is read is paid for."""

    posts_per_day: int | None = Field(
        default=1_000,
        ge=10,
        description="At most so many posts a day (UTC); X takes about $0.005 for each.",
    )


class XSettings(SourceSettings):
    """Posts that X's recent search finds, and the conversations around them."""

    platform: ClassVar[str] = "api.twitter.com"

    type: str = Field(default="x", description="Always `x`.")
    every: Duration = Field(
        default=timedelta(minutes=5), description="How often the daemon collects from it."
    )
    query: str = Field(
        description='What to search for, in X\'s own words: `(@acmebank OR "acme bank") -is:retweet`.'
    )
    bearer_token: SecretStr = Field(description="The app-only bearer token of your X application.")
    conversations: bool = Field(
        default=False, description="Read the answers in the conversations of what was found, too."
    )
    history: Duration = Field(
        default=timedelta(days=1), description="How far back the first run reads, at most 7d."
    )
    budget: XBudget = Field(default=XBudget(), description="How much it may bring.")

    @field_validator("query")
    @classmethod
    def _is_query(cls, value: str) -> str:
        if not value.strip() or len(value) > LONGEST_QUERY:
            raise ValueError(f"expected a search of 1 to {LONGEST_QUERY:,} characters")
        return value.strip()

    @field_validator("bearer_token")
    @classmethod
    def _is_token(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value().strip()
        if not secret or not secret.isascii() or not secret.isprintable():
            raise ValueError("expected the bearer token of an X application")
        return SecretStr(secret)

    @field_validator("history")
    @classmethod
    def _is_searchable(cls, value: timedelta) -> timedelta:
        if value > SEARCHABLE:
            raise ValueError("X searches seven days back; expected at most 7d")
        return value
