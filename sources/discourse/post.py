"""Posts of Discourse as mentions, and the names they go by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from sources.http.json_answer import Fields, date, identity, listed, metrics, string, whole
from sources.http.link import host_of, safe_link
from sources.mention import Author, Mention, Thread
from sources.text import clean_line, html_text

KIND = "discourse"
_ASIDE = re.compile(r"<aside(?=[\s>])[^<>]{0,2000}+>|</aside\s*>", re.IGNORECASE)
LIKES = 2  # the type of a like among the actions on a post


@dataclass(frozen=True, slots=True)
class Forum:
    """One forum, by its public address.

    A post goes by forum, topic and number (`community.example.org/t/55/3`), because that is how
    posts name what they answer.
    """

    url: str

    @property
    def name(self) -> str:
        """Host and path: what makes ids of this forum its own."""
        return host_of(self.url) + urlsplit(self.url).path.rstrip("/")

    def post_id(self, topic: str, number: int) -> str:
        """Return the external id of a post."""
        return f"{self.name}/t/{topic}/{number}"

    def place_of(self, external_id: str) -> tuple[str, str] | None:
        """Return topic and number of one of this forum's ids; None for any other."""
        topic, slash, number = external_id.removeprefix(f"{self.name}/t/").partition("/")
        own = external_id.startswith(f"{self.name}/t/") and slash
        return (topic, number) if own and topic.isdecimal() and number.isdecimal() else None

    def mention(self, post: Fields, title: str = "") -> Mention | None:
        """Read a post with its words in `cooked`; None when it has no words, place or date.

        `title` is the topic's where the post does not carry it.
        """
        topic, number = identity(post, "topic_id"), whole(post, "post_number")
        written = date(post, "created_at")
        cooked = string(post, "cooked")
        text = html_text(_own_words(cooked)) or html_text(cooked)
        if not topic or number is None or number < 1 or written is None or not text:
            return None
        answered = whole(post, "reply_to_post_number")
        user = clean_line(string(post, "username"), 200)
        first = self.post_id(topic, 1)
        parent = self.post_id(topic, answered) if answered and answered > 0 else first
        slug = quote(string(post, "topic_slug")[:200], safe="") or "-"
        title = title or string(post, "topic_title")
        return Mention(
            kind=KIND,
            external_id=self.post_id(topic, number),
            text=text,
            title=clean_line(title) if number == 1 else "",
            created_at=written,
            author=Author(
                id=f"{self.name}/u/{user.casefold()}" if user else "",
                handle=f"@{user}" if user else "",
                name=clean_line(string(post, "name"), 200) or user,
            ),
            url=safe_link(f"{self.url}/t/{slug}/{topic}/{number}"),
            thread=Thread() if number == 1 else Thread(first, parent),
            metrics=metrics(
                replies=post.get("reply_count"), views=post.get("reads"), likes=_likes(post)
            ),
        )


def _own_words(cooked: str) -> str:
    """Leave out what a post quotes or previews: those are the words of somebody else.

    Asides are counted, so that a quote within a quote goes too; one pass, whatever is unbalanced.
    """
    if "<aside" not in cooked:
        return cooked
    kept, start, depth = [], 0, 0
    for tag in _ASIDE.finditer(cooked):
        if depth == 0:
            kept.append(cooked[start : tag.start()])
        depth = max(depth - 1, 0) if tag[0][1] == "/" else depth + 1
        start = tag.end()
    if depth == 0:
        kept.append(cooked[start:])
    return "\n".join(kept)


def _likes(post: Fields) -> object:
    if "like_count" in post or "actions_summary" not in post:
        return post.get("like_count")
    actions = post.get("actions_summary")
    for action in actions if isinstance(actions, list) else ():
        if isinstance(action, dict) and action.get("id") == LIKES:
            return action.get("count")
    return None


def is_gone(post: Fields) -> bool:
    """Whether a post that is still shown is one its author or a moderator has taken back."""
    return bool(string(post, "deleted_at")) or post.get("user_deleted") is True


def titles_of(found: Fields, where: str) -> dict[str, str]:
    """Return the titles of the topics that come beside search results, by topic id."""
    topics = listed(found, "topics", where) if "topics" in found else ()
    return {
        identity(topic, "id"): string(topic, "title") for topic in topics if isinstance(topic, dict)
    }
