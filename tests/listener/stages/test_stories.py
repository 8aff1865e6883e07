"""One article from several feeds is one story: folded, counted, and one case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from listener.app import App, open_app
from listener.stages.triage import Triage
from listener.store.rows import CaseRow, Collected, QueueQuery, Span
from sources.mention import Author, Mention, Thread

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
URL = "https://paper.example/2026/bank-outage"
ANGRY = "Northgate app is broken and nobody answers the phone, terrible service"
OTHER = "Customers of Northgate cannot log in since Friday; its hotline is dead, an awful mess"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "config.yaml").write_text(
        "brands:\n  - name: Northgate\n    query: northgate\n"
        "    handles: {mastodon: '@northgate@social.example'}\n",
        encoding="utf-8",
    )
    with open_app(tmp_path / "config.yaml", now=lambda: NOW) as opened:
        yield opened


def article(id: str, url: str = URL, text: str = ANGRY, author: str = "", days: int = 0) -> Mention:
    at = NOW - timedelta(days=60 - days)
    return Mention("rss", id, text, at, Author(author, "", author), url=url)


def hear(app: App, *pages: tuple[str, Mention], batch: int = 500) -> None:
    """Collect pages of one mention each from a named source, and triage them in batches."""
    for source, mention in pages:
        run = app.store.open_run(source, NOW)
        app.store.collect(Collected(run=run, source=source, mentions=[mention], at=NOW))
    triage = Triage(app.store, app.config, app.now)
    while triage.step(batch):
        pass
    triage.close()


def cases(app: App) -> list[CaseRow]:
    return app.store.queue(QueueQuery(view="all"))


def originals(app: App) -> dict[str, int | None]:
    return {row.mention.external_id: row.duplicate_of for row in app.store.mentions(Span())}


FEEDS = (
    ("paper", article("a")),
    ("agency", article("b", URL + "?utm_source=rss#top", OTHER, "agency/jo", 1)),
    ("mobile", article("c", URL.replace("https://", "http://m.") + "/", OTHER, "m/jo", 2)),
)


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_variants_of_one_article_are_one_story(app: App, batch: int) -> None:
    hear(app, *FEEDS, batch=batch)
    assert originals(app) == {"a": None, "b": 1, "c": 1}
    [case] = cases(app)
    assert (case.mention, case.folded, case.people) == (1, 2, 1)
    [issue] = app.store.issues()
    assert (issue.mentions, issue.people) == (3, 1)
    assert issue.sources == ("agency", "mobile", "paper")


def test_batches_make_no_difference(app: App, tmp_path: Path) -> None:
    pages = [
        *FEEDS,
        ("blog", article("d", "https://blog.example/1", ANGRY, "blog/eve", 3)),
        ("paper", article("e", URL, "Northgate: what happened next", days=4)),
        ("blog", article("f", "https://blog.example/1?ref=x", OTHER, "blog/eve", 5)),
        ("late", article("g", URL, OTHER, days=40)),
        ("later", article("h", URL + "?fbclid=1", OTHER, days=41)),
    ]
    found = []
    for batch in (1, 3, 500):
        folder = tmp_path / str(batch)
        folder.mkdir()
        (folder / "config.yaml").write_text((tmp_path / "config.yaml").read_text())
        with open_app(folder / "config.yaml", now=lambda: NOW) as one:
            hear(one, *pages, batch=batch)
            rows = [
                (row.issue, row.duplicate_of, row.similarity) for row in one.store.mentions(Span())
            ]
            found.append((rows, [(case.mention, case.issue, case.folded) for case in cases(one)]))
    assert found[0] == found[1] == found[2]


def test_a_feed_that_links_everything_to_one_page_tells_no_story(app: App) -> None:
    hear(app, ("status", article("a")), ("status", article("b", text=OTHER)))
    assert originals(app) == {"a": None, "b": None}
    assert len(cases(app)) == 2


def test_an_old_story_that_comes_again_is_a_new_one(app: App) -> None:
    hear(app, ("paper", article("a")), ("agency", article("b", text=OTHER, days=31)))
    assert originals(app)["b"] is None


def test_comments_and_reviews_of_one_page_are_no_story(app: App) -> None:
    review = replace(article("b", text=OTHER), kind="appstore")
    hear(
        app,
        ("paper", article("a")),
        ("store", review),
        ("talk", article("c", URL + "#comment-7", "Northgate let me down too, I want a refund")),
        ("talk", replace(article("d", text=OTHER), thread=Thread("a", "a"))),
    )
    assert originals(app)["b"] is None
    assert originals(app)["c"] is None


def test_a_story_whose_first_report_needs_no_answer_opens_its_case_once(app: App) -> None:
    hear(app, ("paper", article("a", text="Northgate names a new chairwoman")))
    assert cases(app) == []
    hear(app, *((feed, article(feed, URL + f"?ref={feed}", OTHER)) for feed in ("b", "c")))
    hear(app, ("d", article("d", URL + "?ref=d", OTHER)))
    assert [case.mention for case in cases(app)] == [2]


def test_what_our_own_account_writes_is_ours_whatever_its_words(app: App) -> None:
    at = NOW - timedelta(days=1)
    thread = Thread("1", "1")
    hear(
        app,
        ("m", Mention("mastodon", "1", ANGRY, at, Author("ann", "@ann@social.example"))),
        (
            "m",
            Mention(
                "mastodon",
                "2",
                "So sorry! The app is broken, nobody can log in.",
                at + timedelta(hours=1),
                Author("https://social.example/@northgate", "@Northgate@social.example"),
                thread=thread,
            ),
        ),
        (
            "m",
            Mention(
                "mastodon", "3", "Me too", at + timedelta(hours=2), Author("ben"), thread=thread
            ),
        ),
    )
    [case] = cases(app)
    ours, other = app.store.thread(case.id)[1:]
    assert ours.verdict is not None
    assert ours.verdict.muted_by[0] == "our own post"
    assert (ours.brand, other.mention.author.id) == ("Northgate", "ben")
