"""How a cycle is told to people and to programs."""

from __future__ import annotations

from listener.cli.console import say
from listener.stages.collect import Collection
from listener.stages.cycle import Cycle
from listener.stages.verify import Verified


def print_cycle(cycle: Cycle) -> None:
    """One line a source, then what triage did."""
    for one in cycle.collections:
        say(line(one))
        for sentence in one.rejected:
            say(f"  not taken in: {sentence}")
        if one.counted.rejected > len(one.rejected):
            say(f"  … and {one.counted.rejected - len(one.rejected):,} more")
    for looked in cycle.verified:
        say(looked_up(looked))
    for name, until in cycle.waiting:
        say(f"{name}: left alone until {until:%Y-%m-%d %H:%M:%S} UTC")
    say(f"{cycle.triaged:,} mentions triaged, {cycle.priced:,} priorities renewed")
    if cycle.alarms:
        say(f"{cycle.alarms:,} things noticed: listener issues spikes")


def line(one: Collection) -> str:
    """One source's run in one line; a file that was imported is called by its path alone."""
    name = one.source.removeprefix("import:")
    if one.error is not None:
        said = str(one.error).removeprefix(f"{name}: ")
        state = "not read" if one.source.startswith("import:") else str(one.health)
        return f"{name}: {state}: {said}"
    rare = ("edited", "erased", "rejected")
    counts = [f"{one.counted.new:,} new"]
    counts += [f"{count:,} {name}" for name in rare if (count := getattr(one.counted, name))]
    counts.append(f"{one.counted.seen:,} seen")
    note = one.note.replace(f"{name}: ", "")
    return f"{name}: {', '.join(counts)}" + (f" ({note})" if note else "")


def looked_up(one: Verified) -> str:
    """What came of looking posts up again, in one line."""
    counts = [f"{one.asked:,} posts looked up again"]
    counts += [
        f"{count:,} {name}"
        for name in ("deleted", "edited", "unknown")
        if (count := getattr(one, name))
    ]
    return f"{one.source}: {', '.join(counts)}" + (f" ({one.error})" if one.error else "")


def as_plain(cycle: Cycle) -> dict[str, object]:
    """The same for programs."""
    return {
        "sources": [
            {
                "source": one.source,
                "ok": one.error is None,
                "health": str(one.health),
                "note": one.note,
                "stopped": one.stopped,
                "new": one.counted.new,
                "edited": one.counted.edited,
                "erased": one.counted.erased,
                "seen": one.counted.seen,
                "rejected": one.counted.rejected,
            }
            for one in cycle.collections
        ],
        "verified": [
            {
                "source": one.source,
                "ok": one.error is None,
                "note": str(one.error or ""),
                "asked": one.asked,
                "deleted": one.deleted,
                "edited": one.edited,
                "unknown": one.unknown,
            }
            for one in cycle.verified
        ],
        "waiting": [{"source": name, "until": until} for name, until in cycle.waiting],
        "triaged": cycle.triaged,
        "priced": cycle.priced,
        "alarms": cycle.alarms,
    }
