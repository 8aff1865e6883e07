"""`listener sources import-opml` and `discover`: feeds as entries for config.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.console import json_option

if TYPE_CHECKING:
    from listener.feed_entries import FeedEntries
    from sources.settings import SourceSettings


@click.command("import-opml")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def import_opml(config_path: Path | None, file: Path, as_json: bool) -> None:
    """Print the feeds of an OPML list as entries for config.yaml.

    Nothing is fetched and nothing is written. Names are unique; feeds that are configured already
    are left out. What cannot be an entry is named on stderr.
    """
    from listener.errors import ListenerError
    from sources.errors import Unreadable
    from sources.feeds.opml import LARGEST, read_opml

    try:
        with file.open("rb") as opened:
            found = read_opml(opened.read(LARGEST + 1))
    except OSError as error:
        raise ListenerError(f"cannot read {file}: {error.strerror}", f"ls -ld {file}") from error
    except Unreadable as error:
        raise ListenerError(f"{file}: {error}", "export the list as OPML once more") from error
    entries = _entries(config_path)
    for feed in found.feeds:
        entries.add(feed.url, feed.title)
    _print(entries, found.rejected, config_path, as_json)


@click.command()
@click.argument("url")
@click.option("--allow-private", is_flag=True, help="Allow addresses outside the public internet.")
@json_option
@click.pass_obj
def discover(config_path: Path | None, url: str, allow_private: bool, as_json: bool) -> None:
    """Print the feeds of a web site as entries for config.yaml.

    Fetches the page once; try a feed with `listener sources check` when it is configured.
    """
    from listener.errors import ListenerError
    from sources.errors import Blocked, SourceError
    from sources.feeds.discovery import discover as look
    from sources.http.fetch import Fetcher

    try:
        with Fetcher(allow_private=allow_private) as fetcher:
            found = look(fetcher, url)
    except SourceError as error:
        private = isinstance(error, Blocked) and error.private
        hint = f"listener sources discover --allow-private {url}" if private else ""
        raise ListenerError(str(error), hint) from error
    entries = _entries(config_path)
    for feed in found:
        entries.add(feed.url, feed.title, allow_private=allow_private)
    _print(entries, (), config_path, as_json)


def _entries(config_path: Path | None) -> FeedEntries:
    """Entries beside what is configured; without a readable configuration, the first ones."""
    from listener.config import load
    from listener.errors import ConfigError
    from listener.feed_entries import FeedEntries
    from listener.plugins import load_plugins

    taken: Iterable[SourceSettings] = ()
    try:
        taken = load(config_path, load_plugins().source_settings()).sources
    except ConfigError as error:
        click.echo(f"nothing is known of what is configured already: {error}", err=True)
    return FeedEntries(taken)


def _print(
    entries: FeedEntries, rejected: Iterable[str], config_path: Path | None, as_json: bool
) -> None:
    from listener.cli.console import print_json, safe

    refused = [*rejected, *entries.rejected]
    if as_json:
        plain: Mapping[str, object] = {
            "sources": [entry.settings() for entry in entries.entries],
            "known": entries.known,
            "rejected": refused,
        }
        print_json(plain)
        return
    for entry in entries.entries:
        click.echo(f"  - {entry.yaml()}")
    for words in refused:
        click.echo(f"left out: {safe(words, 300)}", err=True)
    for name in entries.known:
        click.echo(f"configured already: {safe(name)}", err=True)
    count = len(entries.entries)
    if count:
        where = config_path or Path("config.yaml")
        click.echo(f"{count} to be put under `sources:` in {where}", err=True)
    else:
        click.echo("no new feed", err=True)
    _warn_of_size(entries, config_path)


def _warn_of_size(entries: FeedEntries, config_path: Path | None) -> None:
    from listener.config.document import MAX_BYTES

    path = config_path or Path("config.yaml")
    there = path.stat().st_size if path.is_file() else 0
    size = there + sum(len(entry.yaml().encode()) + 5 for entry in entries.entries)
    if size > MAX_BYTES:
        click.echo(
            f"with these the configuration has {size:,} bytes; {MAX_BYTES:,} are read: "
            "leave some out, or run a second listener",
            err=True,
        )
