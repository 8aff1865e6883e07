"""The numbers of cases, issues and mentions, as somebody types them."""

from __future__ import annotations

import re

import click

_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)


class Number(click.ParamType[int]):
    """The number of a case, an issue …; whoever types something else is told where they stand."""

    def __init__(self, noun: str, listed_by: str) -> None:
        """For a noun with its article ("a case"), whose numbers a command lists."""
        self.name = noun.rpartition(" ")[2]
        self._noun = noun
        self._listed_by = listed_by

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read it, or say what would have been right."""
        text = str(value)
        if not _DIGITS.fullmatch(text) or not int(text):
            told = f"{text!r} is not the number of {self._noun}; see {self._listed_by}"
            self.fail(told, param, ctx)
        return int(text)


CASE = Number("a case", "listener queue list")
ISSUE = Number("an issue", "listener issues list")
MENTION = Number("a mention", "listener issues show ISSUE")
SUGGESTION = Number("a suggestion", "listener issues suggestions")
DELIVERY = Number("a delivery", "listener notify list")

case_argument = click.argument("case", type=CASE)
issue_argument = click.argument("issue", type=ISSUE)
