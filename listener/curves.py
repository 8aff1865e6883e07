"""The story of an issue in days: its curve and its trend, for lists, exports and JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from listener.store.protocol import Store
from listener.store.rows import IssueRow
from triage.issues import Trend, trend

DAYS = 28
DAY = timedelta(days=1)
_BARS = "▁▂▃▄▅▆▇█"


class Curve(NamedTuple):
    """Posts of each of the last 28 days, oldest first, and the trend of the people."""

    posts: tuple[int, ...]
    trend: Trend

    @property
    def bars(self) -> str:
        """The curve as a row of bars; a dot is a day without a post."""
        most = max(self.posts, default=0)
        return "".join(_BARS[(n * 8 - 1) // most] if n else "·" for n in self.posts)


def curves(store: Store, issues: Sequence[IssueRow], until: datetime) -> dict[int, Curve]:
    """The curves of these issues; their last day is the 24 hours that end with the hour of `until`."""
    end = until.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    heard = store.issue_hours([issue.id for issue in issues], end - DAYS * DAY)
    found = {}
    for issue in issues:
        posts, people = [0] * DAYS, [0] * DAYS
        for hour in heard.get(issue.id, ()):
            day = DAYS - 1 - int((end - hour.start - timedelta(hours=1)) / DAY)
            if hour.start < end and day >= 0:
                posts[day] += hour.posts
                people[day] += hour.people
        found[issue.id] = Curve(tuple(posts), trend(people, end - issue.first_seen))
    return found


def as_plain(issue: IssueRow, curve: Curve) -> Mapping[str, object]:
    """An issue with its curve and trend, for programs."""
    told = {one.name: getattr(issue, one.name) for one in dataclasses.fields(issue)}
    change = curve.trend
    return told | {
        "curve": list(curve.posts),
        "trend": change.words,
        "trend_days": change.days,
        "people_now": change.now,
        "people_before": change.before,
    }
