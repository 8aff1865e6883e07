"""`listener queue`: work the queue: list, claim, answer, resolve, undo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.actor import actor_option
from listener.cli.brand_name import known_brand
from listener.cli.console import by_name, json_option, out, print_json
from listener.cli.numbers import case_argument
from listener.cli.queue_corrections import COMMANDS, LANES
from listener.cli.queue_labels import LABELS
from listener.cli.queue_moves import MOVES
from listener.cli.queue_replay import replay
from listener.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.app import App
    from listener.store.rows import CaseRow

VIEWS = ("open", "mine", "waiting", "snoozed", "done", "all")
VIGILANTES = ("likely", "possible", "no")


@click.group()
def queue() -> None:
    """Work the queue: list, claim, answer, resolve, undo."""


@queue.command("list")
@click.option("--brand", default="", help="Only this brand.")
@click.option("--lane", type=click.Choice(LANES), default=None, help="Only this lane.")
@click.option("--vigilante", type=click.Choice(VIGILANTES), default=None, help="Only this band.")
@click.option("--view", type=click.Choice(VIEWS), default="open", show_default=True)
@click.option("--owner", default="", help="Only what this person has.")
@click.option("--source", default="", help="Only what this source brought.")
@click.option("--label", default="", help="Only what has this label.")
@click.option("--search", default="", help="Words and filters, such as `refund is:vigilante`.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True)
@actor_option
@json_option
@click.pass_obj
def list_(
    config_path: Path | None,
    brand: str,
    lane: str | None,
    vigilante: str | None,
    view: str,
    owner: str,
    source: str,
    label: str,
    search: str,
    limit: int,
    actor: str,
    as_json: bool,
) -> None:
    """List the cases by priority, each with the reasons for its place."""
    from listener.app import open_app
    from listener.desk.labels import label_name
    from listener.desk.search import find, read_search
    from listener.store.rows import QueueQuery

    with open_app(config_path) as app:
        brand = known_brand(app.config, brand)
        query = QueueQuery(
            brand=brand,
            view=view,
            lane=lane or "",
            vigilante=vigilante or "",
            owner=owner or (actor if view == "mine" else ""),
            source=source,
            label=label_name(label) if label else "",
            limit=limit,
            at=app.now(),
        )
        cases = find(app.store, read_search(search, query, actor))
        if not cases:
            _known_source(app, source)
        if as_json:
            print_json(cases)
            return
        narrowed = view != "open" or any((lane, vigilante, owner, source, label, search))
        _print_list(app, cases, brand, narrowed=narrowed)


def _known_source(app: App, source: str) -> None:
    """Refuse a source that is neither configured nor has ever brought anything."""
    from listener.config.mistakes import unknown_source

    known = {own.name for own in app.config.sources} | {one.source for one in app.store.health()}
    if source and source not in known:
        raise unknown_source(source, known)


def _print_list(app: App, cases: Sequence[CaseRow], brand: str, *, narrowed: bool) -> None:
    from listener.cli.empty_queue import failing, why_empty
    from listener.cli.queue_table import header, print_queue
    from listener.health import report

    health = report(app.store, app.now())
    totals = app.store.totals(brand) if brand else health.totals
    name = brand or ", ".join(one.name for one in app.config.brands)
    lost = failing(app.config, health.sources)
    empty = why_empty(totals, len(app.config.sources), lost, narrowed=narrowed)
    print_queue(out(), cases, header(totals, health.alarms, name), app.now(), empty)


@queue.command()
@case_argument
@json_option
@click.pass_obj
def show(config_path: Path | None, case: int, as_json: bool) -> None:
    """Show one case with everything known: the post, why it is here, what was done."""
    from listener.answering import answer_link
    from listener.app import open_app
    from listener.cli.case_page import print_case
    from listener.explaining import explained_case
    from triage.explanation import fields

    with open_app(config_path) as app:
        file = app.store.case(case)
        if file is None:
            raise NotFound(f"there is no case {case}", "listener queue list --view all")
        told = explained_case(app.config, file)
        if as_json:
            print_json({**by_name(file), "explanation": None if told is None else fields(told)})
        else:
            link = answer_link(app.desk, file.case, app.config, app.plugins, app.now)
            print_case(out(), file, link, app.now(), told)


for _move in (*MOVES, *LABELS, *COMMANDS, replay):
    queue.add_command(_move)
