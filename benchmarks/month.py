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

import structlog

from benchmarks.month_world import BEGIN, DAY, MONTH, STEP, Month, Past, Plan
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
    """What a month came to: `wrong` is empty when every promise held.

    `quiet` are sources told to be silent for longer than they ever are, though nothing was wrong.
    Memory is in kB, at work and at rest: at work the memory of groups fills up to its bound.
    """

    cycles: int
    posts: int
    stored: int
    in_gaps: int
    outages: int
    heard: int
    quiet: int
    settled: tuple[int, int]
    ended: tuple[int, int]
    wrong: tuple[str, ...]


def live(folder: Path, plan: Plan = MONTH) -> Told:
    """Live through the days of a plan and tell what became of them."""
    cycles = settled = settled_at_rest = 0
    end = BEGIN + plan.days * DAY
    with ExitStack() as stack:
        month = stack.enter_context(Month(plan))
        clock = month.clock
        config = folder / "config.yaml"
        config.write_text(month.configuration, encoding="utf-8")
        app = stack.enter_context(open_app(config, now=clock))
        with Listening(app.store, app.config, app.plugins, clock) as listening:
            while clock.moment < end + REST:
                month.advance()
                listening.cycle()
                cycles += 1
                if clock.moment == BEGIN + SETTLED:
                    settled = resident()
                    listening.rest()
                    settled_at_rest = resident()
            ended = resident()
            listening.rest()
            ended_at_rest = resident()
        past = month.past()
        wrong = [*_unkept(app, past), *_unseen(app, plan), *_untold(app, past, plan)]
        if settled and ended_at_rest > settled_at_rest * GROWTH:
            wrong.append(f"grew at rest from {settled_at_rest:,} to {ended_at_rest:,} kB")
        held = {row.mention.external_id for row in app.store.mentions(Span())}
        made = {name for posts in past.made.values() for name in posts}
        return Told(
            cycles,
            len(made),
            len(made & held),
            len(made - held),
            sum(one.place in past.made for one in plan.outages),
            sum(past.heard.values()),
            sum(key.startswith("quiet:") for key in past.heard),
            (settled, settled_at_rest),
            (ended, ended_at_rest),
            tuple(wrong),
        )


def _unkept(app: App, past: Past) -> Iterator[str]:
    """Posts that are neither stored nor covered by a gap, and posts stored twice."""
    ids = [row.mention.external_id for row in app.store.mentions(Span())]
    held = set(ids)
    if len(ids) > len(held):
        yield f"{len(ids) - len(held)} posts are stored twice"
    for name, made in past.made.items():
        gaps = app.store.gaps(name)
        silent = [
            moment
            for post, moment in made.items()
            if post not in held
            and not any(
                (gap.start or BEGIN) <= moment.replace(microsecond=0) <= (gap.end or moment)
                for gap in gaps
            )
        ]
        if silent:
            yield f"{name}: {len(silent)} posts lost without a word, the first of {silent[0]}"


def _unseen(app: App, plan: Plan) -> Iterator[str]:
    """Outages that are not one stretch of failed runs in the ledger, and stretches without one."""
    for name in [settings.name for settings in app.config.sources]:
        runs = app.store.runs(name, MOST)[::-1]
        stretches = [
            [run.started_at for run in failed]
            for outcome, failed in groupby(runs, lambda run: run.outcome)
            if outcome != "ok"
        ]
        for outage in plan.outages:
            if outage.place != name:
                continue
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


def _untold(app: App, past: Past, plan: Plan) -> Iterator[str]:
    """Alarms that were not heard exactly once, and outages that do not begin and end with one."""
    raised = {alarm.key: alarm.at for alarm in app.store.alarms(limit=MOST)}
    for key in raised.keys() | past.heard.keys():
        if past.heard.get(key) != 1 or key not in raised:
            yield f"the alarm {key} was heard {past.heard.get(key, 0)} times"
    left = {key for key in raised if key.startswith(("blind:", "unasked:"))}
    for outage in plan.outages:
        if outage.place not in past.made:
            continue
        fitting = {
            key
            for key in left
            if key.startswith(f"blind:{outage.place}:")
            and _within(raised[key], outage.start, BLIND_WITHIN)
            and _within(raised.get(f"over:{key}"), outage.end, SEEN_WITHIN)
        }
        left -= fitting
        if len(fitting) != 1:
            yield f"{outage.place} was down from {outage.start}: {len(fitting)} alarms with an end"
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
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    start = time.perf_counter()
    plan = replace(
        MONTH, days=days, outages=[one for one in MONTH.outages if one.end < BEGIN + days * DAY]
    )
    with tempfile.TemporaryDirectory() as folder:
        told = live(Path(folder), plan)
    print(f"{days:g} days, {told.cycles:,} cycles in {time.perf_counter() - start:.0f} s")
    print(f"{told.posts:,} posts made, {told.stored:,} stored, {told.in_gaps:,} within gaps")
    print(f"{told.outages} outages in the ledger; {told.heard} alarms, each heard once")
    print(f"{told.quiet} of them for a silence that was none")
    if told.settled[0]:
        for when, at_work, at_rest in (
            ("after a week", *told.settled),
            ("at the end", *told.ended),
        ):
            print(f"memory {when}: {at_work:,} kB at work, {at_rest:,} kB at rest")
    if told.wrong:
        sys.exit("\n".join(told.wrong))
