"""Cases that people want to be told of at once, and the daily digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from listener.stages.targets import Targets
from listener.store.alarms import NewAlarm
from listener.store.protocol import Store
from listener.store.rows import QueueQuery

DAY = timedelta(days=1)
MOST = 200
TOP = 5


def urgent(
    store: Store, brands: Sequence[str], at: datetime, targets: Targets
) -> Iterator[NewAlarm]:
    """Likely vigilantes and broken promises of the last day, and today's digest, if wanted."""
    if targets.wanted("vigilante"):
        yield from _vigilantes(store, at, targets)
    if targets.wanted("promise"):
        yield from _promises(store, at, targets)
    if targets.wanted("digest"):
        for brand in brands:
            yield _digest(store, brand, at, targets)


def _vigilantes(store: Store, at: datetime, targets: Targets) -> Iterator[NewAlarm]:
    query = QueueQuery(view="open", vigilante="likely", limit=MOST, at=at)
    for case in store.queue(query):
        if case.sample or at - case.opened_at > DAY:
            continue
        said = f"case {case.id}, {case.lane} on {case.kind}, severity {case.severity_band}"
        yield NewAlarm(
            f"vigilante:{case.id}",
            "vigilante",
            case.brand,
            (said,),
            case=case.id,
            targets=targets.of("vigilante", case.brand, at),
        )


def _promises(store: Store, at: datetime, targets: Targets) -> Iterator[NewAlarm]:
    for late in store.overdue(at - DAY, at):
        said = (
            f"case {late.case}, {late.lane}, was to be answered by {late.due_at:%Y-%m-%d %H:%M} UTC"
        )
        yield NewAlarm(
            f"promise:{late.case}:{late.due_at:%Y-%m-%dT%H:%M:%S}",
            "promise",
            late.brand,
            (said,),
            case=late.case,
            targets=targets.of("promise", late.brand, at),
        )


def _digest(store: Store, brand: str, at: datetime, targets: Targets) -> NewAlarm:
    """How everything stands: open cases, what was noticed since yesterday, the largest issues."""
    totals = store.totals(brand)
    waiting = ", ".join(f"{n:,} {lane}" for lane, n in totals.cases_by_lane.items()) or "none"
    recent = [one for one in store.alarms(limit=1000) if one.brand in ("", brand)]
    noticed = Counter(
        one.what for one in recent if at - one.at <= DAY and one.what != "digest" and not one.over
    )
    said = [f"open cases: {waiting}"]
    said.append(
        "noticed since yesterday: "
        + (", ".join(f"{n:,} {what}" for what, n in sorted(noticed.items())) or "nothing")
    )
    said += [
        f"issue {issue.id}: {issue.life}, {issue.people:,} people, {issue.open_cases:,} open cases"
        for issue in store.issues(brand, "open", TOP)
    ]
    told = targets.of("digest", brand, at)
    return NewAlarm(f"digest:{brand}:{at:%Y-%m-%d}", "digest", brand, tuple(said), targets=told)
