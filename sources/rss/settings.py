"""The settings of a feed, apart from the source so that listing the types stays fast."""

from pydantic import ConfigDict, Field, field_validator

from sources.http.link import host_of
from sources.settings import SourceSettings


class RssSettings(SourceSettings):
    """One feed: RSS, Atom or JSON Feed."""

    model_config = ConfigDict(hide_input_in_errors=True)  # an address may hold a password

    type: str = Field(default="rss", description="Always `rss`, for Atom and JSON Feed too.")
    url: str = Field(description="The address of the feed.", repr=False)
    websub: bool | None = Field(
        default=None,
        description="Be pushed new entries by the feed's hub, beside asking; without it, when "
        "`web.public_url` is set.",
    )

    @field_validator("url")
    @classmethod
    def _is_there(cls, value: str) -> str:
        if not host_of(value):
            raise ValueError("expected the address of a feed, such as https://example.org/feed")
        return value.strip()
