"""The settings of a Lemmy instance, apart from the source so that listing the types stays fast."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from sources.duration import Duration
from sources.settings import SourceSettings, WebAddress

Community = Annotated[
    str, StringConstraints(pattern=r"^!?[A-Za-z0-9_]{1,100}(@[A-Za-z0-9.:-]{1,253})?$")
]


class LemmySettings(SourceSettings):
    """Posts and comments one Lemmy instance knows."""

    type: str = Field(default="lemmy", description="Always `lemmy`.")
    url: WebAddress = Field(description="The instance, such as https://lemmy.world.")
    query: str = Field(
        default="", max_length=200, description="Words to search for; everything without it."
    )
    communities: tuple[Community, ...] = Field(
        default=(),
        max_length=50,
        description="Only these communities, such as `technology` or `banking@feddit.uk`.",
    )
    posts: bool = Field(default=True, description="Read posts.")
    comments: bool = Field(default=True, description="Read comments.")
    scope: Literal["all", "local"] = Field(
        default="all", description="All the instance knows, or only what was written on it."
    )
    history: Duration = Field(
        default=timedelta(days=7), description="How far back the first run looks."
    )

    @model_validator(mode="after")
    def _reads_something(self) -> Self:
        if not self.url:
            raise ValueError("url: expected an instance, such as https://lemmy.world")
        if not (self.posts or self.comments):
            raise ValueError("posts and comments are both off: there is nothing to read")
        return self
