"""A PostgreSQL database as a store: addresses, errors, hostile posts, other programs, lost connections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from postgres_server import PostgresServer

from listener.errors import StoreBusy, StoreError, StoreNewer
from listener.store import open_store, run_lock
from listener.store.postgres import PostgresStore
from listener.store.protocol import Store
from listener.store.rows import Collected, Span
from sources.mention import Author, Mention, Thread
from sources.protocols import Tombstone

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    return postgres_server.fresh()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as store:
        yield store


def take(store: Store, *mentions: Mention, gone: str = "") -> int:
    run = store.open_run("forum", AT)
    tombstones = [Tombstone("forum", gone)] if gone else []
    return store.collect(Collected(run, "forum", mentions, AT, tombstones=tombstones)).new


def post(id: str, text: str = "it broke", **more: object) -> Mention:
    return Mention("forum", id, text, AT, **more)  # type: ignore[arg-type]


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        ["postgresql://me:hunter2@127.0.0.1:1/x", "postgres://me:hunter2@127.0.0.1:1/x"],
    )
    def test_nobody_there(self, address: str) -> None:
        with pytest.raises(
            StoreError, match=r"postgresql://127\.0\.0\.1:1/x can't be reached"
        ) as caught:
            open_store(address)
        assert "pg_isready" in caught.value.hint
        assert "hunter2" not in str(caught.value) + caught.value.hint

    @pytest.mark.parametrize("address", ["postgresql://me:hunter2@[db/x", "postgresql://[hunter2"])
    def test_not_an_address(self, address: str) -> None:
        with pytest.raises(StoreError, match="can't be understood") as caught:
            open_store(address)
        assert "hunter2" not in f"{caught.value!r}{caught.value.hint}{caught.value.__cause__!r}"

    def test_no_such_database(self, postgres_server: PostgresServer) -> None:
        with pytest.raises(StoreError, match="does not exist") as caught:
            open_store(postgres_server.address("nowhere"))
        assert "createdb" in caught.value.hint

    def test_a_user_who_may_not(self, postgres_server: PostgresServer) -> None:
        url = postgres_server.database()
        postgres_server.ask("DROP ROLE IF EXISTS guest")
        postgres_server.ask("CREATE ROLE guest LOGIN")
        with pytest.raises(StoreError, match="does not allow this user") as caught:
            open_store(url.replace("postgres:@", "guest:@"))
        assert "GRANT" in caught.value.hint


class TestTexts:
    def test_everything_anybody_can_write_comes_back(self, store: Store) -> None:
        hostile = "\0 \0\0 \U0010ffff \U0010ffff0 \u202e\ufffe👩‍👩‍👧 'x' \\ %s $1 ?1 ';--\r\n\t"
        said = post(
            hostile,
            hostile,
            title=hostile,
            author=Author(hostile, hostile, hostile, 2**80),
            url=hostile,
            thread=Thread(hostile, hostile),
            metrics={hostile: 1.5},
        )
        take(store, said)
        assert take(store, said) == 0
        found = store.mention("forum", hostile)
        assert found is not None
        assert found.mention.text == found.mention.title == found.mention.author.id == hostile
        assert found.mention.thread == said.thread
        assert found.mention.metrics == {hostile: 1.5}
        assert found.mention.author.followers == 2**63 - 1

    def test_lone_surrogates_become_the_sign_for_it(self, store: Store) -> None:
        take(store, post("1", "a\ud800b"))
        assert [row.mention.text for row in store.mentions(Span())] == ["a\ufffdb"]

    def test_names_without_measure(self, store: Store) -> None:
        """A B-tree refuses 2,704 bytes; a feed may say anything."""
        import random

        long = "".join(random.Random(7).choices("abcdefgh0123456789", k=50_000))
        said = [
            post(f"{long}{n}", author=Author(f"{long}{n}"), thread=Thread(long, long))
            for n in (1, 2)
        ]
        assert take(store, *said) == 2
        assert take(store, *said) == 0
        take(store, gone=f"{long}1")
        assert [row.deleted_at is None for row in store.mentions(Span())] == [False, True]

    def test_many_at_once_are_as_few(self, store: Store) -> None:
        many = [post(str(n), f"words {n} \0") for n in range(300)]
        assert take(store, *many) == 300
        assert [(row.id, row.mention) for row in store.mentions(Span())] == list(enumerate(many, 1))


class TestTogether:
    def test_one_writer_at_a_time(self, url: str, store: Store) -> None:
        with PostgresStore(url, patience=0.2) as other, store.triage():
            with pytest.raises(StoreBusy, match="locked by another program"):
                take(other, post("1"))
            assert list(other.mentions(Span())) == []
        assert take(store, post("1")) == 1

    def test_a_lost_connection_undoes_and_is_opened_again(
        self, postgres_server: PostgresServer, store: Store
    ) -> None:
        def lose() -> None:
            with store.triage() as scope:
                postgres_server.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'listener' AND datname = current_database()"
                )
                scope.new_issue()

        with pytest.raises(StoreError, match="nothing was half written"):
            lose()
        assert take(store, post("1")) == 1

    def test_a_closed_store(self, url: str) -> None:
        store = open_store(url)
        store.close()
        store.close()
        with pytest.raises(StoreError, match="has been closed"):
            store.pending(1)

    def test_one_run_at_a_time_on_all_machines(self, url: str) -> None:
        with run_lock(url):
            with pytest.raises(StoreBusy, match="a run on the server itself"), run_lock(url):
                pass
            assert StoreBusy.exit_code == 75
        with run_lock(url):
            pass

    def test_a_lost_connection_says_that_something_may_have_changed(
        self, postgres_server: PostgresServer, store: Store
    ) -> None:
        before = store.pulse()
        assert store.pulse() == before
        postgres_server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'listener' AND datname = current_database()"
        )
        with pytest.raises(StoreError):
            store.latest_move()
        assert store.pulse() != before


class TestSchema:
    def test_a_newer_one_is_refused_with_both_versions(
        self, postgres_server: PostgresServer
    ) -> None:
        url = postgres_server.database()
        with PostgresStore(url) as store:
            store.database.conn.raw.execute("UPDATE schema_version SET version = 99")
        with pytest.raises(
            StoreNewer, match=r"version 99, this program knows .* up to \d"
        ) as caught:
            open_store(url)
        assert "upgrade" in caught.value.hint

    def test_another_programs_schema_is_left_alone(self, postgres_server: PostgresServer) -> None:
        import psycopg

        url = postgres_server.database()
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("CREATE SCHEMA listener; CREATE TABLE listener.cats (id int)")
        with pytest.raises(StoreError, match="another program's"):
            open_store(url)

    def test_what_an_older_one_lacks_is_added(self, postgres_server: PostgresServer) -> None:
        url = postgres_server.database()
        with PostgresStore(url) as store:
            take(store, post("1"))
            store.database.conn.raw.execute(
                "ALTER TABLE gaps DROP COLUMN closed_at CASCADE; DROP TABLE sightings CASCADE;"
                " DROP INDEX runs_by_time; UPDATE schema_version SET version = 1"
            )
        with PostgresStore(url) as store:
            assert store.gaps() == []
            assert take(store, post("1"), post("2")) == 1
            indexes = store.database.conn.raw.execute(
                "SELECT count(*) FROM pg_indexes WHERE indexname = 'runs_by_time'"
            )
            assert indexes.fetchone() == (1,)

    def test_times_sort_and_texts_compare_by_their_bytes(self, store: Store) -> None:
        late, early = "Z", "a"  # a language's rules would put them the other way round
        for source in (early, late):
            store.close_run(store.open_run(source, AT), "ok", "", AT + timedelta(1))
            take(store, post("1"))
            run = store.open_run(source, AT)
            store.collect(Collected(run, source, [post("1")], AT))
        [row] = store.mentions(Span())
        assert row.sources == ("forum", "Z", "a")


def test_a_mention_once_had_one_vector(url: str) -> None:
    with open_store(url) as store:
        take(store, post("1"))
        store.renew_vectors([(1, b"old")], "old")
    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute("SET search_path = listener")
        raw.execute(
            "ALTER TABLE vectors DROP CONSTRAINT vectors_pkey, ADD PRIMARY KEY (mention_id)"
        )
        raw.execute("DELETE FROM schema_version WHERE version > 12")
        raw.execute("INSERT INTO schema_version VALUES (12, now())")
    with open_store(url) as store:
        store.renew_vectors([(1, b"new")], "new")
    with psycopg.connect(url) as raw:
        [(held,)] = raw.execute("SELECT count(*) FROM listener.vectors").fetchall()
    assert held == 2
