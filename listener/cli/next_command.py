"""The next command to type, for the configuration that was named."""

from __future__ import annotations

import shlex

import click
from click.core import ParameterSource


def for_config(command: str) -> str:
    """A command of ours with the `--config` that was typed; anything else as it is.

    A configuration that the environment names needs no word: it holds for the next command too.
    """
    context = click.get_current_context(silent=True)
    if context is None or not command.startswith("listener ") or "--config" in command:
        return command
    root = context.find_root()
    if root.get_parameter_source("config_path") is not ParameterSource.COMMANDLINE:
        return command
    named = shlex.join(["listener", "--config", str(root.params["config_path"])])
    return named + command.removeprefix("listener")
