"""The top of the queue, as a program that has just started shows it."""

from __future__ import annotations

from listener.app import App
from listener.cli.console import out
from listener.cli.empty_queue import failing, why_empty
from listener.cli.queue_table import header, print_queue
from listener.health import report
from listener.store.rows import QueueQuery


def first_look(app: App, rows: int) -> None:
    """Print the first rows of the open queue of all brands on stdout."""
    now = app.now()
    cases = app.store.queue(QueueQuery(limit=rows, at=now))
    health = report(app.store, now)
    brands = ", ".join(brand.name for brand in app.config.brands)
    lost = failing(app.config, health.sources)
    empty = why_empty(health.totals, len(app.config.sources), lost, narrowed=False)
    print_queue(out(), cases, header(health.totals, health.alarms, brands), now, empty)
