"""What the Stack Exchange interface answers: its wrapper, its errors, its questions."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sources.errors import CredentialsRejected, RateLimited, Transient, Unreadable
from sources.http.fetch import Response
from sources.http.json_answer import (
    Fields,
    date,
    fields,
    listed,
    metrics,
    read_object,
    string,
    whole,
)
from sources.http.link import safe_link, shown
from sources.mention import Author, Mention
from sources.text import clean_line, html_text

KIND = "stackexchange"
ERROR_STATUSES = (400, 401, 402, 403, 404, 405, 406, 502)  # their words are in the body
LONGEST_BACKOFF = 24 * 60 * 60
_THROTTLED = 502
_CREDENTIALS = frozenset({401, 402, 403, 405, 406})
_AVAILABLE_IN = re.compile(r"available in (\d{1,9}) seconds")


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: its items, whether there are more, and until when it asks to be left alone."""

    items: Sequence[Fields]
    more: bool
    until: datetime | None
    quota: int | None


def read_answer(response: Response, now: datetime) -> Answered:
    """Read the wrapper around every answer; `now` dates the patience it asks for.

    Raises RateLimited, CredentialsRejected, Transient and Unreadable for the errors the body names.
    """
    try:
        found = read_object(response)
    except Unreadable:
        if response.status < 500:
            raise
        raise Transient(
            f"{shown(response.url)} has trouble of its own ({response.status})"
        ) from None
    if whole(found, "error_id") is not None or response.status >= 400:
        raise _error(found, response, now)
    backoff, quota = whole(found, "backoff") or 0, whole(found, "quota_remaining")
    until = now + timedelta(seconds=min(backoff, LONGEST_BACKOFF)) if backoff > 0 else None
    if quota is not None and quota <= 0:
        until = next_day(now)
    items = [fields(item) for item in listed(found, "items", response.url)]
    return Answered(items, found.get("has_more") is True, until, quota)


def next_day(now: datetime) -> datetime:
    """Return the next midnight UTC, when a day's quota begins anew."""
    return datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)


def question(item: Fields, site: str) -> Mention | None:
    """Read a question; None when it has no id, no date or no words."""
    number, asked = whole(item, "question_id"), date(item, "creation_date")
    if number is None or number < 1 or asked is None:
        return None
    title = clean_line(html.unescape(string(item, "title")[:5_000]))
    text = html_text(string(item, "body"))
    if not title and not text:
        return None
    owner = fields(item.get("owner"))
    user = whole(owner, "user_id")
    name = clean_line(html.unescape(string(owner, "display_name")[:2_000]), 200)
    return Mention(
        kind=KIND,
        external_id=question_id(site, number),
        text=text,
        title=title,
        created_at=asked,
        author=Author(id=f"{site}/u/{user}" if user else "", handle=name, name=name),
        url=safe_link(string(item, "link")),
        metrics=metrics(
            score=item.get("score"), replies=item.get("answer_count"), views=item.get("view_count")
        ),
    )


def question_id(site: str, number: int) -> str:
    """Return the external id of a question."""
    return f"{site}/q/{number}"


def _error(found: Fields, response: Response, now: datetime) -> Exception:
    code = whole(found, "error_id") or response.status
    said = clean_line(html.unescape(string(found, "error_message")[:1_000]), 200)
    where = f"{shown(response.url)}: {said or f'error {code}'}"
    if code == _THROTTLED and (response.status == 400 or "throttle" in string(found, "error_name")):
        wait = _AVAILABLE_IN.search(said)
        seconds = min(int(wait[1]), LONGEST_BACKOFF) if wait else 0
        return RateLimited(where, now + timedelta(seconds=seconds) if seconds else None)
    if code in _CREDENTIALS or re.search(r"\bkey\b", said):
        return CredentialsRejected(f"{where}; is the setting `key` right?")
    if code >= 500:
        return Transient(where)
    setting = "site" if re.search(r"\bsite\b", said) else "query` or `tags"
    return Unreadable(f"{where}; is the setting `{setting}` right?")
