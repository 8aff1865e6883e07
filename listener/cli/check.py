"""`listener check`: is the configuration right, and does every source answer?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from listener.cli.console import json_option

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from listener.checkup import Checkup
    from listener.config import Config


@click.command()
@json_option
@click.pass_obj
def check(config_path: Path | None, as_json: bool) -> None:
    """Check the configuration and try every source.

    Nothing is stored. Ends with 3 when the configuration is wrong, with every mistake and its
    place, and with 4 when a source fails, with the setting to mend.
    """
    from listener.app import system_clock
    from listener.checkup import check_notify, check_sources
    from listener.cli.console import print_json
    from listener.config import load
    from listener.errors import ConfigError
    from listener.plugins import Services, load_plugins

    plugins = load_plugins()
    warn(str(problem) for problem in plugins.problems)
    try:
        config = load(config_path, plugins.source_settings())
    except ConfigError as error:
        if as_json:
            print_json({"ok": False, "mistakes": str(error).splitlines(), "sources": []})
        raise
    remarks = list(_remarks(config))
    checks = list(check_sources(config, plugins, Services(now=system_clock)))
    told = list(check_notify(config))
    ok = all(one.ok for one in (*checks, *told))
    if as_json:
        print_json(
            {"ok": ok, "mistakes": [], "remarks": remarks, "sources": checks, "notify": told}
        )
    else:
        click.echo(f"{config_path or 'config.yaml'} is right: {_counted(config)}.")
        show_checks(checks)
        show_checks(told, "notify")
        warn(remarks)
    fail_on(checks)
    fail_on(told, "entries of notify")


def warn(remarks: Iterable[str]) -> None:
    """Print remarks on stderr."""
    from listener.cli.console import safe, say

    for remark in remarks:
        say(f"Note: {safe(remark, 400)}")


def show_checks(checks: list[Checkup], heading: str = "source") -> None:
    """Print what trying the sources, or whatever the heading says, found."""
    from listener.cli.console import cell, out, table

    if not checks:
        return
    drawn = table(heading, "type", "", "what was found")
    for one in checks:
        sign = cell("ok", "green") if one.ok else cell("fails", "bold red")
        mend = f" (mend {one.setting})" if one.setting else ""
        drawn.add_row(cell(one.source), cell(one.type), sign, cell(one.message + mend, limit=300))
    out().print(drawn)


def fail_on(checks: list[Checkup], what: str = "sources") -> None:
    """End with 4 when one of these failed its check."""
    from listener.errors import PartialFailure

    failed = [one for one in checks if not one.ok]
    if failed:
        listed = ", ".join(one.source for one in failed)
        settings = ", ".join(one.setting for one in failed if one.setting)
        hint = f"mend {settings}, then: listener check" if settings else "listener doctor"
        raise PartialFailure(f"{len(failed)} of {len(checks)} {what} failed: {listed}", hint)


def _counted(config: Config) -> str:
    brands, sources = len(config.brands), len(config.sources)
    return (
        f"{brands} brand{'s' if brands != 1 else ''}, {sources} source{'s' if sources != 1 else ''}"
    )


def _remarks(config: Config) -> Iterable[str]:
    """What is allowed and yet worth knowing."""
    from listener.config.environment import overrides, variable

    if not config.sources:
        yield "no source is configured yet: see `sources` in the file and listener sources describe"
    for path in overrides():
        yield f"{variable(path)} overrides {'.'.join(str(part) for part in path)}"
