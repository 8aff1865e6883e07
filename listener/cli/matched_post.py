"""A post as a query sees it: its beginning, or where its words were found, with them marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.cli.console import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from sources.mention import Mention
    from triage.query import Hit

LONGEST_TITLE = 80
LONGEST_TEXT = 160
BEFORE = 40  # letters shown before the first word that was found
MARK = "bold yellow"


def post(mention: Mention, hits: Sequence[Hit]) -> Text:
    """Author, title and text on one line, made harmless, the words that were found marked."""
    from rich.text import Text

    line = Text(safe(mention.author.handle or mention.author.id, 40), style="cyan")
    line = Text.assemble(line, "  ") if line.plain else Text()
    if mention.title:
        line.append_text(_marked(mention.title, hits, "title", LONGEST_TITLE)).append(" — ")
    return line.append_text(_marked(mention.text, hits, "text", LONGEST_TEXT))


def as_plain(mention: Mention, hits: Sequence[Hit]) -> dict[str, object]:
    """The post for JSON; `start` and `end` of a hit count in what `where` names."""
    return {
        "kind": mention.kind,
        "id": mention.external_id,
        "author": mention.author.handle,
        "created_at": mention.created_at,
        "url": mention.url,
        "title": mention.title,
        "text": mention.text,
        "hits": [hit._asdict() for hit in hits],
    }


def _marked(text: str, hits: Sequence[Hit], where: str, longest: int) -> Text:
    from rich.text import Text

    places = sorted((hit.start, hit.end) for hit in hits if hit.where == where)
    at = max(0, places[0][0] - BEFORE) if places and places[0][1] > longest else 0
    end = at + longest
    shown = Text("…" if at else "")
    for begin, behind in places:
        if begin >= end:
            break
        if behind > at:
            shown.append(safe(text[at : max(at, begin)]))
            shown.append(safe(text[max(at, begin) : min(behind, end)]), style=MARK)
            at = min(behind, end)
    shown.append(safe(text[at:end]))
    return shown.append("…" if end < len(text) else "")
