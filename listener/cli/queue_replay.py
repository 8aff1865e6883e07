"""`listener queue replay`: how long people would have waited under another policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.brand_name import known_brand
from listener.cli.console import json_option, out, print_json, say, table
from listener.errors import NotFound

if TYPE_CHECKING:
    from datetime import timedelta

    from listener.replaying import Comparison, Waits
    from triage.replay import Replayed


@click.command()
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file with a `queue:` section to compare with; without it, the order of arrival.",
)
@click.option(
    "--agents", type=click.IntRange(1, 1_000), default=2, show_default=True, help="How many answer."
)
@click.option(
    "--per-hour",
    type=click.FloatRange(0.1, 1_000),
    default=10.0,
    show_default=True,
    help="How many cases each of them answers in an hour of work.",
)
@click.option("--since", metavar="TIME", help="Cases from this time on: 30d, or 2026-11-01.")
@click.option("--brand", default="", help="Only this brand.")
@json_option
@click.pass_obj
def replay(
    config_path: Path | None,
    policy_file: Path | None,
    agents: int,
    per_hour: float,
    since: str | None,
    brand: str,
    as_json: bool,
) -> None:
    """Replay the stored cases with a team of this size, under the policy of now and another one.

    Prints how long people would have waited, by lane and severity, and how far anybody was
    overtaken. Nothing is changed. To adopt a policy, put its `queue:` section into config.yaml.
    """
    from datetime import timedelta

    from listener.app import open_app
    from listener.cli.progress import progress_bar
    from listener.cli.since import since as moment
    from listener.config.queue_file import load_queue
    from listener.replaying import compare
    from listener.store.rows import Span
    from triage.replay import Team, around_the_clock, in_order_of_arrival

    with open_app(config_path) as app:
        now = app.config.queue
        brand = known_brand(app.config, brand)
        begin = moment(since, app.now()) if since else None
        past = list(app.store.past_cases(Span(since=begin, brand=brand)))
        if not past:
            raise NotFound("there are no cases to replay", "listener queue list --view all")
        other = load_queue(policy_file) if policy_file else None
        work = now.hours.after if now.hours else around_the_clock
        team = Team(agents, timedelta(hours=1 / per_hour), work)
        with progress_bar() as progress:
            found = compare(
                past,
                app.config,
                (now, now.policy()),
                (other, other.policy()) if other else (now, in_order_of_arrival()),
                team,
                lambda done, of: progress("replay", done, of),
            )
    name = policy_file.name if policy_file else "order of arrival"
    if as_json:
        print_json(_as_json(found, name))
    else:
        _print(found, name, len(past), f"{agents} × {per_hour:g} an hour")


def _as_json(found: Comparison, name: str) -> dict[str, object]:
    def summed(one: Replayed, name: str) -> dict[str, object]:
        return {"name": name, "kept": one.kept, "overtaken": one.overtaken, "bound": one.bound}

    return {
        "before": summed(found.before, "configured"),
        "after": summed(found.after, name),
        "groups": found.groups,
    }


def _print(found: Comparison, name: str, count: int, team: str) -> None:
    click.echo(f"{count:,} cases, answered by {team}; waiting as half / 95 % / the longest")
    drawn = table("lane", "severity", "cases", "configured", name, "really")
    for group in found.groups:
        really = f"{_said(group.really)} ({group.answered:,})" if group.really else "—"
        drawn.add_row(
            group.lane,
            group.severity,
            f"{group.cases:,}",
            _said(group.before),
            _said(group.after),
            really,
        )
    out().print(drawn)
    for who, one in (("configured", found.before), (name, found.after)):
        kept = "" if one.kept is None else f"{one.kept:.0%} of promises kept; "
        bound = "without a bound" if one.bound is None else f"never more than {_span(one.bound)}"
        click.echo(f"{who}: {kept}overtaken by whoever came {_span(one.overtaken)} later, {bound}")
    say("Why nobody waits for ever: docs/priority.md")


def _said(waits: Waits) -> str:
    return " / ".join(_span(one) for one in (waits.p50, waits.p95, waits.longest))


def _span(length: timedelta) -> str:
    from listener.ages import span

    text = span(length)
    return "0" if text == "now" else text
