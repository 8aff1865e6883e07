"""The settings of a webhook, apart from the source so that listing the types stays fast."""

from pydantic import Field, SecretStr

from sources.settings import SourceSettings


class WebhookSettings(SourceSettings):
    """Mentions that another program sends to us."""

    type: str = Field(default="webhook", description="Always `webhook`.")
    secrets: tuple[SecretStr, ...] = Field(
        min_length=1,
        max_length=10,
        description="Keys such as `whsec_…` the sender may sign with; two while one is changed.",
    )
