"""X's interface through tweepy, with a timeout, a host of our own and no waiting.

tweepy's `Client` sends no timeout, hard-codes its host and stumbles over error bodies it did not
expect. The transport under its session cures the first two (see `sources.http.session`); a hook of the
session turns what X refuses into our errors before tweepy sees it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import requests
import tweepy  # type: ignore[import-untyped]

from sources.errors import CredentialsRejected, Gone, SourceError, Unreadable
from sources.http.fetch import Limits
from sources.http.link import shown
from sources.http.session import Guard, guarded
from sources.text import clean_line
from sources.x.search import StaleToken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sources.x.settings import XSettings

_POST = (
    "author_id",
    "conversation_id",
    "created_at",
    "edit_history_tweet_ids",
    "entities",
    "lang",
    "note_tweet",
    "public_metrics",
    "referenced_tweets",
)
_USER = ("name", "public_metrics", "username")


class XClient:
    """Asks X for JSON with an app-only bearer token. One thread, one run.

    Raises the errors of `sources.errors`; StaleToken when a page is asked for by a token X no
    longer knows.
    """

    def __init__(
        self, settings: XSettings, now: Callable[[], datetime], limits: Limits | None = None
    ) -> None:
        """Ask for nothing yet."""
        guard = Guard(
            now,
            base_url=settings.base_url,
            allow_private=settings.allow_private,
            limits=limits,
        )
        self._client = tweepy.Client(
            bearer_token=settings.bearer_token.get_secret_value(),
            return_type=dict,
            wait_on_rate_limit=False,
        )
        guarded(self._client.session, guard)
        self._client.session.hooks["response"] = [_check]

    def search(self, query: str, size: int, where: Mapping[str, str]) -> object:
        """Return one page of the recent search; `where` are the parameters of its place."""
        return self._ask(
            self._client.search_recent_tweets,
            query,
            max_results=size,
            expansions=["author_id"],
            tweet_fields=list(_POST),
            user_fields=list(_USER),
            **where,
        )

    def posts(self, ids: Sequence[str]) -> object:
        """Look up to a hundred posts up by their ids."""
        return self._ask(self._client.get_tweets, list(ids))

    def close(self) -> None:
        """Close the connections."""
        self._client.session.close()

    def _ask(self, method: Callable[..., Any], *args: object, **kwargs: object) -> object:
        try:
            return method(*args, **kwargs)
        except SourceError:
            raise
        except requests.JSONDecodeError as error:
            raise Unreadable("something else than JSON came from X; check base_url") from error
        except RecursionError:
            raise Unreadable("the JSON of X is nested too deeply") from None
        except (tweepy.TweepyException, requests.RequestException) as error:
            raise Unreadable(f"X's answer is of no use: {type(error).__name__}") from error


def _check(answer: requests.Response, **_: object) -> None:
    """Raise the error a status stands for."""
    status = answer.status_code
    if 200 <= status < 300:
        return
    where, told = shown(answer.url), _told(answer)
    if status == 400 and "next_token" in told and "next_token=" in answer.url:
        raise StaleToken(f"{where}: {told}")
    if status == 400:
        raise Unreadable(f"{where} does not understand the query: {told}")
    if status == 401:
        raise CredentialsRejected(f"{where} refuses the token (401); check bearer_token")
    if status == 402:
        raise CredentialsRejected(
            f"{where}: no credit is left (402); buy some or change bearer_token"
        )
    if status == 403:
        raise CredentialsRejected(
            f"{where} is not open to this application (403): {told}; check bearer_token"
        )
    if status == 410:
        raise Gone(f"{where} has been given up for good (410)")
    raise Unreadable(f"{where} answered with status {status}: {told}")


def _told(answer: requests.Response) -> str:
    """Return what X says about it, shortened, or nothing when it says nothing that can be read."""
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        return "no reason given"
    if not isinstance(told, dict):
        return "no reason given"
    errors = told.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    message = first.get("message") if isinstance(first, dict) else None
    named = message or told.get("detail") or told.get("title")
    return clean_line(named, 300) if isinstance(named, str) else "no reason given"
