"""Asking a hub: the one request a subscriber makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sources.errors import Unreadable
from sources.feeds.websub import Mode, request_form
from sources.http.link import shown
from sources.text import clean_line

if TYPE_CHECKING:
    from sources.http.fetch import Fetcher

_REFUSALS = frozenset({400, 403, 404, 405, 406, 409, 422})
_FORM = {"content-type": "application/x-www-form-urlencoded"}


def ask_hub(fetcher: Fetcher, hub: str, mode: Mode, topic: str, callback: str, secret: str) -> None:
    """Ask `hub` to begin or to end pushing `topic` to `callback`.

    Nothing is settled when this returns: the hub asks back at the callback whether it is meant.
    Raises Unreadable with the hub's own words when it refuses, and the errors of the fetcher. What
    is raised holds neither the secret nor the callback.
    """
    form = request_form(mode, topic, callback, secret)
    response = fetcher.post(hub, form, headers=_FORM, accept=_REFUSALS)
    if response.status in _REFUSALS:
        said = response.body[:2_000].decode("utf-8", "replace")
        # A hub may repeat what it was sent; the end of the callback is what only we two know.
        for private in (secret, callback.rpartition("/")[2]):
            said = said.replace(private, "…")
        said = clean_line(said, 160) or "without a word"
        raise Unreadable(f"{shown(hub)} refuses ({response.status}): {said}")
