"""`listener doctor`: what is wrong with this installation, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from listener.cli.console import json_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@json_option
@click.pass_obj
def doctor(config_path: Path | None, as_json: bool) -> None:
    """Examine the installation and say what to mend.

    Looks at Python, the libraries, other distributions under our import names, the models'
    checksums, plug-ins, the configuration, the store, whether sources see and messages arrive, the
    lock, the disk and the clock. Asks nobody and changes nothing. Ends with 1 when anything is wrong.
    """
    from listener.app import system_clock
    from listener.cli.console import cell, out, print_json, table
    from listener.doctor import State, examine
    from listener.errors import ListenerError
    from listener.plugins import load_plugins

    findings = list(examine(config_path, load_plugins(), system_clock))
    wrong = [finding for finding in findings if finding.state is State.WRONG]
    if as_json:
        print_json({"ok": not wrong, "findings": findings})
    else:
        styles = {State.OK: "green", State.NOTE: "yellow", State.WRONG: "bold red"}
        drawn = table("", "about", "what was found", "what to do")
        for found in findings:
            drawn.add_row(
                cell(found.state, styles[found.state]),
                cell(found.about),
                cell(found.message, limit=400),
                cell(found.advice, limit=400),
            )
        out().print(drawn)
    if wrong:
        count = f"{len(wrong)} thing{'s are' if len(wrong) > 1 else ' is'} wrong"
        raise ListenerError(count, wrong[0].advice)
