"""Who stands behind the account ids of Bluesky's stream: handles, names and followers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sources.bluesky.post import author_of
from sources.errors import SourceError
from sources.http.json_answer import read_object
from sources.http.loosejson import Json
from sources.protocols import Batch, Health

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sources.http.fetch import Fetcher
    from sources.mention import Author

ACTORS_A_REQUEST = 25


class People:
    """Looks accounts up in bulk, each once; one run in one thread."""

    def __init__(self, fetcher: Fetcher, server: str) -> None:
        """Ask nothing yet; `server` is the http(s) address of an app view."""
        self._fetcher = fetcher
        self._server = server
        self._known: dict[str, Author] = {}

    def named(self, batch: Batch) -> Batch:
        """Return the batch with its authors named.

        When they cannot be looked up they keep their ids alone and the batch is degraded: without
        handles the brand's own posts cannot be told from others'. Accounts that are gone stay ids.
        """
        missing = {mention.author.id for mention in batch.mentions} - self._known.keys()
        try:
            self._look_up(sorted(missing))
        except SourceError as error:
            note = "; ".join(filter(None, (batch.note, f"handles are missing: {error}")))
            return replace(batch, health=Health.DEGRADED, note=note)
        mentions = [
            replace(mention, author=self._known.get(mention.author.id, mention.author))
            for mention in batch.mentions
        ]
        return replace(batch, mentions=mentions)

    def _look_up(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), ACTORS_A_REQUEST):
            query = urlencode({"actors": ids[start : start + ACTORS_A_REQUEST]}, doseq=True)
            url = f"{self._server}/xrpc/app.bsky.actor.getProfiles?{query}"
            for profile in Json(read_object(self._fetcher.get(url))).each("profiles"):
                self._known[profile.text("did")] = author_of(profile)
