"""`listener sources`: where mentions come from, and what was missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from listener.cli.console import json_option
from listener.cli.sources_opml import discover, import_opml
from listener.cli.sources_preview import preview
from listener.cli.sources_try import try_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from listener.app import App
    from listener.plugins import Plugins
    from listener.store.rows import SourceState
    from listener.subscribed import Subscribed

STYLES = {"healthy": "green", "quiet": "green", "degraded": "yellow", "blind": "bold red"}


@click.group()
def sources() -> None:
    """See where mentions come from and what was missed."""


sources.add_command(import_opml)
sources.add_command(discover)
sources.add_command(try_)
sources.add_command(preview)


@sources.command("list")
@json_option
@click.pass_obj
def list_(config_path: Path | None, as_json: bool) -> None:
    """List the configured sources and how they are."""
    from listener.ages import ago
    from listener.app import open_app
    from listener.cli.check import warn
    from listener.cli.console import cell, out, print_json, table
    from listener.subscribed import subscribed
    from sources.duration import show_duration

    with open_app(config_path) as app:
        states = {state.source: state for state in app.store.health()}
        pushes = subscribed(app.config, app.now())
        if as_json:
            print_json(_as_plain(app, states, pushes))
            return
        warn(str(problem) for problem in app.plugins.problems)
        if not app.config.sources:
            warn(["no source is configured; see listener sources describe"])
            return
        now = app.now()
        drawn = table("source", "type", "every", "brands", "health", "last success", "why")
        for own in app.config.sources:
            state = states.get(own.name)
            health = str(state.health) if state else "never run"
            seen = state.last_success_at if state else None
            push = pushes.get(own.name)
            why = [state.reason if state else "", push.about if push and not push.active else ""]
            drawn.add_row(
                cell(own.name),
                cell(own.type),
                cell(show_duration(own.every)),
                cell(", ".join(own.brands) or "all"),
                cell(health, STYLES.get(health, "dim")),
                cell(ago(seen, now) if seen else "—"),
                cell("; ".join(filter(None, why)), limit=200),
            )
        out().print(drawn)


def _as_plain(
    app: App, states: Mapping[str, SourceState], pushes: Mapping[str, Subscribed]
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for own in app.config.sources:
        state = states.get(own.name)
        rows.append(
            {
                "source": own.name,
                "type": own.type,
                "every": own.every,
                "brands": own.brands,
                "health": state.health if state else None,
                "since": state.since if state else None,
                "reason": state.reason if state else "",
                "last_attempt_at": state.last_attempt_at if state else None,
                "last_success_at": state.last_success_at if state else None,
                "failures": state.failures if state else 0,
                "retry_at": state.retry_at if state else None,
                "quiet_since": state.quiet_since if state else None,
                "push": pushes.get(own.name),
            }
        )
    return rows


@sources.command()
@click.argument("type_name", required=False, metavar="[TYPE]")
@json_option
def describe(type_name: str | None, as_json: bool) -> None:
    """List the types of source, or all settings of one type."""
    from listener.cli.check import warn
    from listener.plugins import load_plugins

    plugins = load_plugins()
    warn(str(problem) for problem in plugins.problems)
    if type_name is None:
        _describe_all(plugins, as_json)
    else:
        _describe_one(plugins, type_name, as_json)


def _describe_all(plugins: Plugins, as_json: bool) -> None:
    from listener.cli.console import cell, out, print_json, table

    if as_json:
        print_json(
            [
                {
                    "type": offer.source_type.name,
                    "about": offer.source_type.about,
                    "needs_key": offer.source_type.needs_key,
                    "can_answer": offer.source_type.can_answer,
                    "cost": offer.source_type.cost,
                    "from": offer.distribution,
                }
                for offer in plugins.offers()
            ]
        )
        return
    drawn = table("type", "what it brings", "key", "one answers", "cost", "from")
    for offer in plugins.offers():
        own = offer.source_type
        drawn.add_row(
            cell(own.name, "bold"),
            cell(own.about),
            "needed" if own.needs_key else "none",
            "in the browser" if own.can_answer else "no",
            cell(own.cost),
            cell(offer.distribution),
        )
    out().print(drawn)


def _describe_one(plugins: Plugins, name: str, as_json: bool) -> None:
    from listener.cli.console import cell, out, print_json, table
    from listener.config.mistakes import did_you_mean
    from listener.config.settings_text import describe_settings
    from listener.errors import UsageError

    types = plugins.source_types()
    if name not in types:
        meant = did_you_mean(name, types)
        raise UsageError(f"no such type of source: {name!r}{meant}", "listener sources describe")
    settings = list(describe_settings(types[name].settings))
    if as_json:
        print_json({"type": name, "about": types[name].about, "settings": settings})
        return
    click.echo(f"{name}: {types[name].about}")
    drawn = table("setting", "value", "without it", "what it does")
    for setting in settings:
        drawn.add_row(
            cell(setting.name, "bold"),
            cell(setting.value),
            "must be set" if setting.required else cell(setting.default),
            cell(setting.description),
        )
    out().print(drawn)


@sources.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@json_option
@click.pass_obj
def check(config_path: Path | None, names: tuple[str, ...], as_json: bool) -> None:
    """Try sources without storing anything; ends with 4 when one fails."""
    from listener.app import system_clock
    from listener.checkup import check_sources
    from listener.cli.check import fail_on, show_checks, warn
    from listener.cli.console import print_json
    from listener.config import load
    from listener.plugins import Services, load_plugins

    plugins = load_plugins()
    warn(str(problem) for problem in plugins.problems)
    config = load(config_path, plugins.source_settings())
    checks = list(check_sources(config, plugins, Services(now=system_clock), names))
    if as_json:
        print_json(checks)
    else:
        show_checks(checks)
    fail_on(checks)


@sources.command()
@click.argument("name", required=False, default="", metavar="[SOURCE]")
@click.option(
    "--days", default=7, show_default=True, type=click.IntRange(1, 366), help="How far back."
)
@json_option
@click.pass_obj
def coverage(config_path: Path | None, name: str, days: int, as_json: bool) -> None:
    """Show when each source was seen, and the stretches it could not see.

    Ends with 4 when one cannot see now: its last try failed.
    """
    from listener.app import open_app
    from listener.cli.console import print_json
    from listener.cli.coverage_table import print_coverage
    from listener.config.mistakes import unknown_source
    from listener.coverage import coverage as look
    from listener.errors import PartialFailure
    from listener.subscribed import subscribed

    with open_app(config_path) as app:
        known = {own.name for own in app.config.sources} | {s.source for s in app.store.health()}
        if name and name not in known:
            raise unknown_source(name, known)
        names, now = sorted({name} if name else known), app.now()
        found = look(app.store, names, now, days, subscribed(app.config, now))
        if as_json:
            print_json(found)
        else:
            print_coverage(found)
    if failing := [one.source for one in found if one.failing]:
        raise PartialFailure(
            f"{len(failing)} of {len(found)} sources cannot see now: {', '.join(failing)}",
            "listener sources check",
        )
