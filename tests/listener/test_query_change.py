"""What another query would change, over a store with a history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.config import BrandConfig, Config
from listener.query_change import QueryChange, query_change
from listener.stages.triage import Triage
from listener.store import open_store
from listener.store.protocol import Store
from listener.store.rows import Collected, Span
from sources.mention import Author, Mention
from sources.protocols import Tombstone
from sources.settings import SourceSettings
from triage.query import Query

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONFIG = Config(
    brands=(BrandConfig(name="Acme", query="acme"), BrandConfig(name="Zenith", query="zenith")),
    sources=(
        SourceSettings(name="news", type="rss"),
        SourceSettings(name="theirs", type="rss", brands=("Zenith",)),
    ),
)


def collect(store: Store, source: str, *texts: str, brand: str = "") -> None:
    mentions = [
        Mention("rss", text, text, START + timedelta(minutes=minute), Author("ann", "ann"))
        for minute, text in enumerate(texts)
    ]
    run = store.open_run(source, START)
    store.collect(Collected(run, source, mentions, START, brand=brand))
    store.close_run(run, "ok", "", START)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/listener.db") as store:
        collect(
            store,
            "news",
            "Acme lost my card",
            "Acme jobs in Leeds",
            "apex is down",
            "Acme and Zenith merge",
            "apex jobs and Zenith",
            "weather",
            "Acme, erased",
        )
        collect(store, "theirs", "Acme on a source of Zenith")
        collect(store, "import:old", "imported, names nobody", brand="Acme")
        collect(store, "import:other", "acme, imported for another", brand="Zenith")
        run = store.open_run("news", START)
        gone = [Tombstone("rss", "Acme, erased")]
        store.collect(Collected(run, "news", [], START, tombstones=gone))
        triage = Triage(store, CONFIG, lambda: START)
        triage.drain()
        triage.close()
        yield store


def change(store: Store, query: str, examples: int = 5, span: Span | None = None) -> QueryChange:
    brand = CONFIG.brand("Acme")
    ticks: list[int] = []
    return query_change(
        store, CONFIG, brand, Query.parse(query), span or Span(), examples, ticks.append
    )


def test_every_mention_enters_leaves_stays_or_stays_out(store: Store) -> None:
    found = change(store, "(acme OR apex) NOT jobs")
    assert (found.entering, found.leaving, found.stays) == (1, 1, 2)
    assert found.seen == 6  # once each, though two brands were judged for one of them
    assert found.bound == 1
    (entering,), (leaving,) = found.entering_examples, found.leaving_examples
    assert entering.mention.text == "apex is down"
    assert entering.before == "lacks acme"
    assert entering.after == "found “apex” (text 0–4)"
    assert leaving.before == "found “Acme” (text 0–4)"
    assert leaving.after == "excluded by “jobs” (text 5–9)"
    assert [hit.text for hit in leaving.hits] == ["Acme"]


def test_the_same_query_changes_nothing(store: Store) -> None:
    found = change(store, "acme")
    assert (found.entering, found.leaving, found.stays) == (0, 0, 3)
    assert found.entering_examples == found.leaving_examples == ()


def test_examples_are_the_latest_and_counts_are_whole(store: Store) -> None:
    found = change(store, "apex OR weather", examples=2)
    assert found.entering == 3
    assert [one.mention.text for one in found.entering_examples] == [
        "weather",
        "apex jobs and Zenith",
    ]
    assert change(store, "apex", examples=0).entering == 2


def test_only_the_span_is_looked_at(store: Store) -> None:
    found = change(store, "apex", span=Span(START + timedelta(minutes=3)))
    assert (found.seen, found.entering, found.leaving) == (3, 1, 1)


def test_what_our_own_accounts_wrote_is_bound(store: Store) -> None:
    brand = CONFIG.brand("Acme").model_copy(update={"handles": {"rss": "@ann"}})
    found = query_change(store, CONFIG, brand, Query.parse("apex"), Span(), 5, lambda _: None)
    assert (found.bound, found.seen, found.entering, found.leaving) == (7, 0, 0, 0)
