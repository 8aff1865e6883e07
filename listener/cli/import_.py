"""`listener import`: mentions from files."""

from __future__ import annotations

from pathlib import Path

import click

from listener.cli.brand_name import known_brand
from listener.cli.console import json_option

FORMATS = ("jsonl", "csv", "twcs")


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--brand", default="", help="Whose mentions they are. [default: the only brand]")
@click.option("--format", "form", type=click.Choice(FORMATS), help="[default: by the first line]")
@json_option
@click.pass_obj
def import_(
    config_path: Path | None, files: tuple[Path, ...], brand: str, form: str | None, as_json: bool
) -> None:
    """Take in mentions from files.

    FILES are JSON lines, CSV, or the columns of Customer Support on Twitter ("twcs"), plain or
    gzipped. What is in them belongs to the brand, whatever its query says. An import that was
    stopped goes on where it was when it is started again; repeats add nothing. Ends with 4 when a
    file or a line of it could not be taken in; all else is stored then.
    """
    from listener.app import open_app
    from listener.cli.console import print_json
    from listener.cli.cycle import as_plain, print_cycle
    from listener.cli.progress import progress_bar
    from listener.errors import PartialFailure
    from listener.logs import configure
    from listener.stages.cycle import Listening
    from listener.store import run_lock
    from sources.files.source import FilesSource

    configure()
    with open_app(config_path) as app, run_lock(app.config.store), progress_bar() as progress:
        chosen = app.config.brand(known_brand(app.config, brand)).name
        sources = [
            FilesSource(f"import:{path.absolute()}", [path], form or "", app.now) for path in files
        ]
        with Listening(app.store, app.config, app.plugins, app.now) as listening:
            cycle = listening.take_in(sources, chosen, progress=progress)
    if as_json:
        print_json(as_plain(cycle))
    else:
        print_cycle(cycle)
    rejected = sum(one.counted.rejected for one in cycle.collections)
    troubles = []
    if cycle.failed:
        troubles.append(f"{len(cycle.failed)} of {len(files)} files could not be read to their end")
    if rejected:
        troubles.append(
            f"{rejected:,} {'line was' if rejected == 1 else 'lines were'} not taken in"
        )
    if troubles:
        raise PartialFailure(
            f"{' and '.join(troubles)}; all else is stored",
            "mend what is named above, then the same command again; repeats add nothing",
        )
