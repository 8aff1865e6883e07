"""The command `listener`: one file per noun, loaded only when its command is typed."""

from __future__ import annotations

import difflib
import importlib
import sys
from pathlib import Path

import click

from listener.cli.next_command import for_config
from listener.cli.streams import last_words, refusal, settle_streams
from listener.errors import ListenerError
from listener.process import tune

# Every command with the module that holds it and the sentence of the overview. The sentence lives
# here so that `listener --help` loads none of them; a test compares it with the command's own.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("listener.cli.init:init", "Write a commented config.yaml for a brand."),
    "check": ("listener.cli.check:check", "Check the configuration and try every source."),
    "doctor": ("listener.cli.doctor:doctor", "Examine the installation and say what to mend."),
    "demo": (
        "listener.cli.demo:demo",
        "Show the queue of the sample brand, in a store of its own.",
    ),
    "up": ("listener.cli.up:up", "Run everything in one process: the daemon and the web server."),
    "serve": ("listener.cli.serve:serve", "Run the web server alone."),
    "daemon": ("listener.cli.daemon:daemon", "Collect and triage on a schedule."),
    "fleet": (
        "listener.cli.fleet:fleet",
        "Share the daemon's work among workers on any number of machines.",
    ),
    "run": ("listener.cli.run:run", "Collect and triage once, as from cron."),
    "import": ("listener.cli.import_:import_", "Take in mentions from files."),
    "score": ("listener.cli.score:score", "Judge the lines of a file; needs no store."),
    "group": ("listener.cli.group:group", "Group the lines of a file; needs no store."),
    "eval": ("listener.cli.eval:eval_", "Measure judging or grouping on labelled lines."),
    "queue": ("listener.cli.queue:queue", "Work the queue: list, claim, answer, resolve, undo."),
    "issues": ("listener.cli.issues:issues", "See and shape the issues behind the complaints."),
    "learn": (
        "listener.cli.learn:learn",
        "See what corrections teach the judge, try it, use it, take it back.",
    ),
    "sources": (
        "listener.cli.sources:sources",
        "See where mentions come from and what was missed.",
    ),
    "notify": (
        "listener.cli.notify:notify",
        "See who was told of alarms, try an entry, send again.",
    ),
    "export": ("listener.cli.export:export", "Write mentions, issues, cases and more to a file."),
    "user": ("listener.cli.user:user", "Add, invite, list and disable the people of the desk."),
    "token": ("listener.cli.token:token", "Create and revoke API tokens."),
    "schema": ("listener.cli.schema:schema", "Print the JSON schema of config.yaml."),
    "backup": (
        "listener.cli.backup:backup",
        "Copy the store while it is in use, and verify the copy.",
    ),
    "store": (
        "listener.cli.store:store",
        "Move the store into another database; erase a person from it.",
    ),
}


class LateGroup(click.Group):
    """A group whose commands are imported when they are called, not when help lists them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order of the table: set-up first, then work, then upkeep."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module; None when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a word that is none is answered with the nearest that is one."""
        near = difflib.get_close_matches(args[0], COMMANDS, n=1)
        if near and args[0] not in COMMANDS:
            ctx.fail(f"no such command: {args[0]!r} — did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a configuration that was named stands in the command to type next."""
        try:
            return super().invoke(ctx)
        except ListenerError as error:
            error.hint = for_config(error.hint)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="LISTENER_CONFIG",
    help="The configuration.  [default: config.yaml]",
)
@click.version_option(package_name="complaint-listener", prog_name="listener")
@click.pass_context
def cli(ctx: click.Context, config_path: Path | None) -> None:
    """Hear public complaints, see what they are about, and answer the people behind them."""
    ctx.obj = config_path


def main() -> None:
    """Run the command line; every known error becomes one clear message and its exit code."""
    tune()
    settle_streams()
    try:
        cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        print(
            "Stopped; what was committed stays, and the next run goes on from there.",
            file=sys.stderr,
        )
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ListenerError as error:
        print(f"Error: {error}", file=sys.stderr)
        if error.hint:
            print(f"Try:   {error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        last_words()
        print(f"Error: {refusal(error)}", file=sys.stderr)
        print("Try:   df -h, or listener doctor", file=sys.stderr)
        sys.exit(1)
