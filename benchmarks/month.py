"""A simulated month: outages, bursts and expiring tokens, and what the listener remembers of them.

`python -m benchmarks month [DAYS]` lets thirty days pass on a fake clock, half an hour at a time, over
the real client libraries and loopback servers: Reddit through praw, a feed and a Mastodon server,
under the cycles that the daemon runs, with judging, grouping, pricing and messages to a desk. Then it
asks: was any post lost without a gap that covers it, or stored twice? Does the ledger show every
outage, and no other? Was every alarm heard exactly once, and did each outage begin and end with one?
Has the process grown after its first week? It ends with an error when a promise was broken.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from benchmarks.month_world import BEGIN, DAY, MONTH, STEP, Clock, Month, Plan
from listener.app import App, open_app
from listener.stages.cycle import Listening
from listener.store.rows import Span

SETTLED = 7 * DAY  # until then memories of words fill
REST = DAY / 2  # in which everybody catches up
BLIND_WITHIN = 3 * STEP  # three failures in a row
# The longest pause of a source that failed often, and one more of the listener's looks.
SEEN_WITHIN = timedelta(hours=1) + STEP
GROWTH = 1.05
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Told:
    """What a month came to: `wrong` is empty when every promise held. Memory is in kB."""

    cycles: int
    posts: int
    stored: int
    in_gaps: int
    outages: int
    heard: int
    settled: int
    ended: int
    wrong: tuple[str, ...]


def configuration(month: Month) -> str:
    """The sources and the desk, as an operator writes them."""
    return f"""
brands: [{{name: Acme, query: acme}}]
retention: {{verify: []}}
sources:
  - {{name: reddit, type: reddit, subreddits: [banking], comments: false, client_id: reader,
     client_secret: sesame, base_url: "{month.reddit.url("").rstrip("/")}", allow_private: true}}
  - {{name: feed, type: rss, url: "{month.feed.url("/feed")}", allow_private: true}}
  - {{name: mastodon, type: mastodon, instances: ["{month.mastodon.address}"], hashtags: [acme],
     allow_private: true}}
notify:
  - {{when: [blind, queue, disk, spike, growing, back], name: desk, allow_private: true,
     url: "{month.desk.url("/hook")}"}}
"""


def live(folder: Path, plan: Plan = MONTH) -> Told:
    """Live through the days of a plan and tell what became of them."""
    clock = Clock()
    cycles = settled = 0
    end = BEGIN + plan.days * DAY
    with ExitStack() as stack:
        month = Month(clock, stack, plan)
        config = folder / "config.yaml"
        config.write_text(configuration(month), encoding="utf-8")
        app = stack.enter_context(open_app(config, now=clock))
        with Listening(app.store, app.config, app.plugins, clock) as listening:
            while clock.moment < end + REST:
                month.advance()
                listening.cycle()
                cycles += 1
                if clock.moment == BEGIN + SETTLED:
                    settled = resident()
            ended = resident()
        wrong = [*_unkept(app, month), *_unseen(app, month), *_untold(app, month)]
        if settled and ended > settled * GROWTH:
            wrong.append(f"grew from {settled:,} to {ended:,} kB")
        held = {row.mention.external_id for row in app.store.mentions(Span())}
        made = {name for place in month.places.values() for name in place.made}
        return Told(
            cycles,
            len(made),
            len(made & held),
            len(made - held),
            sum(len(place.down) for place in month.places.values()),
            month.heard.total(),
            settled,
            ended,
            tuple(wrong),
        )


def _unkept(app: App, month: Month) -> Iterator[str]:
    """Posts that are neither stored nor covered by a gap, and posts stored twice."""
    ids = [row.mention.external_id for row in app.store.mentions(Span())]
    held = set(ids)
    if len(ids) > len(held):
        yield f"{len(ids) - len(held)} posts are stored twice"
    for name, place in month.places.items():
        gaps = app.store.gaps(name)
        silent = [
            moment
            for post, moment in place.made.items()
            if post not in held
            and not any(
                (gap.start or BEGIN) <= moment.replace(microsecond=0) <= (gap.end or moment)
                for gap in gaps
            )
        ]
        if silent:
            yield f"{name}: {len(silent)} posts lost without a word, the first of {silent[0]}"


def _unseen(app: App, month: Month) -> Iterator[str]:
    """Outages that are not one stretch of failed runs in the ledger, and stretches without one."""
    for name, place in month.places.items():
        runs = app.store.runs(name, MOST)[::-1]
        stretches = [
            [run.started_at for run in failed]
            for outcome, failed in groupby(runs, lambda run: run.outcome)
            if outcome != "ok"
        ]
        for outage in place.down:
            fitting = [
                one
                for one in stretches
                if outage.start <= one[0] <= outage.start + STEP and one[-1] < outage.end
            ]
            if len(fitting) == 1:
                stretches.remove(fitting[0])
            else:
                yield f"{name} was down from {outage.start}: {len(fitting)} stretches in the ledger"
        for one in stretches:
            yield f"{name} failed from {one[0]} to {one[-1]} without a reason"


def _untold(app: App, month: Month) -> Iterator[str]:
    """Alarms that were not heard exactly once, and outages that do not begin and end with one."""
    raised = {alarm.key: alarm.at for alarm in app.store.alarms(limit=MOST)}
    for key in raised.keys() | month.heard.keys():
        if month.heard[key] != 1 or key not in raised:
            yield f"the alarm {key} was heard {month.heard[key]} times"
    left = {key for key in raised if key.startswith(("blind:", "quiet:"))}
    for name, place in month.places.items():
        for outage in place.down:
            fitting = {
                key
                for key in left
                if key.startswith(f"blind:{name}:")
                and _within(raised[key], outage.start, BLIND_WITHIN)
                and _within(raised.get(f"over:{key}"), outage.end, SEEN_WITHIN)
            }
            left -= fitting
            if len(fitting) != 1:
                yield f"{name} was down from {outage.start}: {len(fitting)} alarms with their end"
    for key in left:
        yield f"{key} was told without a reason"


def _within(at: datetime | None, start: datetime, length: timedelta) -> bool:
    return at is not None and start <= at <= start + length


def resident() -> int:
    """The memory of this process, in kB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def main(days: float = MONTH.days) -> None:
    """Print what the month came to; ends with an error when a promise was broken."""
    logging.disable(logging.WARNING)
    start = time.perf_counter()
    plan = replace(
        MONTH, days=days, outages=[one for one in MONTH.outages if one.end < BEGIN + days * DAY]
    )
    with tempfile.TemporaryDirectory() as folder:
        told = live(Path(folder), plan)
    print(f"{days:g} days, {told.cycles:,} cycles in {time.perf_counter() - start:.0f} s")
    print(f"{told.posts:,} posts made, {told.stored:,} stored, {told.in_gaps:,} within gaps")
    print(f"{told.outages} outages in the ledger; {told.heard} alarms, each heard once")
    if told.settled:
        print(f"memory after a week {told.settled:,} kB, at the end {told.ended:,} kB")
    if told.wrong:
        sys.exit("\n".join(told.wrong))
