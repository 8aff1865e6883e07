"""The whole store, put together from its verbs."""

from __future__ import annotations

from pathlib import Path

from listener.store.sqlite.backup import Backup
from listener.store.sqlite.calibrating import Calibrating
from listener.store.sqlite.collecting import Collecting
from listener.store.sqlite.correcting import Correcting
from listener.store.sqlite.database import PATIENCE, Database
from listener.store.sqlite.desk import Desk
from listener.store.sqlite.exports import Exports
from listener.store.sqlite.following import Following
from listener.store.sqlite.forgetting import Forgetting
from listener.store.sqlite.groupings import Groupings
from listener.store.sqlite.issues import Issues
from listener.store.sqlite.labelling import Labelling
from listener.store.sqlite.ledger import Ledger
from listener.store.sqlite.looking import Looking
from listener.store.sqlite.meeting import Meeting
from listener.store.sqlite.migrations import bring_up_to_date
from listener.store.sqlite.past import Past
from listener.store.sqlite.queue import Queue
from listener.store.sqlite.regrouping import Regrouping
from listener.store.sqlite.replies import Replies
from listener.store.sqlite.triaging import Triaging
from listener.store.sqlite.verifying import Verifying
from listener.store.sqlite.watching import Watching
from sources.closing import Closing


class Verbs(
    Collecting,
    Verifying,
    Ledger,
    Triaging,
    Queue,
    Desk,
    Following,
    Forgetting,
    Replies,
    Labelling,
    Issues,
    Regrouping,
    Groupings,
    Correcting,
    Calibrating,
    Past,
    Looking,
    Meeting,
    Watching,
    Exports,
):
    """What a store can be asked; each of the bases holds the verbs of one noun.

    They ask `_db` for transactions and nothing else, so that another database can give them.
    """


class SqliteStore(Verbs, Backup, Closing):
    """A `Store` in one SQLite file.

    One thread at a time; several instances, also in several processes, may use one file. There is
    one writer at a time: others wait up to `patience` seconds and then raise StoreBusy.
    """

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        """Open or create the file. Raises StoreError, StoreNewer and StoreBusy, naming the path."""
        self._db = Database(path, patience)
        try:
            bring_up_to_date(self._db)
        except BaseException:
            self._db.close()
            raise

    @property
    def database(self) -> Database:
        """The file and its transactions, for what moves whole tables."""
        return self._db

    @property
    def path(self) -> Path:
        """The file."""
        return self._db.path

    def close(self) -> None:
        """Give the file back; a closed store can't be used, closing it again is harmless."""
        self._db.close()
