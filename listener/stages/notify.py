"""Notify: tell people of what cannot wait. Without rules in the configuration there is nobody to tell."""

from __future__ import annotations

import structlog

from listener.config import Config

log = structlog.get_logger(__name__)


def notify(config: Config) -> int:
    """Send what the rules ask for; returns how many. Until a notifier exists it says that none did."""
    if config.notify:
        log.warning(
            "notify rules are read, but this version has no notifier", rules=len(config.notify)
        )
    return 0
