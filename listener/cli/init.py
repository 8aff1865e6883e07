"""`listener init`: the first configuration of a brand."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from listener.errors import ListenerError, UsageError


@click.command()
@click.option("--brand", required=True, metavar="NAME", help="The brand to listen for.")
@click.option(
    "--path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it.  [default: config.yaml]",
)
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@click.pass_obj
def init(config_path: Path | None, brand: str, path: Path | None, force: bool) -> None:
    """Write a commented config.yaml for a brand.

    The file is valid as it is; its sources are written out as comments, none of them needs a key.
    """
    from listener.cli.console import say
    from listener.config.starter import starter

    name = brand.strip()
    if not name or len(name) > 80 or not name.isprintable():
        raise UsageError(
            "a brand's name has 1 to 80 readable characters", "listener init --brand Acme"
        )
    target = path or config_path or Path("config.yaml")
    try:
        with target.open("w" if force else "x", encoding="utf-8") as file:
            file.write(starter(name))
    except FileExistsError:
        other = target.with_stem(f"{target.stem}-new")
        hint = shlex.join(["listener", "init", "--brand", name, "--path", str(other)])
        raise ListenerError(f"{target} is there already; nothing was changed", hint) from None
    except OSError as error:
        raise ListenerError(
            f"{target} cannot be written: {error.strerror}", f"ls -ld {target.parent}"
        ) from None
    option = "" if target == Path("config.yaml") else f" --config {target}"
    say(f"Wrote {target}. Choose its sources, then: listener{option} check")
