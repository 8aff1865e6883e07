"""config.yaml, the environment and the secrets become one frozen model; nobody else reads them."""

from listener.config.model import (
    BrandConfig,
    Config,
    GroupConfig,
    MacroConfig,
    RepliesConfig,
    RetentionConfig,
    WebConfig,
    load,
)
from listener.config.notify import NotifyConfig
from listener.config.queue import PromiseConfig, QueueConfig, WeightsConfig

__all__ = [
    "BrandConfig",
    "Config",
    "GroupConfig",
    "MacroConfig",
    "NotifyConfig",
    "PromiseConfig",
    "QueueConfig",
    "RepliesConfig",
    "RetentionConfig",
    "WebConfig",
    "WeightsConfig",
    "load",
]
