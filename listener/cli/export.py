"""`listener export`: write mentions, issues, cases and more to a file."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import click

from listener.cli.brand_name import known_brand
from listener.cli.line_files import end_progress, out_option
from listener.errors import UsageError

# The names, so that the usage line needs none of the heavy modules; a test compares.
TABLE_NAMES = ("mentions", "issues", "cases", "loop", "evangelists", "ideas", "belonging")
FORMAT_NAMES = ("csv", "jsonl", "parquet")


class Moment(click.ParamType[datetime]):
    """A date or an ISO 8601 time; without a zone it is UTC."""

    name = "date or time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read it, or say what would have been right."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(
                f"{value!r} is not a date or time; write 2026-11-22 or 2026-11-22T14:30", param, ctx
            )
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command()
@click.argument("what", type=click.Choice(TABLE_NAMES))
@click.option("--format", "form", type=click.Choice(FORMAT_NAMES), default="csv", show_default=True)
@click.option("--since", type=Moment(), help="From this date or time on, in UTC.")
@click.option("--until", type=Moment(), help="Before this date or time, in UTC.")
@click.option("--brand", default="", help="Only this brand.")
@out_option
@click.pass_obj
def export(
    config_path: Path | None,
    what: str,
    form: str,
    since: datetime | None,
    until: datetime | None,
    brand: str,
    out: Path | None,
) -> None:
    """Write mentions, issues, cases and more to a file.

    Columns are stable and documented in docs/exports.md. In CSV a text that a spreadsheet could
    take for a formula gets a leading apostrophe; JSON lines and Parquet hold texts as they are.
    """
    from listener.app import open_app
    from listener.exports import TABLES, Wanted
    from listener.exports import export as write
    from listener.exports.wanted import own_handles
    from listener.stages.explaining import Belonging
    from listener.store.rows import Span
    from listener.tiers import spaces
    from listener.whole_file import whole_file

    if since is not None and until is not None and since >= until:
        raise UsageError(
            f"--since {since:%Y-%m-%d %H:%M} is not before --until {until:%Y-%m-%d %H:%M}",
            f"listener export {what} --since {until:%Y-%m-%dT%H:%M} --until {since:%Y-%m-%dT%H:%M}",
        )
    if out is None and form == "parquet" and sys.stdout.isatty():
        raise UsageError(
            "Parquet is not for the eye",
            f"listener export {what} --format parquet --out {what}.parquet",
        )
    with open_app(config_path) as app:
        span = Span(since, until, known_brand(app.config, brand))
        explain = Belonging(spaces(app.config.brands)).brief(app.store)
        wanted = Wanted(span, own_handles(app.config), explain)
        with nullcontext(sys.stdout.buffer) if out is None else whole_file(out) as stream:
            count = write(app.store, TABLES[what], wanted, form, stream, _progress)
            stream.flush()
    end_progress()
    click.echo(f"{count:,} {what}" + (f" in {out}" if out else ""), err=True)


def _progress(rows: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{rows:,} rows", nl=False, err=True)
