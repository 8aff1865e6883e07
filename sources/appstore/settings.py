"""The settings of App Store reviews, apart from the source so that listing the types stays fast."""

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from sources.duration import Duration
from sources.settings import SourceSettings

Country = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[A-Za-z]{2}$"),
]


def _digits(value: str) -> str:
    """Take `id310633997` and `310633997` alike."""
    digits = value.strip().removeprefix("id")
    if not (digits.isascii() and digits.isdigit() and 1 < len(digits) < 16):
        raise ValueError("expected the number in the app's address, such as 310633997")
    return digits


class AppStoreSettings(SourceSettings):
    """Customer reviews of one app."""

    platform: ClassVar[str] = "itunes.apple.com"

    type: str = Field(default="appstore", description="Always `appstore`.")
    app: Annotated[str, AfterValidator(_digits)] = Field(
        coerce_numbers_to_str=True,
        description="The app's number, as in https://apps.apple.com/us/app/id310633997.",
    )
    countries: tuple[Country, ...] = Field(
        default=("us",),
        min_length=1,
        max_length=60,
        description="Whose stores to read, as two letters: `us`, `gb`, `de`.",
    )
    every: Duration = Field(
        default=timedelta(hours=1), description="How often the daemon collects from it."
    )
    history: Duration = Field(
        default=timedelta(days=30), description="How far back the first run looks."
    )

    @field_validator("countries")
    @classmethod
    def _are_different(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value))
