"""Which notifier serves an entry of `notify`, and what keeps it from being served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from listener.config.notify import NotifyConfig
from listener.notifiers.protocol import Notifier


def notifier_for(rule: NotifyConfig, now: Callable[[], datetime]) -> Notifier:
    """The notifier of a rule; opens nothing."""
    url = rule.url.get_secret_value()
    if rule.webhook:
        from listener.notifiers.webhook import WebhookNotifier

        secret = "" if rule.secret is None else rule.secret.get_secret_value()
        return WebhookNotifier(url, secret, now=now, allow_private=rule.allow_private)
    from listener.notifiers.apprise import AppriseNotifier

    return AppriseNotifier(url)


def missing(rule: NotifyConfig) -> str:
    """Why a rule cannot be served as it stands, "" when it can; nothing is sent."""
    if rule.webhook:
        return ""
    from listener.notifiers.apprise import AppriseNotifier

    return AppriseNotifier(rule.url.get_secret_value()).problem()
