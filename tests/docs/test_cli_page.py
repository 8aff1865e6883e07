import importlib.util
import shlex
from pathlib import Path
from types import ModuleType

import click
import pytest

from listener.cli import COMMANDS, cli
from listener.cli.eval import TASK_NAMES
from listener.measuring import TASKS
from listener.measuring.gold import LANE_OF_LABEL

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "cli.md").read_text("utf-8")


def make_cli() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_cli", DOCS / "make_cli.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_help_on_the_page_is_the_help_of_the_program() -> None:
    assert make_cli().page(TEXT) == TEXT, "run: python docs/make_cli.py"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example(command: str) -> None:
    examples = TEXT.partition("## One example each")[2].partition("## Files of lines")[0]
    assert f"\nlistener {command}" in examples


def test_every_task_and_label_of_eval_is_on_the_page() -> None:
    assert tuple(TASKS) == TASK_NAMES
    section = TEXT.partition("## Labels that")[2].partition("## Help")[0]
    for name in (*TASKS, *LANE_OF_LABEL):
        assert name in section, name


def examples() -> list[str]:
    section = TEXT.partition("## One example each")[2].partition("## Files of lines")[0]
    return [line for line in section.splitlines() if line.startswith("listener ")]


@pytest.mark.parametrize("example", examples())
def test_every_example_is_understood(example: str) -> None:
    """Parsed as typed, with its options and arguments, and not run."""
    words = shlex.split(example.partition(">")[0].partition("|")[0], comments=True)[1:]
    command: click.Command = cli
    context = click.Context(cli, info_name="listener", **cli.context_settings)
    while isinstance(command, click.Group):
        name = words.pop(0)
        found = command.get_command(context, name)
        assert found is not None, name
        command = found
        if isinstance(command, click.Group):
            context = click.Context(command, parent=context, info_name=name)
    assert command.make_context(name, words, parent=context).args == []
