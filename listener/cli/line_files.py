"""Files of JSON lines on the command line: `-` is stdin, results go to stdout or appear whole."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from listener.cli.brand_name import known_brand
from listener.errors import ListenerError, PartialFailure, UsageError

if TYPE_CHECKING:
    from listener.lines import Line
    from triage.protocols import BrandContext

file_argument = click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write here instead of stdout; the file appears when it is whole.",
)
tier_option = click.option(
    "--tier",
    type=click.Choice(("small", "quality")),
    default=None,
    help="Group by the small table or by the encoder [default: as the brand, else small].",
)
brand_option = click.option(
    "--brand", default="", help="Whose name, handles and languages are known to the judge."
)

# How many lines go by between two words of progress, and how many mistakes are named at the end.
STEP = 500
NAMED = 3


@contextmanager
def opened(file: Path) -> Iterator[BinaryIO]:
    """Open a file of lines for reading; `-` is stdin. Raises ListenerError when it can't be."""
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise ListenerError(f"cannot read {file}: {error.strerror}", f"ls -ld {file}") from error
    with stream:
        yield stream


def write_lines(
    file: Path,
    out: Path | None,
    produce: Callable[[Iterable[Line]], Iterator[tuple[Line, bytes]]],
) -> None:
    """Send a file through `produce`, line by line.

    Raises PartialFailure at the end, when everything is written, if some lines could not be used.
    """
    from listener.lines import read_lines
    from listener.whole_file import whole_file

    bad: list[Line] = []
    mistakes = count = 0
    with opened(file) as stream:
        target = nullcontext(sys.stdout.buffer) if out is None else whole_file(out)
        with target as written:
            for line, answer in produce(read_lines(stream)):
                written.write(answer)
                count += 1
                if line.error:
                    mistakes += 1
                    bad = [*bad, line][:NAMED]
                show_progress(count, "lines")
            written.flush()
    end_progress()
    if mistakes:
        places = "; ".join(f"line {line.number}: {line.error}" for line in bad)
        more = "; …" if mistakes > len(bad) else ""
        raise PartialFailure(
            f"{mistakes:,} of {count:,} lines could not be read ({places}{more}); "
            'each has an "error" in its place, all others are done',
            "mend these lines, then the same command again",
        )


def brand_context(config_path: Path | None, brand: str) -> BrandContext:
    """What the judge should know: a brand of the configuration, or just the name given.

    Without --config no configuration is read.
    """
    from triage.protocols import BrandContext

    if config_path is None:
        return BrandContext(brand)
    from listener.config import load
    from listener.plugins import load_plugins

    config = load(config_path, load_plugins().source_settings())
    found = config.brand(known_brand(config, brand))
    handles = tuple(handle for handle in found.handles.values() if handle)
    return BrandContext(
        found.name,
        handles,
        tuple(found.languages),
        quality=found.tier == "quality",
        vigilante=found.vigilante.differing(),
        severe=found.severe.differing(),
    )


def in_tier(context: BrandContext, tier: str | None) -> BrandContext:
    """The same in another tier; raises UsageError when that is not installed."""
    from dataclasses import replace

    from triage.encoder import INSTALL, installed

    if tier is None:
        return context
    if tier == "quality" and not installed():
        raise UsageError("the quality tier is not installed", INSTALL)
    return replace(context, quality=tier == "quality")


def show_progress(count: int, unit: str) -> None:
    """Say how far we are, on a terminal only, every STEP."""
    if count % STEP == 0 and sys.stderr.isatty():
        click.echo(f"\r{count:,} {unit}", nl=False, err=True)


def end_progress() -> None:
    """Take the last word of progress away."""
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
