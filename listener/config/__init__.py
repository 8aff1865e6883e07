"""config.yaml, the environment and the secrets become one frozen model; nobody else reads them."""

from listener.config.model import (
    BrandConfig,
    Config,
    GroupConfig,
    NotifyConfig,
    PromiseConfig,
    QueueConfig,
    RepliesConfig,
    RetentionConfig,
    WebConfig,
    load,
)

__all__ = [
    "BrandConfig",
    "Config",
    "GroupConfig",
    "NotifyConfig",
    "PromiseConfig",
    "QueueConfig",
    "RepliesConfig",
    "RetentionConfig",
    "WebConfig",
    "load",
]
