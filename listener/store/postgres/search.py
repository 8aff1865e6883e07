"""Words to look for: cut by SQLite's full-text search, so that both databases find the same posts."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence, Set
from itertools import groupby
from operator import itemgetter

# Between two ASCII characters that are no letters and no digits SQLite cuts whatever it cuts
# independently of all else; and what is ASCII alone is one word, in small letters.
_PIECE = re.compile("[0-9A-Za-z\x80-\U0010ffff]+")
_KNOWN = 50_000  # pieces whose words are remembered
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_PLACES = 16_383  # places of words that PostgreSQL tells apart in one post
_PLACES_OF_ONE = 255
_LONGEST = 500  # characters of a word; PostgreSQL refuses 2 KB
_SHORT = _LONGEST  # characters of a post in which no word is too long, nor its places too many
_LARGEST = 900_000  # bytes of a post's words; PostgreSQL refuses 1 MB
_APART = 10  # places between two fields, so that no phrase runs from one into the other
_NONE = "'a' & !'a'"  # finds nothing, as a search without a word does


class Cutter:
    """Cuts texts into words in a database of its own, in memory. For one thread at a time."""

    def __init__(self) -> None:
        """Make the index that is written to and read from again. Repeated pieces are cut once."""
        self._conn = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._conn.execute(
            "CREATE VIRTUAL TABLE said USING fts5(title, text, handle, content = '',"
            " tokenize = 'unicode61 remove_diacritics 2')"
        )
        self._conn.execute("CREATE VIRTUAL TABLE cut USING fts5vocab(said, instance)")
        self._known: dict[str, list[str]] = {}

    def close(self) -> None:
        """Give the memory back."""
        self._conn.close()

    def indexed(self, posts: Sequence[tuple[int, str, str, str]]) -> Iterator[tuple[int, str]]:
        """The words of posts (id, title, text, handle) with their places, as `tsvector`s are written.

        Of a post without measure the first words are found, and the phrases near its beginning.
        """
        long = [post for post in posts if not _plain(post)]
        found = self._cut(long) if long else {}
        for post in posts:
            yield post[0], _vector(found[post[0]]) if post[0] in found else _plain_vector(post)

    def asked(self, match: str) -> str:
        """A query as the verbs write it (phrases in quotes, a star for an unfinished word) as `tsquery`."""
        phrases = [found[1].replace('""', '"') for found in _QUOTED.finditer(match)]
        cut = self._cut([(n, phrase, "", "") for n, phrase in enumerate(phrases)])
        written = [
            [f"'{word[:_LONGEST]}'" for _, _, word in cut.get(n, [])] for n in range(len(phrases))
        ]
        if match.endswith("*") and written and written[-1]:
            written[-1][-1] += ":*"
        return " & ".join(f"({' <-> '.join(phrase)})" for phrase in written if phrase) or _NONE

    def _cut(
        self, posts: Sequence[tuple[int, str, str, str]]
    ) -> dict[int, list[tuple[int, int, str]]]:
        """By post its words in order, as (field, place in the field, word)."""
        pieces = [(id, [_PIECE.findall(field) for field in fields]) for id, *fields in posts]
        known = self._words(
            {one for _, of in pieces for field in of for one in field if not one.isascii()}
        )
        found: dict[int, list[tuple[int, int, str]]] = {}
        for id, fields in pieces:
            said = found[id] = []
            for field, listed in enumerate(fields):
                words: list[str] = []
                for piece in listed:
                    if piece.isascii():
                        words.append(piece.lower())
                    else:
                        words += known[piece]
                said += [(field, place, word) for place, word in enumerate(words)]
        return found

    def _words(self, pieces: Set[str]) -> dict[str, list[str]]:
        """The words of pieces that are not ASCII alone; SQLite's tables know, we do not."""
        if new := list(pieces - self._known.keys()):
            if len(self._known) + len(new) > _KNOWN:
                self._known.clear()
                new = list(pieces)
            found = self._cut_by_sqlite(new)
            self._known.update((piece, found.get(n, [])) for n, piece in enumerate(new))
        return self._known

    def _cut_by_sqlite(self, pieces: Sequence[str]) -> dict[int, list[str]]:
        self._conn.execute("BEGIN")
        try:
            self._conn.executemany(
                "INSERT INTO said (rowid, text) VALUES (?, ?)", enumerate(pieces)
            )
            rows = self._conn.execute("SELECT doc, term FROM cut ORDER BY doc, offset").fetchall()
        finally:
            self._conn.execute("ROLLBACK")
        return {n: [word for _, word in found] for n, found in groupby(rows, itemgetter(0))}


def _plain(post: tuple[int, str, str, str]) -> bool:
    """Whether a post is ASCII and so short that no bound can be met but one."""
    _, *fields = post
    return sum(map(len, fields)) <= _SHORT and all(field.isascii() for field in fields)


def _plain_vector(post: tuple[int, str, str, str]) -> str:
    """What `_vector` gives, for a plain post: five times as fast, and most posts are plain."""
    places: dict[str, list[int]] = {}
    last = 0
    for of, field in enumerate(post[1:]):
        words = _PIECE.findall(str(field).lower())
        if not words:
            continue
        last += _APART * bool(of)
        for word in words:
            last += 1
            known = places.get(word)
            if known is None:
                places[word] = [last]
            else:
                known.append(last)
    return " ".join(
        [f"'{word}':{','.join(map(str, known[:_PLACES_OF_ONE]))}" for word, known in places.items()]
    )


def _vector(said: Sequence[tuple[int, int, str]]) -> str:
    places: dict[str, list[int]] = {}
    start = last = size = field = 0
    for of, offset, word in said:
        if of != field:
            start, field = last + _APART, of
        last = start + offset + 1
        known = places.get(word[:_LONGEST])
        if known is None:
            size += len(word[:_LONGEST].encode()) + 8
            if size > _LARGEST:
                break
            known = places[word[:_LONGEST]] = []
        if len(known) < _PLACES_OF_ONE and last <= _PLACES:
            known.append(last)
            size += 2
    return " ".join(
        f"'{word}':{','.join(map(str, known))}" if known else f"'{word}'"
        for word, known in places.items()
    )
