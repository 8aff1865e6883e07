"""A store of an earlier version is brought up to date with everything in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from listener.store.calibrations import NewCalibration
from listener.store.rows import Collected, Span
from listener.store.sqlite import SqliteStore
from listener.store.sqlite.migrations import VERSION
from sources.mention import Mention

AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def tables(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as conn:
        found: list[tuple[str, str]] = conn.execute(
            "SELECT type, name FROM sqlite_master ORDER BY type, name"
        ).fetchall()
        columns = conn.execute("SELECT name FROM pragma_table_info('memberships')").fetchall()
    return found + [("column", name) for (name,) in columns]


def make_older(path: Path) -> None:
    """Take away what the step of sightings, stories and threads brings."""
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            "DROP TABLE sightings; DROP INDEX mentions_of_thread; DROP INDEX mentions_answering;"
            "DROP INDEX memberships_of_original; DROP INDEX memberships_of_story;"
            "ALTER TABLE memberships DROP COLUMN story;"
            "ALTER TABLE memberships DROP COLUMN same_story;"
            "DELETE FROM _sqlite_migrations WHERE name LIKE '%sightings%';"
            "PRAGMA user_version = 2;"
        )


def test_looking_up_begins_with_the_first_post(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with SqliteStore(path) as store:
        run = store.open_run("forum", AT)
        said = Mention("forum", "1", "text", AT)
        store.collect(Collected(run=run, source="forum", mentions=[said], at=AT))
    new = tables(path)
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            "DROP TABLE verifications; PRAGMA user_version = 4;"
            "DELETE FROM _sqlite_migrations WHERE name LIKE '%looked up%';"
        )
    with SqliteStore(path) as store:
        due = store.to_verify("forum", "forum", timedelta(hours=1), None, AT + DAY, 10)
        assert due.ids == ("1",)
    assert tables(path) == new


def test_sightings_begin_with_what_brought_a_mention_first(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with SqliteStore(path) as store:
        run = store.open_run("news", AT)
        said = Mention("rss", "1", "text", AT)
        store.collect(Collected(run=run, source="news", mentions=[said], at=AT))
    new = tables(path)
    make_older(path)
    assert tables(path) != new
    with SqliteStore(path) as store:
        run = store.open_run("blog", AT)
        store.collect(Collected(run=run, source="blog", mentions=[said], at=AT))
        [row] = store.mentions(Span())
        assert row.sources == ("news", "blog")
    assert tables(path) == new


def test_a_case_that_waits_for_the_customer_has_waited_since_its_answer(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with SqliteStore(path) as store:
        run = store.open_run("news", AT)
        store.collect(
            Collected(run=run, source="news", mentions=[Mention("rss", "1", "x", AT)], at=AT)
        )
    new = tables(path)
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            "INSERT INTO cases (brand, mention_id, kind, author_id, lane, severity, severity_band,"
            " vigilante, state, opened_at, last_at) SELECT 'Acme', 1, 'rss', '', 'complaint', 1, 'low',"
            " 'no', value, '2026-11-01T09:00:00Z', '2026-11-01T09:00:00Z'"
            " FROM json_each('[\"waiting\"]');"
            "INSERT INTO history (at, actor, action, entity, entity_id, case_id, before, after) VALUES"
            " ('2026-11-01T10:00:00Z', 'ann', 'answer', 'case', 1, 1, '{}', '{\"state\": \"waiting\"}');"
            "ALTER TABLE cases DROP COLUMN waits_from; ALTER TABLE cases DROP COLUMN paused_at;"
            "DROP INDEX corrections_of_mention; ALTER TABLE corrections DROP COLUMN audit;"
            "ALTER TABLE corrections DROP COLUMN history_id;"
            "DELETE FROM _sqlite_migrations WHERE name LIKE '%clocks%'; PRAGMA user_version = 5;"
        )
    with SqliteStore(path) as store:
        found = store.case(1)
        assert found is not None
        assert found.case.paused_at == AT.replace(hour=10)
    assert tables(path) == new


def test_hours_of_posts_are_counted_from_the_posts_there_are(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with SqliteStore(path) as store:
        run = store.open_run("news", AT)
        said = Mention("rss", "1", "x", AT)
        store.collect(Collected(run=run, source="news", mentions=[said], at=AT))
    new = tables(path)
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            "INSERT INTO issues (id, brand, lane, first_seen, last_seen, central_mention_id)"
            " SELECT 7, 'Acme', 'complaint', created_at, created_at, id FROM mentions;"
            "INSERT INTO memberships (mention_id, brand, issue_id, created_at, similarity)"
            " SELECT id, 'Acme', 7, created_at, 1 FROM mentions;"
            "DROP TABLE deliveries; DROP TABLE alarms; DROP TABLE stale_hours;"
            "DROP TABLE issue_hours; DROP INDEX issues_in_phase; DROP INDEX cases_promised;"
            "ALTER TABLE issues DROP COLUMN phase; PRAGMA user_version = 6;"
            "DELETE FROM _sqlite_migrations WHERE name LIKE '%deliveries%';"
        )
    with SqliteStore(path) as store:
        assert store.count_hours() == 1
        assert store.count_hours() == 0
    assert tables(path) == new


def test_calibrations_can_be_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with SqliteStore(path):
        pass
    new = tables(path)
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            "ALTER TABLE calibrations DROP COLUMN undone_at;"
            "ALTER TABLE calibrations DROP COLUMN history_id;"
            "DELETE FROM _sqlite_migrations WHERE name LIKE '%calibrations%';"
            "PRAGMA user_version = 7;"
        )
    with SqliteStore(path) as store:
        done = store.calibrate(NewCalibration("Acme", "a1", "weights", "bo", AT))
        assert done is not None
        assert store.undo(done.id, "bo", AT) is not None
    assert tables(path) == new


def test_verdicts_learn_how_far_a_mood_leans(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with SqliteStore(path):
        pass
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            "ALTER TABLE verdicts DROP COLUMN leaning;"
            "DELETE FROM _sqlite_migrations WHERE name LIKE '%leans%';"
            "PRAGMA user_version = 9;"
        )
    with SqliteStore(path):
        pass
    with closing(sqlite3.connect(path)) as conn:
        columns = conn.execute("SELECT name FROM pragma_table_info('verdicts')").fetchall()
        [(version,)] = conn.execute("PRAGMA user_version").fetchall()
    assert ("leaning",) in columns
    assert version == VERSION


def test_what_cases_sleep_until_and_labels(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with SqliteStore(path):
        pass
    new = tables(path)
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            "DROP INDEX cases_asleep; DROP TABLE case_labels;"
            "ALTER TABLE cases DROP COLUMN wakes_on; ALTER TABLE cases DROP COLUMN asleep;"
            "DELETE FROM _sqlite_migrations WHERE name LIKE '%labels%';"
            "PRAGMA user_version = 10;"
        )
    with SqliteStore(path) as store:
        assert store.labels() == []
    assert tables(path) == new


def test_indexes_of_views_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    SqliteStore(path).close()
    new = tables(path)
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            "DROP INDEX cases_by_rank; DROP INDEX cases_likely; DROP INDEX mentions_of_source;"
            "DROP INDEX mentions_of_author;"
            "CREATE INDEX mentions_by_author ON mentions (author_id, kind) WHERE author_id <> '';"
            "CREATE INDEX cases_in_queue ON cases (brand, state, priority DESC, id, lane, vigilante);"
            "PRAGMA user_version = 11; DELETE FROM _sqlite_migrations WHERE name LIKE '%by rank%';"
        )
    SqliteStore(path).close()
    assert tables(path) == new


def test_mentions_may_have_vectors_of_several_models(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with SqliteStore(path) as store:
        run = store.open_run("news", AT)
        said = Mention("rss", "1", "x", AT)
        store.collect(Collected(run=run, source="news", mentions=[said], at=AT))
    new = tables(path)
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            "DROP TABLE vectors; CREATE TABLE vectors (mention_id INTEGER PRIMARY KEY"
            " REFERENCES mentions (id), model TEXT NOT NULL, vector BLOB NOT NULL);"
            "INSERT INTO vectors VALUES (1, 'old', x'0102');"
            "DELETE FROM _sqlite_migrations WHERE name LIKE '%several models%';"
            "PRAGMA user_version = 12;"
        )
    with SqliteStore(path) as store:
        store.renew_vectors([(1, b"ab")], "new")
    with closing(sqlite3.connect(path)) as conn:
        found = conn.execute("SELECT * FROM vectors ORDER BY model").fetchall()
    assert found == [(1, "new", b"ab"), (1, "old", b"\x01\x02")]
    assert tables(path) == new
