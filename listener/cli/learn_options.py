"""What several commands of `listener learn` ask for."""

from __future__ import annotations

import click

brand_option = click.option("--brand", default="", help="For which brand, when there are several.")
since_option = click.option(
    "--since",
    metavar="TIME",
    default="30d",
    show_default=True,
    help="Posts from this time on: 30d, or 2026-11-01.",
)
