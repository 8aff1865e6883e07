"""Reddit's interface through praw, without praw's sleeping, retrying and reading of praw.ini.

praw paces itself by sleeping up to ten seconds between requests and for minutes when its share is
used up, and retries what failed after a pause. A source does neither: the requestor below, handed
to praw through its public argument, reads the rate limit itself, hides it from praw, and turns what
fails into our errors before praw sees it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import praw
import prawcore
import requests
from praw.exceptions import PRAWException

from sources.errors import (
    CredentialsRejected,
    Gone,
    RateLimited,
    SourceError,
    Transient,
    Unreadable,
)
from sources.http.fetch import USER_AGENT, Limits
from sources.http.link import shown
from sources.http.session import Guard, Redirected, guarded
from sources.reddit.listing import Forbidden
from sources.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sources.reddit.settings import RedditSettings

PUBLIC = "https://www.reddit.com"
OAUTH = "https://oauth.reddit.com"
RESERVE = 2  # requests left to others who share the application when we stop
_TOKEN_PATH = "/api/v1/access_token"  # noqa: S105
_LIMITS = ("x-ratelimit-remaining", "x-ratelimit-used", "x-ratelimit-reset")


class _TokenRefused(SourceError):
    """The access token has expired or was revoked; a new one may do."""


class RedditClient:
    """Asks Reddit for JSON, as the application and the account of the settings.

    One thread, one run. Raises the errors of `sources.errors`, naming the setting to mend;
    RateLimited before the share of requests is used up. An access token that has expired is renewed
    once.
    """

    def __init__(
        self, settings: RedditSettings, now: Callable[[], datetime], limits: Limits | None = None
    ) -> None:
        """Ask for nothing yet."""
        self._settings = settings
        self._share = _Share(now)
        guard = Guard(
            now,
            base_url=settings.base_url,
            allow_private=settings.allow_private,
            limits=limits,
        )
        self._session = guarded(requests.Session(), guard)
        self._reddit: praw.Reddit | None = None

    def get(self, path: str, params: Mapping[str, str | int]) -> object:
        """Return the JSON at a path, as praw hands it on."""
        if self._reddit is not None:
            try:
                return self._ask(self._reddit, path, params)
            except _TokenRefused:
                self._reddit = None
        self._reddit = self._praw()
        try:
            return self._ask(self._reddit, path, params)
        except _TokenRefused as error:
            raise CredentialsRejected(f"{error}; are client_id and client_secret right?") from error

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _praw(self) -> praw.Reddit:
        own = self._settings
        by = f" (by /u/{own.username})" if own.username else ""
        # Everything a praw.ini or the environment could set is said here, so that neither can send
        # the credentials elsewhere.
        return praw.Reddit(
            "DEFAULT",
            requestor_class=_Requestor,
            requestor_kwargs={"session": self._session, "share": self._share},
            client_id=own.client_id.get_secret_value(),
            client_secret=own.client_secret.get_secret_value(),
            username=own.username or None,
            password=own.password.get_secret_value() or None,
            refresh_token=None,
            redirect_uri=None,
            reddit_url=PUBLIC,
            oauth_url=OAUTH,
            user_agent=f"{USER_AGENT}{by}",
            timeout=16,
            check_for_updates=False,
            check_for_async=False,
        )

    def _ask(self, reddit: praw.Reddit, path: str, params: Mapping[str, str | int]) -> object:
        try:
            return reddit.request(method="GET", path=path, params=dict(params))
        except prawcore.BadJSON as error:
            came = error.response.headers.get("content-type", "no content type")
            raise Unreadable(f"{path}: {clean_line(came, 60)} came instead of JSON") from error
        except prawcore.OAuthException as error:
            who = "username and password" if self._settings.username else "client_id"
            said = clean_line(str(error.error), 60)
            raise CredentialsRejected(f"Reddit gives no token ({said}): check {who}") from error
        except (prawcore.PrawcoreException, PRAWException) as error:
            raise Unreadable(f"{path}: {type(error).__name__}") from error
        except RecursionError:
            raise Unreadable(f"{path}: the JSON is nested too deeply") from None


class _Share:
    """How many requests this application may still make, as Reddit's headers tell."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._left: float | None = None
        self._reset = now()

    def stop_in_time(self) -> None:
        """Raise RateLimited before the share is used up, for praw would fall asleep at 0."""
        if self._left is not None and self._left < RESERVE and self._now() < self._reset:
            raise RateLimited("Reddit's share of requests is used up", self._reset)

    def read(self, headers: Mapping[str, str]) -> None:
        """Read what is left; headers that make no sense tell nothing."""
        try:
            left = float(headers["x-ratelimit-remaining"])
            seconds = min(max(float(headers["x-ratelimit-reset"]), 0.0), 3_600.0)
            self._reset = self._now() + timedelta(seconds=seconds)
            self._left = left
        except (KeyError, ValueError):
            return


class _Requestor(prawcore.Requestor):
    """What praw sends its requests through: see the words at the top of this module."""

    def __init__(self, *, share: _Share, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._share = share

    def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> requests.Response:
        """Send one request. Raises our errors, which pass through praw untouched."""
        self._share.stop_in_time()
        try:
            answer = super().request(*args, timeout=timeout, **kwargs)
        except prawcore.RequestException as wrapped:
            inner = wrapped.original_exception
            if isinstance(inner, Redirected) and "/subreddits/search" in inner.target:
                raise Unreadable("there is no such subreddit; check subreddits") from inner
            if isinstance(inner, SourceError):
                raise inner from inner.__cause__
            raise Transient(f"the request failed: {type(inner).__name__}") from inner
        if urlsplit(answer.url).path.endswith(_TOKEN_PATH):
            _check_token(answer)
        else:
            _check(answer)
        self._share.read(answer.headers)
        for name in _LIMITS:
            answer.headers.pop(name, None)
        return answer


def _check_token(answer: requests.Response) -> None:
    """Refuse an answer to the request for a token that praw would stumble over."""
    where, status = shown(answer.url), answer.status_code
    if status in (400, 401, 403):
        raise CredentialsRejected(f"{where} ({status}): check client_id and client_secret")
    if status == 410:
        raise Gone(f"{where} has been given up for good (410); check base_url")
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Unreadable(f"{where}: something else than JSON came ({status}); check base_url")
    token = told.get("access_token"), told.get("expires_in"), told.get("scope")
    if "error" not in told and not (
        isinstance(token[0], str) and isinstance(token[1], int) and isinstance(token[2], str)
    ):
        raise Unreadable(f"{where}: there is no token in the answer ({status})")


def _check(answer: requests.Response) -> None:
    """Raise the error a status stands for; prawcore would retry some and stumble over others."""
    where, status = shown(answer.url), answer.status_code
    if 200 <= status < 300 and status != 204:
        return
    reason = _reason(answer)
    if status == 401:
        raise _TokenRefused(f"{where} refuses the access token (401)")
    if status == 403:
        raise Forbidden(f"{where} is closed to this account (403{reason}); check subreddits")
    if status == 410:
        raise Gone(f"{where} has been given up for good (410)")
    if status == 404 and "banned" in reason:
        raise Gone(f"{where} has been banned from Reddit; check subreddits")
    raise Unreadable(f"{where} answered with status {status}{reason}")


def _reason(answer: requests.Response) -> str:
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        return ""
    reason = told.get("reason") if isinstance(told, dict) else None
    return f", {clean_line(reason, 60)}" if isinstance(reason, str) else ""
