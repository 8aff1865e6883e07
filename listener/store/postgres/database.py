"""One connection to one PostgreSQL database: how it is opened, its transactions, what its errors mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from listener.errors import StoreBusy, StoreError
from listener.store.postgres.connection import Speaking
from listener.store.postgres.keys import Table

if TYPE_CHECKING:
    import psycopg
    from psycopg import Connection

PATIENCE = 10.0  # seconds to wait for another writer
_CONNECT = 10  # seconds to wait for the server
CHANGES = "listener_changes"  # the channel on which every commit is announced
WRITER = (
    0x4C53544E  # "LSTN": the first half of our advisory locks; the second is the schema's number
)


class Database:
    """A connection with the settings every verb relies on. For one thread at a time.

    There is one writer at a time, as in a file: what a verb has read cannot change before it writes.
    A connection that was lost is opened again by the next verb; the one that lost it has raised
    StoreError and has done nothing.
    """

    def __init__(
        self, url: str, schema: str, tables: Mapping[str, Table], patience: float = PATIENCE
    ) -> None:
        """Connect. Raises StoreError when it cannot, naming the host and never the password."""
        self.url, self.schema = url, schema
        self.name = described(url)
        self.tables = tables
        self._patience = patience
        self._closed = False
        self._speaking: Speaking | None = None
        self._deep = 0
        self._heard = 0
        self._listening = False
        self._fence: Callable[[Connection[Any]], None] | None = None
        with explained(self.name):
            self._connect()

    def _connect(self) -> Speaking:
        from listener.store.postgres.texts import read_as_sqlite

        raw: Connection[Any] = driver().connect(
            self.url,
            autocommit=True,
            connect_timeout=_CONNECT,
            application_name="listener",
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
        try:
            raw.execute(
                f"SET search_path = {self.schema}; SET client_encoding = 'UTF8';"
                f" SET lock_timeout = {int(self._patience * 1000)};"
                " SET idle_in_transaction_session_timeout = 0; SET timezone = 'UTC';"
                # Our statements are short: compiling one takes longer than running it.
                " SET jit = off"
            )
            read_as_sqlite(raw)
            if self._listening:
                self._listen(raw)
            self._speaking = Speaking(raw, self.tables)
        except BaseException:
            raw.close()
            raise
        return self._speaking

    @property
    def conn(self) -> Speaking:
        """The connection, opened again when it was lost between two verbs."""
        if self._closed:
            raise StoreError(f"the store at {self.name} has been closed")
        if self._speaking is None or (self._speaking.raw.closed and not self._deep):
            return self._connect()
        return self._speaking

    def close(self) -> None:
        """Give the connection back; closing twice is harmless."""
        self._closed = True
        if self._speaking is not None:
            self._speaking.close()

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """A transaction that holds the one writer's place from its first moment; an error undoes all."""
        with explained(self.name):
            conn = self.conn
            lock = f"SELECT pg_advisory_xact_lock({WRITER}, '{self.schema}'::regnamespace::int)"
            with self._block(conn, f"BEGIN; {lock}", f"NOTIFY {CHANGES}; COMMIT"):
                if self._fence is not None:
                    self._fence(conn.raw)
                yield conn

    def rest(self) -> None:
        """Nothing: what is kept in memory is the server's."""

    @contextmanager
    def beside(self) -> Iterator[Speaking]:
        """A transaction that does not take the writer's place: for what no verb of the store touches."""
        with explained(self.name):
            conn = self.conn
            with self._block(conn, "BEGIN"):
                yield conn

    @contextmanager
    def fenced(self, fence: Callable[[Connection[Any]], None]) -> Iterator[None]:
        """Have every writing transaction begin with a check; what that raises undoes the transaction."""
        before, self._fence = self._fence, fence
        try:
            yield
        finally:
            self._fence = before

    def pulse(self) -> int:
        """A number that is another one whenever another connection has committed; no look-up."""
        with explained(self.name):
            raw = self.conn.raw
            if not self._listening:
                self._listen(raw)
                self._listening = True
            # The server hands out what it was told before it says that it is ready again.
            raw.execute("SELECT 1")
            return self._heard

    def _listen(self, raw: Connection[Any]) -> None:
        own = raw.info.backend_pid

        def hear(told: psycopg.Notify) -> None:
            self._heard += told.pid != own

        raw.add_notify_handler(hear)
        raw.execute(f"LISTEN {CHANGES}")
        self._heard += 1  # nobody knows what was missed before

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """One consistent state for several look-ups; keep it short, an old state keeps dead rows."""
        with explained(self.name):
            conn = self.conn
            if self._deep:
                yield conn
                return
            with self._block(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"):
                yield conn

    def scour(self) -> None:
        """Nothing to do: the server's vacuum clears away what rows have said before."""

    @contextmanager
    def _block(self, conn: Speaking, begin: str, end: str = "COMMIT") -> Iterator[None]:
        self._deep += 1
        try:
            conn.raw.execute(begin)
            yield
            conn.raw.execute(end)
        except BaseException:
            if not conn.raw.closed:
                conn.raw.execute("ROLLBACK")
            raise
        finally:
            self._deep -= 1


def driver() -> Any:
    """The module `psycopg`. Raises StoreError with what to type when it is not installed."""
    try:
        import psycopg
    except ImportError as error:
        raise StoreError(
            "a PostgreSQL store needs the extra `postgres`",
            'pip install "complaint-listener[postgres]"',
        ) from error
    return psycopg


def described(url: str) -> str:
    """The address without user and password: postgresql://host:port/name."""
    psycopg = driver()
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        # The driver's sentence may quote the address.
        raise StoreError(
            "the PostgreSQL address in `store:` can't be understood",
            "store: postgresql://USER:PASSWORD@HOST:5432/DATABASE",
        ) from None
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"postgresql://{host}{port}/{parts.get('dbname') or parts.get('user') or ''}"


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn the driver's errors into StoreError and StoreBusy that name the host and what to do."""
    psycopg = driver()
    try:
        yield
    except psycopg.Error as error:
        raise explain(error, name) from error


def explain(error: psycopg.Error, name: str) -> StoreError:
    """What an error of PostgreSQL means for the person at the keyboard."""
    code = error.sqlstate or _guessed(str(error))
    if code in ("55P03", "57014"):
        return StoreBusy(
            f"{name} is locked by another program", "wait for it to finish, then try again"
        )
    sentence, hint = (
        _MEANINGS.get(code)
        or _MEANINGS.get(code[:2])
        or (
            f"could not be used: {_sentence(error)}",
            "listener doctor",
        )
    )
    return StoreError(f"{name} {sentence}", hint)


def _guessed(text: str) -> str:
    """The state of an error that came before the server could say one."""
    for words, code in _REFUSALS:
        if words in text:
            return code
    return "08000"


def _sentence(error: psycopg.Error) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


_REFUSALS = (
    ("password authentication failed", "28P01"),
    ("no password supplied", "28P01"),
    ("no pg_hba.conf entry", "28000"),
    ("does not exist", "3D000"),
    ("too many clients", "53300"),
    ("too many connections", "53300"),
    ("remaining connection slots", "53300"),
    ("the database system is", "57P03"),  # starting up, in recovery, shutting down
)
_MEANINGS = {
    "08": (
        "can't be reached: there is no answer, or the connection broke; nothing was half written",
        "check that the server runs and lets this machine in: pg_isready -h HOST -p PORT",
    ),
    "28": (
        "refused the user or the password",
        "check the user and the password in `store:`",
    ),
    "3D": ("does not exist", "create the database: createdb NAME"),
    "53100": (
        "could not grow: the server's disk is full; nothing was half written",
        "free some space on the server, then run it again",
    ),
    "53300": (
        "has no connection left",
        "raise max_connections there, or run fewer workers",
    ),
    "42501": (
        "does not allow this user to do that",
        "let the user make and write tables: GRANT CREATE ON DATABASE NAME TO USER",
    ),
    "25006": ("is read-only", "name the primary server in `store:`"),
    "57": (
        "is being stopped or started, or has dropped the connection; nothing was half written",
        "wait until the server runs again, then try again",
    ),
}
