"""Whom the configuration wants told of an event, and when at the earliest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from listener.config.notify import NotifyConfig, names_of


class Targets:
    """The entries of `notify`, asked by event and brand."""

    def __init__(self, rules: Sequence[NotifyConfig]) -> None:
        """Names are given once; entries without one are called by their place."""
        self._rules = names_of(rules)

    def of(self, what: str, brand: str, at: datetime) -> list[tuple[str, datetime]]:
        """Names of those to be told of it, each with the moment before which it is not sent."""
        return [
            (name, rule.not_before(at))
            for name, rule in self._rules.items()
            if rule.wants(what, brand)
        ]

    def wanted(self, what: str) -> bool:
        """Whether anybody wants to be told of such an event at all."""
        return any(what in rule.when for rule in self._rules.values())
