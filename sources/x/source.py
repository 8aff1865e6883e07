"""Mentions from X: what its recent search finds, and the conversations around it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sources.errors import Blocked, CredentialsRejected, SourceError, Unreadable
from sources.http.fetch import Limits, utc_now
from sources.protocols import Batch, Check, Health, Verification
from sources.snowflake import is_snowflake, made_at
from sources.x.ledger import Ledger
from sources.x.post import KIND, read_found
from sources.x.search import PAGE, SMALLEST_PAGE, Leg, Trail, follow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sources.mention import Mention
    from sources.x.client import XClient
    from sources.x.settings import XSettings

NOT_FOUND = "resource-not-found"


class XSource:
    """Reads what a recent search of X finds, through tweepy, and never more than was paid for.

    The place of the search moves with its last page only; the token of a walk under way is in the
    cursor, and a token X has forgotten is replaced by the oldest id seen. Posts that were not read
    within the seven days X searches are a gap. `budget.posts_per_day` counts every post X sends, in
    the cursor, by UTC day; when it is used up the source says so and goes on the next day.
    Batches are oldest first in themselves, a walk's pages newest first. An edited post comes again
    under the id of its first version. `now` is the clock; `limits` caps one answer.
    """

    kind = KIND
    ids_a_request = PAGE

    def __init__(
        self,
        settings: XSettings,
        now: Callable[[], datetime] = utc_now,
        limits: Limits | None = None,
    ) -> None:
        """Nothing is asked, and tweepy not loaded, before `collect`, `check` or `verify`."""
        self.name = settings.name
        self._settings = settings
        self._now = now
        self._limits = limits

    def collect(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new; with `conversations`, then what was said around it.

        Raises RateLimited until the moment X names, and the other errors of `sources.errors`.
        """
        ledger = Ledger.of(cursor, self._settings.query)
        client = self._client()
        try:
            yield from self._search(ledger, client)
            if self._settings.conversations:
                yield from self._conversations(ledger, client)
        finally:
            client.close()
        if self._room(ledger) < SMALLEST_PAGE:
            cap = self._settings.budget.posts_per_day
            note = f"the budget of {cap:,} posts a day is used up; reading goes on at 00:00 UTC"
            yield Batch(cursor=ledger.write(), health=Health.DEGRADED, note=note)

    def check(self) -> Check:
        """Search for ten posts, which X takes money for, and say which setting to mend."""
        client = self._client()
        try:
            found = read_found(client.search(self._settings.query, SMALLEST_PAGE, {}), self._now())
        except Blocked as error:
            return Check(False, str(error), error.to_mend("base_url"))
        except CredentialsRejected as error:
            return Check(False, str(error), "bearer_token")
        except SourceError as error:
            wrong = isinstance(error, Unreadable) and "query" in str(error)
            elsewhere = "base_url" if self._settings.base_url else "query"
            return Check(False, str(error), "query" if wrong else elsewhere)
        finally:
            client.close()
        return Check(
            True, f"the search finds {len(found.ids)} or more posts of the last seven days"
        )

    def verify(self, ids: Sequence[str]) -> Mapping[str, Verification]:
        """Look posts up, a hundred a call; X takes money for each that is still there.

        Deleted is what X says it cannot find; what it may not show (suspended, protected) is
        `unknown`.
        """
        states = dict.fromkeys(ids, Verification.UNKNOWN)
        names = [name for name in states if is_snowflake(name)]
        client = self._client()
        try:
            for start in range(0, len(names), PAGE):
                for name, state in _states(client.posts(names[start : start + PAGE])):
                    if name in states:
                        states[name] = state
        finally:
            client.close()
        return states

    def reply_link(self, mention: Mention) -> str:
        """Return the page of the post, where a person can answer."""
        return mention.url

    def _client(self) -> XClient:
        from sources.x.client import XClient

        return XClient(self._settings, self._now, self._limits)

    def _room(self, ledger: Ledger) -> int:
        """How many posts may still be read today."""
        cap = self._settings.budget.posts_per_day
        return PAGE if cap is None else cap - ledger.read_on(self._now())

    def _search(self, ledger: Ledger, client: XClient) -> Iterator[Batch]:
        now = self._now()
        legs = follow(
            ledger.search,
            partial(client.search, self._settings.query),
            lambda: self._room(ledger),
            now,
            now - self._settings.history,
        )
        for leg in legs:
            ledger.search = leg.trail
            yield self._batch(ledger, leg)

    def _conversations(self, ledger: Ledger, client: XClient) -> Iterator[Batch]:
        """Follow the conversations that were last heard of, the liveliest first."""
        now = self._now()
        for name in list(ledger.latest):
            legs = follow(
                ledger.conversations.get(name, Trail()),
                partial(client.search, f"conversation_id:{name}"),
                lambda: self._room(ledger),
                now,
                made_at(int(name)),
            )
            for leg in legs:
                ledger.conversations[name] = leg.trail
                yield self._batch(ledger, leg)

    def _batch(self, ledger: Ledger, leg: Leg) -> Batch:
        """Count a page, remember its conversations, and turn it into a batch with the cursor."""
        ledger.read += leg.new
        if self._settings.conversations:
            ledger.remember(leg.found.mentions, self._now())
        news = leg.found.mentions
        note = leg.gap.reason if leg.gap else "; ".join(leg.found.rejected[:3])
        calm = Health.HEALTHY if news else Health.QUIET
        return Batch(
            mentions=news,
            cursor=ledger.write(),
            gap=leg.gap,
            health=Health.DEGRADED if note else calm,
            note=note,
            rejected=leg.found.rejected,
        )


def _states(answer: object) -> Iterator[tuple[str, Verification]]:
    """Read what X says of the posts it was asked for."""
    if not isinstance(answer, dict) or not ("data" in answer or "errors" in answer):
        raise Unreadable("the answer of X says nothing of the posts it was asked for")
    for post in answer.get("data") or ():
        if isinstance(post, dict) and isinstance(post.get("id"), str):
            yield post["id"], Verification.PRESENT
    for error in answer.get("errors") or ():
        if isinstance(error, dict) and str(error.get("type", "")).endswith(NOT_FOUND):
            yield str(error.get("resource_id") or error.get("value")), Verification.DELETED
