"""Forgetting: words that were kept as long as `retention.text` says are erased, counts remain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from listener.config import Config
from listener.store.protocol import Store

log = structlog.get_logger(__name__)

_PAGE = 200  # mentions between two commits
_DAY = timedelta(days=1)


def forget(
    store: Store, config: Config, now: datetime, stop: Callable[[], bool] = lambda: False
) -> int:
    """Erase what is too old, once a day; returns how many mentions. Stops between two pages.

    A day's posts go together: what grouping remembers is learnt anew after words of it have gone,
    and that is worth doing once.
    """
    kept = config.retention.text
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if today - datetime.min.replace(tzinfo=now.tzinfo) <= kept + _DAY:
        return 0
    erased = 0
    while not stop():
        page = store.forget(today - kept, now, _PAGE)
        erased += page
        if page < _PAGE:
            break
    if erased:
        log.info(
            "texts erased that were kept long enough", mentions=erased, seen_before=today - kept
        )
    return erased
