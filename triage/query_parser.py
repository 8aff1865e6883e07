"""The brand query language: from text to tree, with errors that point at the character."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple, NoReturn

from triage.query_tree import (
    FARTHEST,
    FIELDS,
    HANDLE,
    OPERATORS,
    And,
    Everything,
    Field,
    Handle,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Tag,
    fold,
    has_place,
    words,
)

LONGEST = 20_000
MOST_TERMS = 2_000
DEEPEST = 30
LONGEST_CHAIN = 4
LONGEST_PHRASE = 50
QUOTES = str.maketrans("“”„‟«»＂", '"""""""')
SIGNS = str.maketrans("＠＃＊（）：", "@#*():")
PIECE = re.compile(r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<quote>")|(?P<word>[^\s()"]+))')
FIELD = re.compile(r"([A-Za-z_]+):")
NEAR = re.compile(r"NEAR(?:/(\d{1,9}))?", re.ASCII)
SMALL = re.compile(r"and|or|not|near(?:/\d*)?", re.ASCII | re.IGNORECASE)
HANDLE_SIGN = re.compile(r"^(?:@|/?u/)+")
SIMPLE = re.compile(r"[@#]?\w+\*?")


class QueryError(ValueError):
    """A query that cannot be read.

    `position` is the character it is about, counted from 1; `problem` says what is wrong there,
    `suggestion` what would be right (may be empty). As text: position and problem, the query with a
    caret below the character, and the suggestion.
    """

    def __init__(self, query: str, at: int, problem: str, suggestion: str = "") -> None:
        """`at` counts from 0."""
        self.position = at + 1
        self.problem = problem
        self.suggestion = suggestion
        begin = max(0, at - 50)
        shown = "".join(c if c.isprintable() else " " for c in query[begin : at + 30])
        lead, tail = ("…" if begin else ""), ("…" if at + 30 < len(query) else "")
        caret = " " * (len(lead) + at - begin) + "^"
        message = f"query:{self.position}: {problem}\n  {lead}{shown}{tail}\n  {caret}"
        super().__init__(f"{message}\n  {suggestion}" if suggestion else message)


class _Token(NamedTuple):
    """`kind` is open, close, quote, word, NOT (also a minus), AND, OR, NEAR or end."""

    kind: str
    text: str
    at: int
    field: str = ""
    field_at: int = 0


def parse(query: str) -> Node:
    """Read a query. Raises QueryError for what cannot be read, and for what is too large."""
    if len(query) > LONGEST:
        raise QueryError(
            query, LONGEST, f"the query is longer than {LONGEST:,} characters", "split the brand"
        )
    plain = query.translate(QUOTES).translate(SIGNS)
    return _Parser(query, _tokens(query, plain)).query()


def _tokens(query: str, plain: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    field, field_at = "", 0
    while piece := PIECE.match(plain, at):
        kind = str(piece.lastgroup)
        begin, at = piece.start(kind), piece.end()
        text = piece[kind]
        if field and (kind != "quote" or begin != field_at + len(field) + 1):
            _no_value(query, field, field_at)
        if kind == "quote":
            end = plain.find('"', at)
            if end < 0:
                raise QueryError(query, begin, "this quote is never closed", 'add a " at its end')
            found.append(_Token("quote", plain[at:end], begin, field, field_at))
            field, at = "", end + 1
            continue
        if kind == "word" and text[0] == "-" and len(text.rstrip("-")) != 0:
            found.append(_Token("NOT", "-", begin))
            begin, text = begin + 1, text[1:]
        elif kind == "word" and text == "-" and plain[at : at + 1] in ('"', "("):
            found.append(_Token("NOT", "-", begin))
            continue
        named = FIELD.match(text) if kind == "word" else None
        if named:
            field, field_at = named[1], begin
            _known_field(query, field, field_at)
            if value := text[named.end() :]:
                found.append(_Token("word", value, begin + named.end(), field, begin))
                field = ""
            continue
        found.append(_Token(_operator(text) if kind == "word" else kind, text, begin))
    if field:
        _no_value(query, field, field_at)
    found.append(_Token("end", "", len(query.rstrip())))
    return found


def _operator(text: str) -> str:
    if text == "NEAR" or text.startswith("NEAR/"):
        return "NEAR"
    return text if text in OPERATORS else "word"


def _no_value(query: str, field: str, at: int) -> NoReturn:
    raise QueryError(
        query,
        at + len(field) + 1,
        f"expected a value right after {field}:",
        f'write {field}:value or {field}:"two words", without a space behind the colon',
    )


def _known_field(query: str, field: str, at: int) -> None:
    known = (*FIELDS, "case")
    if field in known:
        return
    close = get_close_matches(field.lower(), known, 1, 0.5)
    suggestion = f"did you mean {close[0]}:? " if close else ""
    raise QueryError(
        query,
        at,
        f"“{field}:” is not known; known are {', '.join(f'{name}:' for name in known)}",
        f"{suggestion}Put it in quotes to search for the words themselves",
    )


class _Parser:
    """Recursive descent: OR binds loosest, then AND, NOT, NEAR; depth and terms are bounded."""

    def __init__(self, query: str, tokens: list[_Token]) -> None:
        self._query = query
        self._tokens = tokens
        self._next = 0
        self._terms = 0
        self._depth = 0

    def query(self) -> Node:
        """The whole query."""
        if self._peek().kind == "end":
            self._fail(self._peek(), "the query is empty", "write * to take in everything")
        found = self._or()
        if self._peek().kind == "close":
            self._fail(self._peek(), "this ) closes nothing", "remove it, or add a ( before")
        return found

    def _or(self) -> Node:
        parts = [self._and("at the beginning")]
        while self._peek().kind == "OR":
            parts.append(self._and(f"after {self._take().text}"))
        flat = [own for part in parts for own in (part.parts if isinstance(part, Or) else (part,))]
        return flat[0] if len(flat) == 1 else Or(tuple(flat))

    def _and(self, where: str) -> Node:
        parts = [self._not(where)]
        while self._peek().kind not in ("OR", "close", "end"):
            if self._peek().kind == "AND":
                parts.append(self._not(f"after {self._take().text}"))
            else:
                parts.append(self._not("here"))
        flat = [own for part in parts for own in (part.parts if isinstance(part, And) else (part,))]
        return flat[0] if len(flat) == 1 else And(tuple(flat))

    def _not(self, where: str) -> Node:
        if self._peek().kind != "NOT":
            return self._near(where)
        operator = self._take()
        self._deeper(operator)
        part = self._not(f"after {operator.text}")
        self._depth -= 1
        return part.part if isinstance(part, Not) else Not(part)

    def _near(self, where: str) -> Node:
        found = self._term(where)
        chain = 0
        while self._peek().kind == "NEAR":
            operator = self._take()
            distance = self._distance(operator)
            right = self._term(f"after {operator.text}")
            chain += 1
            if chain > LONGEST_CHAIN:
                self._fail(operator, f"more than {LONGEST_CHAIN} NEAR in a row", "use fewer")
            for side in (found, right):
                if not has_place(side):
                    self._fail(
                        operator,
                        f"NEAR cannot measure from “{_cut(str(side))}”",
                        "NEAR stands between words, phrases, handles, or an OR of these",
                    )
            found = Near(found, right, distance)  # type: ignore[arg-type]  # has_place
        return found

    def _distance(self, operator: _Token) -> int:
        digits = NEAR.fullmatch(operator.text)
        number = int(digits[1]) if digits and digits[1] else 0
        if not 1 <= number <= FARTHEST:
            self._fail(
                operator,
                "NEAR needs a distance in words",
                f"write NEAR/5 for at most 5 words apart (1 to {FARTHEST})",
            )
        return number

    def _term(self, where: str) -> Node:
        token = self._take()
        if token.kind == "open":
            return self._group(token)
        if token.kind not in ("word", "quote"):
            self._next -= 1
            what = f", found {token.text}" if token.text else ""
            self._fail(token, f"expected a term {where}{what}", self._ending(token))
        self._terms += 1
        if self._terms > MOST_TERMS:
            self._fail(token, f"more than {MOST_TERMS:,} terms", "split the brand in two")
        if token.field and token.field != "case":
            return self._field(token)
        if token.kind == "quote":
            return self._phrase(token)
        return self._word(token)

    def _group(self, opening: _Token) -> Node:
        self._deeper(opening)
        found = self._or() if self._peek().kind != "close" else None
        if self._peek().kind != "close":
            self._fail(opening, "this ( is never closed", "add a ) where the group ends")
        self._take()
        if found is None:
            self._fail(opening, "nothing between ( and )", "remove them, or write a term inside")
        self._depth -= 1
        return found

    def _field(self, token: _Token) -> Node:
        value = " ".join(fold(token.text).split())
        if token.field == "from":
            value = plain_handle(value)
        elif token.field == "site":
            value = re.sub(r"^(?:https?://|www\.)+", "", value).rstrip("/")
        if not value:
            self._fail(token, f"expected a value after {token.field}:")
        if "*" in value:
            self._fail(token, f"{token.field}: takes no *", "write the whole value")
        return Field(token.field, value)

    def _phrase(self, token: _Token) -> Node:
        cased = token.field == "case"
        if "*" in token.text:
            self._fail(
                token,
                "a * inside quotes is not searched for",
                'write the words apart: (cancel* NEAR/1 "account")',
            )
        found = words(token.text if cased else fold(token.text))
        if not found:
            problem = "no letter or digit to search for between the quotes"
            self._fail(token, "an empty phrase" if not token.text.strip() else problem)
        return Phrase(self._bounded(token, found), cased)

    def _bounded(self, token: _Token, found: tuple[str, ...]) -> tuple[str, ...]:
        if len(found) > LONGEST_PHRASE:
            self._fail(token, f"a phrase of more than {LONGEST_PHRASE} words", "use a shorter one")
        return found

    def _word(self, token: _Token) -> Node:
        text = token.text
        cased = token.field == "case"
        if not cased and SMALL.fullmatch(text):
            self._fail(
                token,
                f"“{text}” in small letters",
                f'write {text.upper()} to combine terms, or "{text}" for the word itself',
            )
        if text == "*" and not cased:
            return Everything()
        if "*" in text[:-1] or (cased and "*" in text):
            self._fail(token, "a * can only end a word", "write prefix*, without case:")
        if text.startswith("@") and not cased:
            if not HANDLE.fullmatch(text):
                self._fail(token, f"“{_cut(text)}” is not a handle", "write @name or @name@server")
            return Handle(fold(text[1:]))
        if text.endswith("*"):
            return self._prefix(token)
        found = words(text if cased else fold(text))
        if not found:
            self._fail(token, f"no letter or digit to search for in “{_cut(text)}”")
        if text.startswith("#") and not cased:
            return Tag(self._whole(token, text[1:], self._bounded(token, found)))
        return Phrase(self._bounded(token, found), cased)

    def _prefix(self, token: _Token) -> Node:
        stem = words(fold(token.text[:-1]))
        if len(stem) != 1 or not SIMPLE.fullmatch(token.text) or token.text[0] in "@#":
            self._fail(token, "a * needs one plain word before it", "write refund*, or quote it")
        return Prefix(stem[0])

    def _whole(self, token: _Token, text: str, found: tuple[str, ...]) -> tuple[str, ...]:
        """A tag is one run of letters: anything else in it would never be found."""
        if "".join(found) != fold(text):
            self._fail(token, f"“{_cut(token.text)}” is not a hashtag", "letters and digits only")
        return found

    def _deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(token, f"nested more than {DEEPEST} deep", "remove some ( ) or NOT")

    def _ending(self, token: _Token) -> str:
        if token.kind in ("AND", "OR", "NEAR"):
            return f"remove {token.text}, or put a term before it"
        before = self._tokens[self._next - 1] if self._next else token
        return f"remove {before.text}, or put a term behind it" if before.text else ""

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _fail(self, token: _Token, problem: str, suggestion: str = "") -> NoReturn:
        raise QueryError(self._query, token.at, problem, suggestion)


def plain_handle(name: str) -> str:
    """A handle without the sign of its platform: `@acme`, `u/acme` and `/u/acme` are `acme`."""
    return HANDLE_SIGN.sub("", name)


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
