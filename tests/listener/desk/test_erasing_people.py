"""A person is erased: a word that only they brought is then in no file, page or export."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from listener.app import App, open_app
from listener.cli import cli
from listener.errors import DeskError, NotFound
from listener.exports.tables import TABLES
from listener.exports.wanted import Wanted
from listener.exports.writers import write_jsonl
from listener.stages.triage import Triage
from listener.store.accounts import open_accounts
from listener.store.requests import Answered
from listener.store.rows import Collected, QueueQuery, Span
from listener.store.users import Role
from sources.mention import Author, Mention, Thread

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CANARY = "quux"  # in every word that belongs to the person, and in nobody else's
ANN = Author("id-quux", "@handlequux", "Namequux Smith", 12)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(
        f"store: sqlite:///{tmp_path}/listener.db\n"
        "brands:\n  - {name: Acme, query: acme}\n"
        "replies: {approval: none}\n"
    )
    return tmp_path


@pytest.fixture
def app(home: Path) -> Iterator[App]:
    with open_app(home / "config.yaml", now=lambda: AT) as app:
        yield app


def said(id: str, text: str, author: Author = ANN, title: str = "", **more: Any) -> Mention:
    url = f"https://forum.example/{author.handle.strip('@')}/{id}"
    return Mention("forum", id, text, AT - timedelta(hours=2), author, url, title=title, **more)


def hear(app: App, *mentions: Mention) -> None:
    run = app.store.open_run("forum", AT)
    app.store.collect(Collected(run, "forum", mentions, AT))
    app.store.close_run(run, "ok", "", AT)
    triage = Triage(app.store, app.config, app.now)
    triage.drain()
    triage.close()


def live_through_everything(app: App) -> int:
    """Let the person appear everywhere; returns their case."""
    others = [
        said(
            f"o{n}",
            f"The Acme roof box never arrived, refund number {n}!",
            Author(f"b{n}", f"@b{n}"),
        )
        for n in range(4)
    ]
    hear(app, *others)
    hear(
        app,
        said(
            "1", "My Acme zebraquux is broken, nobody answers, terrible service!", title="Titlequux"
        ),
        said("2", "Acme zebraquux broken again, still on hold, terrible!", thread=Thread("1", "1")),
        said("3", "I need a refund from Acme, my secondquux broke, awful."),
    )
    hear(app, said("1", "My Acme zebraquux editquux is broken, terrible!", title="Titlequux"))
    case = next(
        one.id for one in app.store.queue(QueueQuery(view="all")) if CANARY in one.text.lower()
    )
    desk = app.desk
    desk.labels.add(case, "bo", ["labelquux"])
    desk.labels.add(case, "bo", ["goneqquux"])
    desk.labels.remove(case, "bo", ["goneqquux"])
    desk.replies.note(case, "bo", "notequux: called them")
    desk.replies.draft(case, "bo", "Dear replyquux, sorry")
    desk.replies.sent(case, "bo")
    desk.replies.draft(case, "bo", "Dear draftquux, sorry again")
    desk.cases.snooze(case, "bo", AT + timedelta(hours=3), "remarkquux")
    desk.corrections.correct_case(case, "bo", [("severity", "critical")], note="correctquux")
    desk.cases.resolve(case, "bo", "outcomequux")
    return case


def files(home: Path) -> list[str]:
    """The files that hold the canary."""
    return [
        path.name for path in sorted(home.iterdir()) if CANARY.encode() in path.read_bytes().lower()
    ]


def exported(app: App) -> str:
    out = io.BytesIO()
    for table in TABLES.values():
        write_jsonl(table.columns, table.rows(app.store, Wanted(Span())), out)
    return out.getvalue().decode().lower()


def person_of(app: App) -> int:
    found = app.store.person_of("forum", "id-quux")
    assert found is not None
    return found.id


def test_the_canary_sings_before_and_is_silent_after(app: App, home: Path) -> None:
    case = live_through_everything(app)
    with open_accounts(app.config.store) as accounts:
        accounts.add_user("root", Role.ADMIN, "correct horse battery", AT)
    app.store.backup(str(home / "before.db"))
    assert files(home) != []
    assert CANARY in exported(app)
    (home / "before.db").unlink()
    counts = app.store.totals().mentions

    would = app.desk.people.would_erase(person_of(app))
    done = app.desk.people.erase(person_of(app), "root", f"erase {person_of(app)}")
    assert done == would
    assert (done.posts, done.labels) == (3, 1)
    assert done.written == 3

    assert files(home) == []
    assert CANARY not in exported(app)
    app.store.backup(str(home / "after.db"))
    assert files(home) == []
    assert app.store.totals().mentions == counts
    file = app.store.case(case)
    assert file is not None
    assert [row.state for row in file.replies if row.kind == "reply"] == ["sent", "cancelled"]
    assert {row.action for row in file.history} >= {"resolve", "label", "note", "correct"}
    for search in ("zebraquux", "handlequux"):
        assert app.store.queue(QueueQuery(view="all", search=search)) == []
    assert app.store.people(CANARY) == []


def test_the_audit_says_who_and_how_much_and_cannot_be_taken_back(app: App) -> None:
    live_through_everything(app)
    person = person_of(app)
    app.desk.people.erase(person, "root", f" Erase  {person} ")
    row = next(one for one in app.store.history(limit=50) if one.entity == "person")
    assert (row.actor, row.action, row.entity_id) == ("root", "erase", person)
    assert row.note.startswith("3 posts, ")
    assert row.before == row.after == {}
    with pytest.raises(DeskError, match="gone for good"):
        app.desk.undo("root", history=row.id)


@pytest.mark.parametrize("typed", ["", "erase", "erase 999", "yes", "erase 1\x00", "x" * 10**6])
def test_nothing_happens_before_it_was_typed(app: App, typed: str) -> None:
    live_through_everything(app)
    person = person_of(app)
    with pytest.raises(DeskError, match=f"type: erase {person}; nothing was erased"):
        app.desk.people.erase(person, "root", typed)
    assert app.desk.people.would_erase(person).posts == 3


def test_who_is_not_there_cannot_be_erased(app: App) -> None:
    with pytest.raises(NotFound):
        app.desk.people.erase(999, "root", "erase 999")
    with pytest.raises(NotFound, match="nothing of 'forum:nobody' is kept"):
        app.desk.people.erase_handle("forum", "nobody", "root")


def test_it_does_not_come_back_and_what_others_say_stays(app: App) -> None:
    live_through_everything(app)
    app.desk.people.erase(person_of(app), "root", f"erase {person_of(app)}")
    hear(app, said("3", "I need a refund from Acme, my secondquux broke, awful."))
    assert CANARY not in exported(app)
    texts = [row.mention.text for row in app.store.mentions(Span()) if row.deleted_at is None]
    assert len(texts) == 4
    assert all("roof box" in text for text in texts)
    hear(app, said("9", "Acme again, I am back and my newquux broke"))
    assert app.store.person_of("forum", "id-quux") is not None


def test_an_issue_loses_the_words_that_nobody_else_says(app: App) -> None:
    live_through_everything(app)
    app.desk.people.erase(person_of(app), "root", f"erase {person_of(app)}")
    for issue in app.store.issues():
        assert CANARY not in f"{issue.title} {issue.phrases} {issue.example}".lower()
    [box] = [one for one in app.store.issues() if "roof box" in one.example]
    assert box.title


def test_the_command_line_forgets_what_programs_were_answered(app: App, home: Path) -> None:
    live_through_everything(app)
    with open_accounts(app.config.store) as accounts:
        user = accounts.add_user("root", Role.ADMIN, "correct horse battery", AT)
        assert accounts.requests.begin(user.id, "k", "f", AT) is None
        accounts.requests.finish(user.id, "k", Answered(200, b'{"text": "quux"}'))
    config = str(home / "config.yaml")
    words = ["--config", config, "store", "erase", "forum:id-quux", "--yes", "--json"]
    done = CliRunner().invoke(cli, words, env={"LOGNAME": "root"})
    assert done.exit_code == 0, done.exception
    assert json.loads(done.stdout)["posts"] == 3
    assert files(home) == []


def test_every_handle_of_a_person_goes(app: App, home: Path) -> None:
    live_through_everything(app)
    person = person_of(app)
    hear(app, said("8", "Acme lost my otherquux", Author("other-quux", "@otherquux")))
    with app.store.database.writing() as conn:  # type: ignore[attr-defined]
        conn.execute("UPDATE handles SET person_id = ? WHERE author_id = 'other-quux'", (person,))
        conn.execute("DELETE FROM people WHERE id NOT IN (SELECT person_id FROM handles)")
    assert app.desk.people.erase(person, "root", f"erase {person}").posts == 4
    assert files(home) == []
