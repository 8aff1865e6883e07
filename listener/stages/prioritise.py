"""Prioritise: renew what time alone has changed in the priority of cases."""

from __future__ import annotations

from datetime import datetime

from listener.config import Config
from listener.pricing import Pricing
from listener.store.protocol import Store

BATCH = 500


def prioritise(store: Store, config: Config, at: datetime) -> int:
    """Renew every open case one of whose parts changes by `at`; returns how many.

    Leases and snoozes that are over end here too, each with its history row.
    """
    pricing = Pricing(config)
    renewed = 0
    while cases := store.cases_to_price(at, BATCH):
        with store.triage() as scope:
            scope.price(pricing.price(scope.case_facts(cases), at), at)
        renewed += len(cases)
    return renewed
