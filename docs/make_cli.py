"""Writes the help texts in docs/cli.md from the commands themselves: `python docs/make_cli.py`."""

from collections.abc import Iterator
from pathlib import Path

import click

from listener.cli import cli

PAGE = Path(__file__).with_name("cli.md")
BEGIN, END = "<!-- help: begin -->", "<!-- help: end -->"
WIDTH = 88


def commands(group: click.Group, path: str, context: click.Context) -> Iterator[tuple[str, str]]:
    """Every command under a group with its help, in the order of the overview."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        within = click.Context(
            command, parent=context, info_name=name, max_content_width=WIDTH, terminal_width=WIDTH
        )
        yield f"{path} {name}", command.get_help(within)
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}", within)


def helps() -> str:
    """The help of `listener` and of every command."""
    top = click.Context(
        cli,
        info_name="listener",
        max_content_width=WIDTH,
        terminal_width=WIDTH,
        # As typed: commands inherit -h from the program's own settings.
        **cli.context_settings,
    )
    pages = [("listener", cli.get_help(top)), *commands(cli, "listener", top)]
    return "\n\n".join(f"### {name}\n\n```\n{text.rstrip()}\n```" for name, text in pages)


def page(text: str) -> str:
    """The page with its help texts renewed."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{helps()}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
