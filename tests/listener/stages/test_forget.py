"""Texts are kept as long as the configuration says, and are looked at once a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from listener.cli import cli
from listener.config import Config, load
from listener.stages.forget import forget
from listener.store import open_store
from listener.store.protocol import Store
from listener.store.rows import Collected, Span
from sources.mention import Author, Mention

SEEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    file = tmp_path / "config.yaml"
    file.write_text("brands: [{name: Acme}]\nretention: {text: 30d}\n", encoding="utf-8")
    return load(file, {})


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    with open_store(config.store) as store:
        run = store.open_run("forum", SEEN)
        said = [
            Mention("forum", str(n), f"words {n}", SEEN - timedelta(days=900), Author(f"u{n % 3}"))
            for n in range(450)
        ]
        store.collect(Collected(run, "forum", said, SEEN))
        yield store


def living(store: Store) -> int:
    return sum(row.deleted_at is None for row in store.mentions(Span()))


def test_what_is_old_but_was_seen_lately_stays(store: Store, config: Config) -> None:
    assert forget(store, config, SEEN + timedelta(days=30)) == 0
    assert living(store) == 450


def test_on_the_day_after_it_goes_page_by_page(store: Store, config: Config) -> None:
    day = SEEN + timedelta(days=31)
    asked = iter([False, True])
    assert forget(store, config, day, lambda: next(asked)) == 200
    assert living(store) == 250
    assert forget(store, config, day) == 250
    assert forget(store, config, day + timedelta(hours=1)) == 0
    assert living(store) == 0


def test_a_clock_at_the_beginning_of_time(store: Store, config: Config) -> None:
    assert forget(store, config, datetime(1, 1, 3, tzinfo=UTC)) == 0


def test_a_person_is_erased_by_command(store: Store, tmp_path: Path) -> None:
    def type_(*words: str, answer: str = "") -> Result:
        words = ("--config", str(tmp_path / "config.yaml"), "store", "erase", *words)
        return CliRunner().invoke(cli, words, input=answer)

    type_("forum:u1", answer="n\n")
    assert living(store) == 450
    done = type_("forum:u1", answer="y\n")
    assert "Erased 150 mentions of forum:u1" in done.output
    assert {row.mention.author.id for row in store.mentions(Span())} == {"", "u0", "u2"}
    assert "nothing of 'forum:u1' is kept" in str(type_("forum:u1", "--yes").exception)
    assert "no person" in str(type_("u1", "--yes").exception)
