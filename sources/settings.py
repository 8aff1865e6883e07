"""The settings every source has; each type adds its own."""

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from sources.duration import Duration
from sources.http.link import host_of


def web_address(value: str) -> str:
    """Http or https and a host, without the slash behind it; what may be left out may be empty."""
    if value and not host_of(value):
        raise ValueError("expected an address such as https://community.example.org")
    return value.strip().rstrip("/")


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
WebAddress = Annotated[str, AfterValidator(web_address)]


class Budget(BaseModel):
    """How much a source may bring, so that a runaway query cannot cost a fortune."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    posts_per_day: int | None = Field(
        default=None, ge=1, description="At most so many posts a day (UTC); unlimited without it."
    )


class SourceSettings(BaseModel):
    """One entry under `sources` in config.yaml; frozen, unknown keys refused.

    A source type subclasses it and adds fields, each with a `description`. Secrets are `SecretStr`,
    durations `Duration`; a `Path` is taken relative to the folder of the configuration. `platform`
    is the host that is asked when neither `base_url` nor a `url` names another.
    """

    platform: ClassVar[str] = ""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name = Field(
        description="Your name for this source, unique; cursors and health are kept under it."
    )
    type: str = Field(description="Which kind of source: see `listener sources describe`.")
    every: Duration = Field(
        default=timedelta(minutes=15), description="How often the daemon collects from it."
    )
    brands: tuple[str, ...] = Field(
        default=(), description="Names of the brands it listens for; all brands without it."
    )
    base_url: str = Field(
        default="",
        description="Another address for the platform: a proxy, a self-hosted server, a test.",
    )
    allow_private: bool = Field(
        default=False, description="Allow addresses outside the public internet for this source."
    )
    budget: Budget = Field(default=Budget(), description="How much it may bring.")

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return web_address(value)

    def hosts_asked(self) -> tuple[str, ...]:
        """The hosts its requests go to, in small letters, so that all sources of one share its budget.

        Told by the settings alone; none when nobody is asked, or a single request serves a whole run.
        """
        address = self.base_url or getattr(self, "url", "") or f"https://{self.platform}"
        host = host_of(address) if isinstance(address, str) else ""
        return (host,) if host else ()
