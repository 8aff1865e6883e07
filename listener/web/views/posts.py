"""What was said in a case's conversation, by whom, ready to be shown: cut in pieces, never as markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from listener.conversation import CUSTOMER, spans, speaker
from listener.store.rows import CaseFile, MentionRow
from listener.web.views.rows import person_name, source_name
from listener.web.views.times import When, when
from sources.http.link import host_of, safe_link
from sources.text import clean
from triage.verdict import Signal

SHOWN = 3_000  # characters of a post before the rest must be opened
LONGEST = 45_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; `why` names the signal that it carries, "" for none."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a post said before it was edited."""

    text: str
    at: When


@dataclass(frozen=True, slots=True)
class Said:
    """One post of a conversation. `who` is customer, another customer or us."""

    id: int
    who: str
    in_case: bool
    author: str
    followers: int | None
    source: str
    seen_by: tuple[str, ...]
    folded: int
    url: str
    host: str
    lang: str
    at: When
    edited: When | None
    deleted: bool
    pieces: tuple[Piece, ...]
    rest: str
    length: int
    earlier: tuple[Earlier, ...]


def conversation(file: CaseFile, now: datetime) -> tuple[Said, ...]:
    """All that was said around a case and in it, in order of time."""
    own = {row.id: row for row in file.mentions}
    around = {row.id: row for row in file.thread}
    rows = sorted({**around, **own}.values(), key=lambda row: (row.mention.created_at, row.id))
    return tuple(_said(row, file, row.id in own, now) for row in rows)


def pieces(text: str, signals: Sequence[Signal]) -> tuple[Piece, ...]:
    """A text cut where the words of its signals begin and end."""
    found, end = list[Piece](), 0
    for start, stop in spans(signals, len(text)):
        if start > end:
            found.append(Piece(text[end:start], ""))
        names = {one.name.replace("_", " ") for one in signals if start <= one.start < stop}
        found.append(Piece(text[start:stop], ", ".join(sorted(names))))
        end = stop
    if end < len(text):
        found.append(Piece(text[end:], ""))
    return tuple(found)


def _said(row: MentionRow, file: CaseFile, in_case: bool, now: datetime) -> Said:
    said, who = row.mention, speaker(row, file)
    link = safe_link(said.url)
    text = clean(said.full_text[:LONGEST])
    # Spans count in the text as stored; they fit only when cleaning changed nothing.
    known = row.verdict.signals if row.verdict is not None and who == CUSTOMER else ()
    signals = known if text == said.full_text else ()
    return Said(
        id=row.id,
        who=who,
        in_case=in_case,
        author=person_name(said.author.handle or said.author.name) or "unknown",
        followers=said.author.followers,
        source=source_name(row.source),
        seen_by=tuple(source_name(one) for one in row.sources[1:9]),
        folded=row.folded,
        url=link,
        host=host_of(link),
        lang=row.verdict.lang if row.verdict is not None else said.lang,
        at=when(said.created_at, now),
        edited=None if row.edited_at is None else when(row.edited_at, now),
        deleted=row.deleted_at is not None,
        pieces=pieces(text[:SHOWN], signals),
        rest=text[SHOWN:],
        length=len(said.full_text),
        earlier=tuple(
            Earlier(clean(old[:SHOWN]), when(at, now))
            for mention, at, old in file.edits
            if mention == row.id
        ),
    )
