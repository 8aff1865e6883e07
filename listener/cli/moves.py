"""What all moves have that are typed: who makes them, why, how they are told and taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from listener.cli.actor import actor_option
from listener.cli.console import json_option, print_json, safe, say
from listener.cli.next_command import for_config

if TYPE_CHECKING:
    from listener.store.rows import HistoryRow

note_option = click.option("--note", default="", help="Why, for colleagues.")


def move_options(command: Callable[..., None]) -> Callable[..., None]:
    """Who makes the move and `--json`, behind a command's own options, and the configuration."""
    return actor_option(json_option(click.pass_obj(command)))


def told(done: HistoryRow, as_json: bool, sentence: str, undo: str = "") -> None:
    """Say what was done, and how to take it back: by `undo`, or as a move on its case."""
    if as_json:
        print_json(done)
        return
    click.echo(safe(sentence))
    on = "" if done.case is None else f" {done.case}"
    back = for_config(f"listener {undo or f'queue undo{on}'} --move {done.id}")
    say(f"Take it back: {back}")
