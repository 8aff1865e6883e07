"""What X answers turned into mentions."""

from __future__ import annotations

import html
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sources.errors import Unreadable
from sources.http.link import safe_link
from sources.mention import NOTHING, Author, Mention, Thread
from sources.moments import moment
from sources.snowflake import is_snowflake, made_at
from sources.text import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set
    from datetime import datetime

KIND = "x"
SITE = "https://x.com"
NO_LANGUAGE = frozenset({"und", "art", "zxx", "qme", "qam", "qct", "qht", "qst"})
MOST_LINKS = 50
_METRICS: Mapping[str, str] = MappingProxyType(
    {
        "like_count": "likes",
        "reply_count": "replies",
        "retweet_count": "shares",
        "quote_count": "quotes",
        "impression_count": "views",
    }
)
_Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search: `ids` are those of all its posts, `token` asks for the next page.

    `mentions` leaves out the posts that were to be skipped.
    """

    mentions: tuple[Mention, ...]
    rejected: tuple[str, ...]
    ids: tuple[int, ...]
    token: str


def read_found(answer: object, now: datetime, skip: Set[int] = frozenset()) -> Found:
    """Read an answer of the search (`{"data": …, "includes": …, "meta": …}`), oldest first.

    `skip` are ids of posts that have been told before. Raises Unreadable when it is none; a post
    that cannot be read is in `rejected`.
    """
    meta = answer.get("meta") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(meta, dict):
        raise Unreadable("the answer is no search result of X")
    users = _users(answer.get("includes"))
    mentions: dict[str, Mention] = {}
    rejected: list[str] = []
    ids: list[int] = []
    for post in _fields(answer.get("data")):
        name = _text(post, "id")
        if not is_snowflake(name):
            rejected.append("a post without a usable id")
            continue
        ids.append(int(name))
        if int(name) in skip:
            continue
        if not _text(post, "text").strip():
            rejected.append(f"post {name} has no words")
            continue
        mention = _mention(post, name, users, now)
        mentions.setdefault(mention.external_id, mention)  # of two versions the newer comes first
    token = meta.get("next_token")
    return Found(
        mentions=tuple(sorted(mentions.values(), key=lambda one: one.created_at)),
        rejected=tuple(rejected),
        ids=tuple(ids),
        token=token if isinstance(token, str) else "",
    )


def _mention(post: _Fields, name: str, users: Mapping[str, _Fields], now: datetime) -> Mention:
    author = _author(_text(post, "author_id"), users)
    created = moment(post.get("created_at")) or made_at(int(name))
    language = _text(post, "lang")
    root = _text(post, "conversation_id")
    return Mention(
        kind=KIND,
        external_id=_first_version(post, name),
        text=_words(post),
        created_at=min(created, now),
        author=author,
        url=safe_link(f"{SITE}/{author.handle.removeprefix('@') or 'i/web'}/status/{name}"),
        lang="" if language in NO_LANGUAGE else clean_line(language, 35),
        thread=Thread() if root == name else Thread(root=root, parent=_answered(post)),
        metrics=_metrics(post.get("public_metrics")),
    )


def _first_version(post: _Fields, name: str) -> str:
    """Return the id of the first version: an edited post gets a new id and stays one mention."""
    versions = post.get("edit_history_tweet_ids")
    known = versions if isinstance(versions, list) else []
    ids = [int(one) for one in known if isinstance(one, str) and is_snowflake(one)]
    return str(min(ids, default=int(name)))


def _words(post: _Fields) -> str:
    """Return the whole text: of long posts the note, entities resolved, links written out."""
    note = post.get("note_tweet")
    whole = note if isinstance(note, dict) and _text(note, "text") else post
    text = html.unescape(_text(whole, "text"))
    entities = whole.get("entities")
    links = _fields(entities.get("urls")) if isinstance(entities, dict) else ()
    for count, link in enumerate(links):
        short, target = _text(link, "url"), safe_link(_text(link, "expanded_url"))
        if count < MOST_LINKS and short.startswith("https://t.co/") and target:
            text = text.replace(short, target)
    return clean(text)


def _author(name: str, users: Mapping[str, _Fields]) -> Author:
    own = users.get(name, {})
    handle = clean_line(_text(own, "username"), 80)
    counted = own.get("public_metrics")
    followers = counted.get("followers_count") if isinstance(counted, dict) else None
    return Author(
        id=clean_line(name, 80),
        handle=f"@{handle}" if handle else "",
        name=clean_line(_text(own, "name"), 200),
        followers=followers if isinstance(followers, int) else None,
    )


def _answered(post: _Fields) -> str:
    for other in _fields(post.get("referenced_tweets")):
        if other.get("type") == "replied_to":
            return _text(other, "id")
    return ""


def _metrics(counted: object) -> Mapping[str, float]:
    if not isinstance(counted, dict):
        return NOTHING
    numbers = {name: counted.get(theirs) for theirs, name in _METRICS.items()}
    return {
        name: float(number)
        for name, number in numbers.items()
        if isinstance(number, int) and 0 <= number < 1 << 53
    }


def _users(includes: object) -> Mapping[str, _Fields]:
    listed = includes.get("users") if isinstance(includes, dict) else None
    return {_text(user, "id"): user for user in _fields(listed)}


def _fields(listed: object) -> Iterable[_Fields]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _text(fields: _Fields, name: str) -> str:
    found = fields.get(name)
    return found if isinstance(found, str) else ""
